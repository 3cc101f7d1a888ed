import { type Lack, type Passing, passedMaxBytes, stepOver } from './stomp-frame.ts';

/** The largest frame that is taken whole: 16 MiB. A message of the DAQ has about 1 kB. */
const frameMaxBytes = 16 * 1024 * 1024;

/** Cuts the bytes of a line into frames and heart-beats. */
export type Framer = {
  /** Hands on what the bytes complete. Throws what is wrong with them: nothing that comes after can be trusted then. */
  readonly push: (chunk: Buffer, handOn: (piece: Buffer) => void) => void;
};

/** What is left of a chunk when what is to be passed over is taken off it, and what is still to be passed over after it. */
const passOver = (chunk: Buffer, { bytes, toNull }: Passing): { readonly left: Buffer; readonly passing: Passing } => {
  const lastAt = toNull ? chunk.indexOf(0) : bytes - 1;
  if (lastAt !== -1 && lastAt < chunk.length)
    return { left: chunk.subarray(lastAt + 1), passing: { bytes: 0, toNull } };
  if (bytes <= chunk.length) throw new Error(`a frame is larger than ${passedMaxBytes} bytes`);
  return { left: chunk.subarray(chunk.length), passing: { bytes: bytes - chunk.length, toNull } };
};

/**
 * Makes a framer. The STOMP library keeps whatever it is sent until a frame ends, and reads on over a damaged one; behind a
 * framer it sees whole frames of a bounded size only. O(bytes); holds one frame.
 */
export const createFramer = (maxBytes = frameMaxBytes): Framer => {
  let parts: Buffer[] = [];
  let size = 0;
  let passing: Passing = { bytes: 0, toNull: false };
  let lack: Lack = { atLeast: 1, needsNull: false };

  /** Hands on what is whole; returns the rest. */
  const cut = (bytes: Buffer, handOn: (piece: Buffer) => void): Buffer => {
    let at = 0;
    lack = { atLeast: 1, needsNull: false };
    while (at < bytes.length) {
      const step = stepOver(bytes.subarray(at), maxBytes);
      if ('atLeast' in step) {
        lack = step;
        break;
      }
      handOn(step.piece);
      at += step.taken;
      passing = step.passing;
    }
    return bytes.subarray(at);
  };

  return {
    push: (chunk, handOn) => {
      let bytes = chunk;
      if (passing.bytes > 0) ({ left: bytes, passing } = passOver(chunk, passing));
      parts.push(bytes);
      size += bytes.length;
      const isNullMissing = lack.needsNull && size <= maxBytes && !bytes.includes(0);
      if (size < lack.atLeast || isNullMissing) return;
      const rest = cut(Buffer.concat(parts), handOn);
      parts = rest.length === 0 ? [] : [rest];
      size = rest.length;
    },
  };
};
