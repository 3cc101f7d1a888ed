import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { crc32c } from '#lib/model/checksum';
import type { Objects } from '#ports/objects';
import { answers } from './answers.ts';
import { type ByteRange, readByteRange } from './byte-range.ts';
import { namesEtag } from './plugins/etag.ts';
import type { Surroundings } from './surroundings.ts';

const pieceBytes = 1_000_000;
const binary = {
  content: { 'application/octet-stream': { schema: z.unknown().meta({ type: 'string', format: 'binary' }) } },
};

/** Responses of a route that serves the bytes of a file, whole or in part. */
export const fileAnswers = {
  ...answers(z.unknown()),
  200: { description: 'All bytes', ...binary },
  206: { description: 'The bytes that `Range` names', ...binary },
} as const;

/** Description of such a route, for the interface's document. */
export const fileDescription =
  'A header `Range` with one range of bytes gets 206 and that part; with a range behind the end 416. `etag` and `repr-digest` are the CRC-32C of the whole file, as `papilio-crc32c` (hex), so a download can be resumed and checked. Where answers do not stream (AWS Lambda without response streaming), more than 4.5 MB at once is refused with `answer-too-large`: ask for ranges.';

/** A stored file that is served: its place, and the checksum that its record has. */
export type ServedFile = {
  readonly objects: Pick<Objects, 'readRange'>;
  readonly objectKey: string;
  readonly sizeBytes: number;
  readonly checksumCrc32c: string;
  /** Name under which browsers keep it. */
  readonly name: string;
};

/** A file's bytes in pieces of 1 MB. The last one of a whole file is held back until the checksum is right. @throws object-corrupt */
async function* piecesOf(file: ServedFile, { firstByte, endByte }: ByteRange): AsyncGenerator<Uint8Array> {
  const isWhole = firstByte === 0 && endByte === file.sizeBytes;
  let crc = 0;
  for (let at = firstByte; at < endByte; at += pieceBytes) {
    const end = Math.min(at + pieceBytes, endByte);
    const bytes = await file.objects.readRange(file.objectKey, at, end);
    if (bytes.length < end - at)
      throw new PapilioError('object-corrupt', `${file.objectKey}: it ends at byte ${at + bytes.length}`);
    crc = crc32c(bytes, crc);
    if (isWhole && end === endByte) needCrc(file, crc);
    yield bytes;
  }
}

const needCrc = ({ objectKey, checksumCrc32c }: ServedFile, crc: number): void => {
  const found = crc.toString(16).padStart(8, '0');
  if (found === checksumCrc32c) return;
  throw new PapilioError('object-corrupt', `${objectKey}: it has CRC-32C ${found}, not ${checksumCrc32c}`);
};

/** The pieces, of which the first has been read: what fails at once is an answer of its own. */
const begun = async (pieces: AsyncGenerator<Uint8Array>): Promise<Readable> => {
  const first = await pieces.next();
  async function* all() {
    if (first.done) return;
    yield first.value;
    yield* pieces;
  }
  return Readable.from(all(), { objectMode: false, highWaterMark: pieceBytes });
};

/** The part that is asked for; all of it where the client has the file already, or another version of it. @throws range-not-satisfiable */
const partOf = ({ headers }: FastifyRequest, reply: FastifyReply, sizeBytes: number, etag: string): ByteRange => {
  const whole = { firstByte: 0, endByte: sizeBytes };
  const ifRange = headers['if-range'];
  if (namesEtag(headers['if-none-match'] ?? '', etag) || (ifRange !== undefined && ifRange !== etag)) return whole;
  const range = readByteRange(headers.range, sizeBytes);
  if (range !== 'unsatisfiable') return range ?? whole;
  void reply.header('content-range', `bytes */${sizeBytes}`);
  throw new PapilioError('range-not-satisfiable', `${headers.range}; the file has ${sizeBytes} bytes`);
};

/** Serves a file's bytes, or the part that is asked for, as fast as the client takes them. */
export const sendFile = async (
  file: ServedFile,
  request: FastifyRequest,
  reply: FastifyReply,
  { answerMaxBytes = Number.POSITIVE_INFINITY }: Pick<Surroundings, 'answerMaxBytes'>,
): Promise<FastifyReply> => {
  const { sizeBytes, checksumCrc32c, name } = file;
  const etag = `"${checksumCrc32c}"`;
  const part = partOf(request, reply, sizeBytes, etag);
  const lengthBytes = part.endByte - part.firstByte;
  const isHead = request.method === 'HEAD';
  if (lengthBytes > answerMaxBytes && !isHead)
    throw new PapilioError('answer-too-large', `${name} has ${lengthBytes} bytes, at most ${answerMaxBytes} here`);
  const isPart = lengthBytes < sizeBytes;
  if (isPart) void reply.code(206).header('content-range', `bytes ${part.firstByte}-${part.endByte - 1}/${sizeBytes}`);
  void reply.type('application/octet-stream').headers({
    etag,
    'accept-ranges': 'bytes',
    'cache-control': 'private, no-cache',
    'content-length': lengthBytes,
    'content-disposition': `attachment; filename="${name.replace(/[^\w.-]/g, '_')}"`,
    'papilio-crc32c': checksumCrc32c,
    'repr-digest': `crc32c=:${Buffer.from(checksumCrc32c, 'hex').toString('base64')}:`,
  });
  // An empty stream: with an empty text its length would be sent.
  return isHead ? reply.send(Readable.from([])) : reply.send(await begun(piecesOf(file, part)));
};
