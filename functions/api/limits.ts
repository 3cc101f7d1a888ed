/** So many requests in a time; unused ones are saved up to as many. */
export type Quota = { readonly requests: number; readonly windowS: number };

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
  /** Who is known, by principal: a pilot's every second, and a script that walks a list, with room. */
  readonly known: Quota;
  /** Who is not known, by address, and whoever is on this machine: all of its programs together. */
  readonly local: Quota;
  /** Who is not known and comes from elsewhere, by address. */
  readonly unknown: Quota;
  /** Tokens that are refused, by address: a mistake is tried again by hand, a guess by a machine. */
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
  known: { requests: 6_000, windowS: 60 },
  local: { requests: 120_000, windowS: 60 },
  unknown: { requests: 600, windowS: 60 },
  refused: { requests: 60, windowS: 60 },
};
