/** What live events may cost; each number may be turned by who runs a front. */
export const livePolicy = {
  /** Events on each other's heels go out together: the first at once, what follows after so long. */
  gatherMs: 50,
  /** How often it is said that a stream is still there: less than what stands between cuts as idle. */
  heartbeatMs: 15_000,
  /** The newest events are kept to serve those who come back soon, without a look into the store. */
  recentEvents: 8_192,
  /** Events that one who is further back is told at a time; as many of each log are read from the stores. */
  replayEvents: 100,
  /** What may wait for one client before it is told no more of what comes, but what it missed when it has taken that. */
  backlogBytes: 131_072,
  /** Bytes that are sent ahead of what a client has taken, while it is told what it missed. */
  aheadBytes: 65_536,
  /** A client that takes nothing for so long is dropped. */
  stallMs: 20_000,
  /** How often it is looked who takes nothing. */
  sweepMs: 5_000,
  /** Clients come back after 1 s to 3 s, each after its own time, so that they do not come all at once. */
  retryFirstMs: 1_000,
  retrySpreadMs: 2_000,
  /** Clients of a front, whoever they are. */
  clients: 4_000,
  /** Clients of one principal, with those of the tokens that it has made. */
  clientsOfOne: 50,
  /** Clients on this machine without a token, and as many of its administrator: half of all, so that others find room. */
  clientsOfThisMachine: 2_000,
} as const;

export type LivePolicy = { readonly [name in keyof typeof livePolicy]: number };
