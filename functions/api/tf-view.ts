import { PapilioError } from '#lib/errors';
import { createIds } from '#lib/ids';
import { crc32c } from '#lib/model/checksum';
import { decodeIndex, INDEX_ENTRY_BYTES, type TfEntry } from '#lib/model/stf-container';
import { TF_SEALED_BYTE } from '#lib/model/stf-container-tf';
import { segmentOf } from '#lib/model/tf-index';
import { ordinalIn, RUN_END, runPlaceOf } from '#lib/model/tf-range';
import { replicas } from '#lib/records';
import { readNumbering } from '#lib/run-numbering';
import { gapAround, stfsOfTf } from '#lib/tf-places';
import type { Objects } from '#ports/objects';
import type { Replica } from '#schema/stf';
import { TfRange } from '#schema/tf';
import type { TfCopy, TfView } from '#schema/tf-index';
import type { Surroundings } from './surroundings.ts';

type Reading = Pick<Surroundings, 'records' | 'archive' | 'config'>;

/** The ids of this instance. */
export const idsOf = ({ config }: Pick<Surroundings, 'config'>) =>
  createIds(config.PAPILIO_INSTANCE, config.PAPILIO_WING, config.PAPILIO_EPOCH);

/** Where a TF is. A read of the catalogue, then of a replica and 40 bytes for each STF that holds it. @throws tf-missing */
export const findTf = async (tf: bigint, around: Reading): Promise<TfView> => {
  const { run, segment } = segmentOf(tf);
  if (run >= RUN_END) throw new PapilioError('tf-missing', `TF ${tf} is above the last one, of run ${RUN_END - 1}`);
  const ids = idsOf(around);
  const { store } = await around.records('work');
  const found = await stfsOfTf(tf, { store, ids });
  const sequences = await inOrder(tf, found.sequences, { store, ids, config: around.config });
  if (sequences.length === 0) throw new PapilioError('tf-missing', await gapInWords(tf, run, { store, ids }));
  const archive = await around.records('archive');
  const stfIds = sequences.map((sequence) => ids.stf(run, sequence));
  const known = (await replicas.getMany(archive.store, stfIds)).flatMap((found) => found?.doc ?? []);
  const entries = await Promise.all(known.map((replica) => entryOf(tf, replica, around.archive)));
  const [first] = entries;
  if (first === undefined) throw new PapilioError('record-missing', `the replica of ${stfIds.join(', ')}`);
  return {
    tf: String(tf),
    bxFirst: String(tf * first.bxCount),
    bxEnd: String((tf + 1n) * first.bxCount),
    run,
    runId: ids.run(run),
    segment,
    copies: known.flatMap((replica, at) => copyOf(replica, entries[at])),
  };
};

/** Where files of a run differ in their numbering, the STF that has the TF by the numbering of the run comes first. */
const inOrder = async (
  tf: bigint,
  sequences: readonly number[],
  reading: Parameters<typeof readNumbering>[1],
): Promise<readonly number[]> => {
  if (sequences.length < 2) return sequences;
  const { run, index } = runPlaceOf(tf);
  const usual = Math.floor(index / (await readNumbering(run, reading)).tfsPerStf);
  return sequences.toSorted((a, b) => Number(b === usual) - Number(a === usual));
};

const copyOf = ({ stfId, name, sequence, objectKey }: Replica, entry: TfEntry | undefined): TfCopy[] =>
  entry === undefined
    ? []
    : [
        {
          stfId,
          name,
          sequence,
          objectKey,
          firstByte: entry.offsetBytes,
          endByte: entry.offsetBytes + entry.sizeBytes,
          crc32c: hex(entry.crc32c),
        },
      ];

/** The line of an STF's index that a TF has. @throws object-corrupt when it is another's */
const entryOf = async (tf: bigint, { name, objectKey, content }: Replica, archive: Reading['archive']) => {
  const ordinal = ordinalIn(content?.tfRanges.map((range) => TfRange.decode(range)) ?? [], tf);
  if (content === undefined || ordinal === undefined)
    throw new PapilioError('record-missing', `the replica of ${name} does not list TF ${tf}`);
  const firstByte = content.indexFirstByte + ordinal * INDEX_ENTRY_BYTES;
  const bytes = await archive.readRange(objectKey, firstByte, firstByte + INDEX_ENTRY_BYTES);
  const [entry] = decodeIndex(Buffer.from(bytes));
  if (entry?.tf === tf) return entry;
  throw new PapilioError('object-corrupt', `${objectKey}: its index does not have TF ${tf} in place ${ordinal}`);
};

const gapInWords = async (tf: bigint, run: number, reading: Parameters<typeof gapAround>[1]): Promise<string> => {
  const { before, after } = await gapAround(tf, reading);
  if (before && after)
    return `TF ${tf} of run ${run} is in the gap from TF ${before.tf} (after STF ${before.sequence}) to before TF ${after.tf} (STF ${after.sequence})`;
  if (before) return `TF ${tf} is behind the last of run ${run}: STF ${before.sequence} ends before TF ${before.tf}`;
  if (after) return `TF ${tf} is before the first of run ${run}: STF ${after.sequence} begins with TF ${after.tf}`;
  return `nothing of run ${run}, which TF ${tf} would be of, is in the catalogue`;
};

const pieceBytes = 1_000_000;

/** A TF's bytes in pieces of 1 MB. @throws object-corrupt when the STF ends in it */
export async function* bytesOf(copy: TfCopy, archive: Pick<Objects, 'readRange'>): AsyncGenerator<Uint8Array> {
  for (let at = copy.firstByte; at < copy.endByte; at += pieceBytes) {
    const end = Math.min(at + pieceBytes, copy.endByte);
    const bytes = await archive.readRange(copy.objectKey, at, end);
    if (bytes.length < end - at) throw new PapilioError('object-corrupt', `${copy.objectKey}: it ends in that TF`);
    yield bytes;
  }
}

/** Reads a TF through, so that no damaged one is given away; returns the CRC-32C of all its bytes. @throws object-corrupt */
export const verifiedCrc = async (tf: string, copy: TfCopy, archive: Pick<Objects, 'readRange'>): Promise<string> => {
  let [whole, sealed, skipped] = [0, 0, TF_SEALED_BYTE];
  for await (const piece of bytesOf(copy, archive)) {
    whole = crc32c(piece, whole);
    sealed = crc32c(piece.subarray(skipped), sealed);
    skipped = 0;
  }
  if (hex(sealed) === copy.crc32c) return hex(whole);
  throw new PapilioError(
    'object-corrupt',
    `${copy.objectKey}: TF ${tf} has CRC-32C ${hex(sealed)}, not ${copy.crc32c}`,
  );
};

const hex = (crc: number): string => crc.toString(16).padStart(8, '0');
