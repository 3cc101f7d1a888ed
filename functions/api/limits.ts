/** So many requests in a time; unused ones are saved up to as many. */
export type Quota = { readonly requests: number; readonly windowS: number };

/** What one principal may hold at a time. */
export type Bound = {
  /** Requests that are held back until there is news (`waitMs`): the views, pilots and scripts of one person. */
  readonly waiting: number;
  /** Bytes of bodies from when they are announced until they are answered: four definitions of the largest size. */
  readonly bodyBytes: number;
};
/** For somebody who is known, and for this machine's own programs: who shows no token, and the administrator. */
export type Bounds = Readonly<Record<'known' | 'local', Bound>>;

/** What the front takes of anybody before it says no. Each number has its reason; time is in the unit of its name. */
export type Limits = {
  /** More than all live streams (live/policy.ts), views, CLIs and pilots hold; less than the files a process may have open. */
  readonly connections: number;
  /** Of these, what one address beyond this machine may hold, so that one site's loop does not lock out another's. */
  readonly connectionsPerAddress: number;
  /** A request's headers are one small write: who needs longer is not sending them. */
  readonly headersTimeoutMs: number;
  /** A definition of 8 MB over a bad line comes in this time; a body in drops does not. */
  readonly requestTimeoutMs: number;
  /** How often the two times above are looked at. */
  readonly checkEveryMs: number;
  /** How long a connection waits for its next request. Longer than a view's polling interval. */
  readonly keepAliveMs: number;
  /** All headers of a request, a token of an issuer (up to 16 kB) among them. */
  readonly headerMaxBytes: number;
  /** Nesting of a JSON body; AWS takes no deeper definitions either. */
  readonly jsonMaxDepth: number;
  /** What one principal holds; well under `connections`, so that one alone never takes them all. */
  readonly bounds: Bounds;
  /** Bodies up to this size are not counted: all connections together hold little of them. */
  readonly bodyFreeBytes: number;
  /** Tokens of one maker that hold at a time; an administrator has no such bound. */
  readonly tokensAlive: number;
  /** Tokens that one maker makes. */
  readonly tokensMade: Quota;
  /** Who is known, by principal: a pilot's every second, and a script that walks a list, with room. */
  readonly known: Quota;
  /** On this machine: who shows no token, all of them together, and the administrator. */
  readonly local: Quota;
  /** Who is not known and comes from elsewhere, by address. */
  readonly unknown: Quota;
  /** Tokens that are refused, by address: past it, the refusal says when to come again. */
  readonly refused: Quota;
};

/** The limits that papilio has unless it is told others. */
export const defaultLimits: Limits = {
  connections: 4_500,
  connectionsPerAddress: 128,
  headersTimeoutMs: 5_000,
  requestTimeoutMs: 10_000,
  checkEveryMs: 1_000,
  keepAliveMs: 72_000,
  headerMaxBytes: 32_768,
  jsonMaxDepth: 200,
  bounds: {
    known: { waiting: 100, bodyBytes: 33_554_432 },
    local: { waiting: 1_000, bodyBytes: 67_108_864 },
  },
  bodyFreeBytes: 16_384,
  tokensAlive: 100,
  tokensMade: { requests: 30, windowS: 3_600 },
  known: { requests: 6_000, windowS: 60 },
  local: { requests: 120_000, windowS: 60 },
  unknown: { requests: 600, windowS: 60 },
  refused: { requests: 60, windowS: 60 },
};
