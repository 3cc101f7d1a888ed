/** The largest frame that is taken from a broker: 16 MiB. A message of the DAQ has about 1 kB. */
const frameMaxBytes = 16 * 1024 * 1024;
const headMaxBytes = 64 * 1024;

const byte = { null: 0, lineFeed: 10, carriageReturn: 13 } as const;

/** What is known of the end of a frame: where it is, or what must come before it can be. */
type Reach = { readonly end: number } | { readonly atLeast: number; readonly needsNull: boolean };

/** How many bytes the body has, as the head of a frame tells. Throws what is wrong with the head. */
const bodyBytesOf = ([command = '', ...headers]: readonly string[]): number | undefined => {
  if (!/^[A-Z]{1,20}$/.test(command)) throw new Error('malformed frame: it begins with no command');
  if (headers.some((header) => !/^[^\r]*:[^\r]*$/.test(header)))
    throw new Error('malformed frame: a header has no colon');
  const length = headers.find((header) => header.startsWith('content-length:'))?.slice('content-length:'.length);
  if (length === undefined) return undefined;
  if (!/^ *\d{1,15} *$/.test(length)) throw new Error('malformed frame: its content-length is no number');
  return Number(length);
};

/** The lines before the first blank one, and where the body begins; undefined if that has not come yet. */
const headOf = (bytes: Buffer): { readonly lines: string[]; readonly bodyAt: number } | undefined => {
  const lines: string[] = [];
  let from = 0;
  for (let at = bytes.indexOf(byte.lineFeed); at !== -1 && at < headMaxBytes; at = bytes.indexOf(byte.lineFeed, from)) {
    const line = bytes.toString('latin1', from, at).replace(/\r$/, '');
    from = at + 1;
    if (line === '') return { lines, bodyAt: from };
    lines.push(line);
  }
  return undefined;
};

const reachOf = (bytes: Buffer): Reach => {
  const head = headOf(bytes);
  if (head === undefined) {
    if (bytes.length >= headMaxBytes) throw new Error(`malformed frame: its head is larger than ${headMaxBytes} bytes`);
    return { atLeast: bytes.length + 1, needsNull: false };
  }
  const bodyBytes = bodyBytesOf(head.lines);
  if (bodyBytes === undefined) {
    const at = bytes.indexOf(byte.null, head.bodyAt);
    return at === -1 ? { atLeast: bytes.length + 1, needsNull: true } : { end: at + 1 };
  }
  const end = head.bodyAt + bodyBytes + 1;
  if (bytes.length < end) return { atLeast: end, needsNull: false };
  if (bytes[end - 1] !== byte.null) throw new Error('malformed frame: it is longer than its content-length');
  return { end };
};

/** Cuts the bytes of a line into frames and heart-beats. */
export type Framer = {
  /** Hands on what the bytes complete. Throws what is wrong with them: nothing that comes after can be trusted then. */
  readonly push: (chunk: Buffer, handOn: (piece: Buffer) => void) => void;
};

/**
 * Makes a framer. The STOMP library keeps whatever it is sent until a frame ends, and reads on over a damaged one; behind a
 * framer it sees whole frames of a bounded size only. O(bytes); holds one frame.
 */
export const createFramer = (maxBytes = frameMaxBytes): Framer => {
  const nothing = { atLeast: 1, needsNull: false };
  let parts: Buffer[] = [];
  let size = 0;
  let wanted = nothing;
  /** Hands on what is whole; returns the rest. */
  const cut = (bytes: Buffer, handOn: (piece: Buffer) => void): Buffer => {
    wanted = nothing;
    let at = 0;
    while (at < bytes.length) {
      const first = bytes[at];
      const isFiller = first === byte.null || first === byte.carriageReturn || first === byte.lineFeed;
      const reach = isFiller ? { end: 1 } : reachOf(bytes.subarray(at));
      if ('atLeast' in reach) {
        wanted = reach;
        break;
      }
      // Between frames a line feed is a heart-beat, and the library hears it.
      handOn(bytes.subarray(at, at + reach.end));
      at += reach.end;
    }
    return bytes.subarray(at);
  };
  return {
    push: (chunk, handOn) => {
      parts.push(chunk);
      size += chunk.length;
      if (size >= wanted.atLeast && (!wanted.needsNull || chunk.includes(byte.null))) {
        const rest = cut(Buffer.concat(parts), handOn);
        parts = rest.length === 0 ? [] : [rest];
        size = rest.length;
      }
      if (Math.max(size, wanted.atLeast) > maxBytes) throw new Error(`a frame is larger than ${maxBytes} bytes`);
    },
  };
};
