/**
 * TFs that were written together, as one object: an index of 16 bytes a TF (first byte, length, CRC-32C), then the TFs.
 * A CRC covers the number of its TF too, so an object under another name gives out nothing.
 */
import { PapilioError } from '#lib/errors';
import { crc32c } from '#lib/model/checksum';
import { runKey } from '#lib/model/ids';
import { segmentOf } from '#lib/model/tf-index';
import { RUN_END } from '#lib/model/tf-range';
import type { TfRange } from '#schema/tf';

/** Bytes of a line of the index. */
export const LINE_BYTES = 16;
const PART_MAX_TFS = 16_384;
const PART_MAX_BYTES = 256 * 1024 * 1024;
/** Fewer digits than a TF may have: names of earlier parts stay, and a longer number has its own length. */
const TF_DIGITS = 15;
const ACT_DIGITS = 8;

/** A part by its name: which TFs of which run, written after how many acts. */
export type Part = TfRange & { readonly run: number; readonly name: string; readonly afterAct: number };

/** A line of the index. */
export type TfLine = { readonly firstByte: number; readonly sizeBytes: number; readonly crc32c: number };

/** `00102363/000013738929292264-000013738929292274-00000000`. */
export const partOf = ({ tfFirst, tfEnd }: TfRange, afterAct: number): Part => {
  const { run } = segmentOf(tfFirst);
  const tf = (number: bigint) => String(number).padStart(TF_DIGITS, '0');
  const name = `${runKey(run)}/${tf(tfFirst)}-${tf(tfEnd)}-${actKey(afterAct)}`;
  return { run, tfFirst, tfEnd, afterAct, name };
};

/** `00000001`. */
export const actKey = (number: number): string => String(number).padStart(ACT_DIGITS, '0');

/** Reads a part's name; undefined if it is none. */
export const readPartName = (name: string): Part | undefined => {
  const [, first, end, act] = /^\d{8}\/(\d{15,20})-(\d{15,20})-(\d{8})$/.exec(name) ?? [];
  if (first === undefined || end === undefined || act === undefined) return undefined;
  const part = partOf({ tfFirst: BigInt(first), tfEnd: BigInt(end) }, Number(act));
  return part.name === name && isRange(part) ? part : undefined;
};

/** Whether TFs are of one run, in order, and can be written together. */
const isRange = ({ tfFirst, tfEnd }: TfRange): boolean =>
  tfEnd > tfFirst && tfEnd - tfFirst <= PART_MAX_TFS && segmentOf(tfFirst).run === segmentOf(tfEnd - 1n).run;

/** The range that TFs would take from `tfFirst` on. @throws input-invalid when they cannot be written together */
export const rangeFrom = (tfFirst: bigint, tfs: readonly Uint8Array[]): TfRange => {
  const range = { tfFirst, tfEnd: tfFirst + BigInt(tfs.length) };
  const sizeBytes = tfs.reduce((sum, bytes) => sum + bytes.length, 0);
  if (tfFirst < 0n || range.tfEnd > 2n ** 64n || segmentOf(tfFirst).run >= RUN_END || !isRange(range))
    throw new PapilioError(
      'input-invalid',
      `TFs ${tfFirst} to before ${range.tfEnd} are not 1 to 16384 TFs of one run`,
    );
  if (sizeBytes > PART_MAX_BYTES)
    throw new PapilioError('input-invalid', `${sizeBytes} bytes at once; write at most ${PART_MAX_BYTES}`);
  return range;
};

/** The bytes of a part. */
export const encodePart = (tfFirst: bigint, tfs: readonly Uint8Array[]): Buffer => {
  const index = Buffer.alloc(tfs.length * LINE_BYTES);
  let firstByte = index.length;
  for (const [at, bytes] of tfs.entries()) {
    index.writeBigUInt64LE(BigInt(firstByte), at * LINE_BYTES);
    index.writeUInt32LE(bytes.length, at * LINE_BYTES + 8);
    index.writeUInt32LE(crcOf(tfFirst + BigInt(at), bytes), at * LINE_BYTES + 12);
    firstByte += bytes.length;
  }
  return Buffer.concat([index, ...tfs]);
};

/** A line of the index, which may be anything where a file was damaged. */
export const readLine = (bytes: Uint8Array, at = 0): TfLine | undefined => {
  const line = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).subarray(
    at * LINE_BYTES,
    (at + 1) * LINE_BYTES,
  );
  if (line.length < LINE_BYTES) return undefined;
  const firstByte = Number(line.readBigUInt64LE(0));
  const sizeBytes = line.readUInt32LE(8);
  if (!Number.isSafeInteger(firstByte) || sizeBytes > PART_MAX_BYTES) return undefined;
  return { firstByte, sizeBytes, crc32c: line.readUInt32LE(12) };
};

/** The CRC-32C of a TF: of its number, eight bytes little-endian, and its bytes. */
export const crcOf = (tf: bigint, bytes: Uint8Array): number => {
  const number = Buffer.alloc(8);
  number.writeBigUInt64LE(tf);
  return crc32c(bytes, crc32c(number));
};
