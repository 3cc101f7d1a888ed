/** Time, as a port: the only clock that papilio's code reads, so that tests can turn the hands. */
export type Clock = {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  readonly nowMs: () => number;
  /** Calls `wake` once at or after `atMs`; returns a function that cancels it. */
  readonly at: (atMs: number, wake: () => void) => () => void;
};
