import { ApiError } from './api-error.ts';
import { crc32c } from './crc32c.ts';

/** A file that can be fetched: what its record says of it, and how its bytes are requested. */
export type Remote = {
  /** In messages: `output …`, `swf.….stf`. */
  readonly name: string;
  readonly sizeBytes: number;
  /** Eight hex digits. */
  readonly checksumCrc32c: string;
  readonly open: (headers: Readonly<Record<string, string>>) => Promise<Response>;
};

/** What is there already of a file, and its CRC-32C. */
export type Have = { readonly sizeBytes: number; readonly crc: number };
export const nothingYet: Have = { sizeBytes: 0, crc: 0 };

/** Bytes that follow at this place of the file; 0 where an earlier part has to go, because the file is another one now. */
export type Piece = { readonly atByte: number; readonly bytes: Uint8Array };

/** Bytes of one request, where a deployment cannot send a file at once. */
const rangeBytes = 4_000_000;

const cutOff = ({ name }: Remote, cause: unknown): ApiError =>
  new ApiError(
    {
      ...{ code: 'unreachable', status: 0, title: 'The connection was lost' },
      detail: `${name}: ${cause instanceof Error ? cause.message : String(cause)}`,
      help: 'run the command again: it goes on where it stopped',
    },
    cause,
  );

/** @throws ApiError, exit code 1, where the bytes have another checksum than the record */
export const needChecksum = ({ name, sizeBytes, checksumCrc32c }: Remote, have: Have): void => {
  const found = have.crc.toString(16).padStart(8, '0');
  if (have.sizeBytes === sizeBytes && found === checksumCrc32c) return;
  throw new ApiError({
    ...{ code: 'object-corrupt', status: 500, title: 'The checksum does not match' },
    detail: `${name}: received ${have.sizeBytes} bytes with CRC-32C ${found}, expected ${sizeBytes} with ${checksumCrc32c}`,
    help: 'run the command again; if it happens again, ask the operator to run `papilio doctor --deep`',
  });
};

/** The response for the bytes from a place on; by ranges once the file is too large for one answer. */
const openFrom = async (remote: Remote, atByte: number, mostBytes: number | undefined): Promise<Response> => {
  const last = mostBytes === undefined ? '' : Math.min(atByte + mostBytes, remote.sizeBytes) - 1;
  const isWhole = atByte === 0 && mostBytes === undefined;
  const range = { range: `bytes=${atByte}-${last}`, 'if-range': `"${remote.checksumCrc32c}"` };
  return remote.open(isWhole ? {} : range);
};

const isTooLarge = (thrown: unknown): boolean => thrown instanceof ApiError && thrown.code === 'answer-too-large';

/** The response for all that is missing, or for a range of it where one answer cannot hold that. */
const openMissing = (remote: Remote, atByte: number): Promise<Response> =>
  openFrom(remote, atByte, undefined).catch((thrown: unknown) => {
    if (isTooLarge(thrown)) return openFrom(remote, atByte, rangeBytes);
    throw thrown;
  });

/**
 * The bytes that are missing of a file, piece by piece, after those that are there. Goes on by ranges where one answer
 * cannot hold it. @throws ApiError for a lost connection
 */
export async function* missingBytes(remote: Remote, have: Have, signal: AbortSignal): AsyncGenerator<Piece> {
  let atByte = have.sizeBytes;
  while (atByte < remote.sizeBytes) {
    const answer = await openMissing(remote, atByte);
    const isPart = answer.status === 206;
    if (!isPart) atByte = 0;
    const before = atByte;
    for await (const bytes of bodyOf(answer, remote, signal)) {
      yield { atByte, bytes };
      atByte += bytes.length;
    }
    if (atByte === before) throw cutOff(remote, new Error('no bytes were received'));
    if (!isPart) return;
  }
}

async function* bodyOf(answer: Response, remote: Remote, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    if (answer.body !== null) yield* answer.body;
  } catch (thrown) {
    signal.throwIfAborted();
    throw cutOff(remote, thrown);
  }
}

/** What is there after one more piece. */
export const withPiece = (have: Have, { atByte, bytes }: Piece): Have => ({
  sizeBytes: atByte + bytes.length,
  crc: crc32c(bytes, atByte === 0 ? 0 : have.crc),
});
