/** What can be wrong with an STF's file, done on purpose. */
import { open, truncate } from 'node:fs/promises';
import * as z from 'zod';
import { decodeIndex, decodeTrailer, type TfEntry, TRAILER_BYTES } from '#lib/model/stf-container';

const place = z.int().min(0).max(10_000);

/** A fault of one file; `tf` counts its TFs from 0. */
export const Fault = z.discriminatedUnion('kind', [
  /** One bit of a TF is another than the checksums were made of. */
  z.strictObject({ kind: z.literal('flipped-bit'), tf: place }),
  /** The same, and the message tells neither size nor checksum, as the runner's own messages do not. */
  z.strictObject({ kind: z.literal('hidden-bit'), tf: place }),
  /** TFs are not in the file, which is sound without them. */
  z.strictObject({ kind: z.literal('missing-tf'), tfs: z.array(place).min(1).max(1000) }),
  /** It ends within a TF. */
  z.strictObject({ kind: z.literal('short-file'), tf: place }),
  /** The message tells another checksum. */
  z.strictObject({ kind: z.literal('wrong-checksum') }),
  /** It holds another STF than its name says, and the message agrees with the file. */
  z.strictObject({ kind: z.literal('wrong-name') }),
]);
export type Fault = z.infer<typeof Fault>;

/** What a simulated message tells the maker of its file; it is taken off before the message is sent. */
export const Sim = z.strictObject({ seed: z.int().min(0), fault: Fault.optional() });
export type Sim = z.infer<typeof Sim>;

/** Whether the file itself is spoiled after it was written. */
export const spoilsFile = (fault: Fault | undefined): fault is Extract<Fault, { tf: number }> =>
  fault !== undefined && 'tf' in fault;

/** Spoils a sound file in its place. */
export const spoil = async (path: string, fault: Extract<Fault, { tf: number }>): Promise<void> => {
  const entries = await entriesOf(path);
  const entry = entries[fault.tf % entries.length];
  if (entry === undefined) return;
  const middleByte = entry.offsetBytes + (entry.sizeBytes >> 1);
  if (fault.kind === 'short-file') return truncate(path, middleByte);
  await using file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, middleByte);
  byte.writeUInt8(byte.readUInt8() ^ 0b100);
  await file.write(byte, 0, 1, middleByte);
};

/** The index of a sound file. */
const entriesOf = async (path: string): Promise<readonly TfEntry[]> => {
  await using file = await open(path, 'r');
  const { size } = await file.stat();
  const end = Buffer.alloc(TRAILER_BYTES);
  await file.read(end, 0, end.length, size - TRAILER_BYTES);
  const trailer = decodeTrailer(end);
  if (typeof trailer === 'string') throw new Error(`${path}: ${trailer}`);
  const index = Buffer.alloc(size - TRAILER_BYTES - trailer.indexOffsetBytes);
  await file.read(index, 0, index.length, trailer.indexOffsetBytes);
  return decodeIndex(index);
};
