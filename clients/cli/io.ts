/** Where the command line reads and writes: data to `out`, talk to `err`. */
export type Io = {
  /** What is piped into it. */
  readonly in?: AsyncIterable<unknown> & { readonly isTTY?: boolean };
  readonly out: Stream;
  readonly err: Stream;
  /** Fires when the user wants to stop. */
  readonly signal: AbortSignal;
};

export type Stream = {
  /** Bytes only from a command whose data are bytes. */
  write(data: string | Uint8Array): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly on?: (event: 'resize', listener: () => void) => unknown;
  readonly once?: (event: 'drain', listener: () => void) => unknown;
  readonly off?: (event: 'resize', listener: () => void) => unknown;
};
