/** Bytes that come in pieces, for a parser that is written as if they were all there. Memory is what `take` asks for. */

/** A parser that pauses for the next piece; it is given `undefined` at the end. */
export type Parsing<T> = Generator<undefined, T, Uint8Array | undefined>;

/** What has come and is not consumed yet. */
export type Input = {
  /** Bytes consumed so far. */
  readonly atByte: () => number;
  /** Takes so many bytes, copied together; fewer at the end. */
  readonly take: (sizeBytes: number) => Parsing<Buffer>;
  /** Lets so many bytes go by, piece by piece; returns how many there were. */
  readonly pass: (sizeBytes: number, see: (piece: Uint8Array) => void) => Parsing<number>;
};

/** Begins an input. */
export function createInput(): Input {
  let piece: Uint8Array = Buffer.alloc(0);
  let at = 0;
  let consumedBytes = 0;
  let hasEnded = false;

  function* hasMore(): Parsing<boolean> {
    while (at === piece.length && !hasEnded) {
      const next = yield;
      hasEnded = next === undefined;
      piece = next ?? Buffer.alloc(0);
      at = 0;
    }
    return at < piece.length;
  }

  function* pass(sizeBytes: number, see: (piece: Uint8Array) => void): Parsing<number> {
    let leftBytes = sizeBytes;
    while (leftBytes > 0 && (yield* hasMore())) {
      const seen = piece.subarray(at, at + leftBytes);
      at += seen.length;
      consumedBytes += seen.length;
      leftBytes -= seen.length;
      see(seen);
    }
    return sizeBytes - leftBytes;
  }

  function* take(sizeBytes: number): Parsing<Buffer> {
    const taken = Buffer.alloc(sizeBytes);
    let filled = 0;
    yield* pass(sizeBytes, (seen) => {
      taken.set(seen, filled);
      filled += seen.length;
    });
    return taken.subarray(0, filled);
  }

  return { atByte: () => consumedBytes, take, pass };
}
