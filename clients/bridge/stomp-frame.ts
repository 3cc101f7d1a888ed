/** The largest frame that is sat through: 1 GiB. */
export const passedMaxBytes = 1024 * 1024 * 1024;
const headMaxBytes = 64 * 1024;
/** What is kept of a message that is too large, to be seen in quarantine. */
const keptBytes = 64 * 1024;

const byte = { null: 0, lineFeed: 10, carriageReturn: 13 } as const;

/** Bytes that are passed over, at most so many; up to a null, or all of them. */
export type Passing = { readonly bytes: number; readonly toNull: boolean };
/** What must come before more can be said: so many bytes, and perhaps a null among the new ones. */
export type Lack = { readonly atLeast: number; readonly needsNull: boolean };
/** What is done with the beginning of some bytes: a piece for the library, and how many of them are used up by it. */
export type Step = { readonly piece: Buffer; readonly taken: number; readonly passing: Passing };

/** Where a frame begins its body and where it ends, its null included; no end if only a null will tell. */
type Outline = { readonly lines: readonly string[]; readonly bodyAt: number; readonly end: number | undefined };

/** How many bytes the body has, as the head of a frame tells. Throws what is wrong with the head. */
const bodyBytesOf = ([command = '', ...headers]: readonly string[]): number | undefined => {
  if (!/^[A-Z]{1,20}$/.test(command)) throw new Error('malformed frame: it begins with no command');
  if (headers.some((header) => !/^[^\r:]*:[^\r]*$/.test(header)))
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
  if (bytes.length >= headMaxBytes) throw new Error(`malformed frame: its head is larger than ${headMaxBytes} bytes`);
  return undefined;
};

const outlineOf = (bytes: Buffer): Outline | undefined => {
  const head = headOf(bytes);
  if (head === undefined) return undefined;
  const bodyBytes = bodyBytesOf(head.lines);
  const end = (bodyBytes === undefined ? bytes.indexOf(byte.null, head.bodyAt) : head.bodyAt + bodyBytes) + 1;
  return { ...head, end: end === 0 ? undefined : end };
};

/** The beginning of a message that is too large, as a whole message that says so and reads as none of the DAQ's. */
const shortened = (bytes: Buffer, { lines, bodyAt, end }: Outline): Buffer => {
  const size = end === undefined ? 'more than was waited for' : `${end - bodyAt - 1} bytes`;
  const body = Buffer.concat([Buffer.from(`cut short, of ${size}: `), bytes.subarray(bodyAt, bodyAt + keptBytes)]);
  const head = lines.filter((line) => !line.startsWith('content-length:'));
  return Buffer.concat([
    Buffer.from([...head, `content-length:${body.length}`, '', ''].join('\n'), 'latin1'),
    body,
    Buffer.from([byte.null]),
  ]);
};

/** A message that is too large is handed on in short and its rest passed over: it can be acknowledged, and holds up nothing. */
const shorten = (bytes: Buffer, outline: Outline, maxBytes: number): Step | Lack => {
  const { lines, bodyAt, end } = outline;
  if (lines[0] !== 'MESSAGE' || (end ?? 0) > passedMaxBytes)
    throw new Error(`a frame is larger than ${maxBytes} bytes`);
  const enough = Math.min(bodyAt + keptBytes, end ?? bytes.length);
  if (bytes.length < enough) return { atLeast: enough, needsNull: false };
  const taken = Math.min(end ?? bytes.length, bytes.length);
  const passing = end === undefined ? { bytes: passedMaxBytes, toNull: true } : { bytes: end - taken, toNull: false };
  return { piece: shortened(bytes.subarray(0, taken), outline), taken, passing };
};

const none: Passing = { bytes: 0, toNull: false };

/** The first step over some bytes, of which there is at least one. Throws what is wrong with them. */
export const stepOver = (bytes: Buffer, maxBytes: number): Step | Lack => {
  const [first] = bytes;
  // Between frames a line feed is a heart-beat, and the library hears it.
  if (first === byte.null || first === byte.carriageReturn || first === byte.lineFeed)
    return { piece: bytes.subarray(0, 1), taken: 1, passing: none };
  const outline = outlineOf(bytes);
  if (outline === undefined) return { atLeast: bytes.length + 1, needsNull: false };
  const { end } = outline;
  if ((end ?? bytes.length) > maxBytes) return shorten(bytes, outline, maxBytes);
  if (end === undefined) return { atLeast: bytes.length + 1, needsNull: true };
  if (bytes.length < end) return { atLeast: end, needsNull: false };
  if (bytes[end - 1] !== byte.null) throw new Error('malformed frame: it is longer than its content-length');
  return { piece: bytes.subarray(0, end), taken: end, passing: none };
};
