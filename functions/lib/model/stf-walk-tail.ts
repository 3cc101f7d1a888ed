/** What follows the TFs of an STF, and what it shows of the TFs before it: index and trailer name what a damaged TF cannot. */
import { crc32c } from './checksum.ts';
import { decodeIndex, decodeTrailer, INDEX_ENTRY_BYTES, type TfEntry, TRAILER_BYTES } from './stf-container.ts';

/** One thing that is wrong with a file; without a TF it is the header, the index or the end. */
export type Finding = { readonly tf?: bigint; readonly problem: string };

/** A TF as the walk met it: what it says itself, and what was wrong with it. */
export type Met = TfEntry & { readonly problem?: string };

/** The bytes behind the TFs. */
export type TailBytes = {
  /** Where they begin in the file. */
  readonly firstByte: number;
  readonly sizeBytes: number;
  /** The last of them: all, unless there are more than index and trailer can be. */
  readonly bytes: Buffer;
};

/** Judges what was met by index and trailer. Empty: file and index agree and nothing is wrong. O(TFs). */
export function findingsOf(met: readonly Met[], tail: TailBytes): Finding[] {
  const index = readIndex(tail);
  if (typeof index === 'string') return [...met.flatMap(ownProblem), { problem: endProblem(met, index) }];
  const named = new Map(index.entries.map((entry) => [entry.offsetBytes, entry]));
  const findings = met.flatMap((one) => compare(one, named.get(one.offsetBytes)));
  if (index.firstByte === tail.firstByte) return [...findings, ...unmet(index.entries, met)];
  // The walk lost its way before the index: at a TF that does not begin as one.
  const lost = named.get(tail.firstByte);
  const problem = 'it does not begin as a TF does; what follows it was not looked at';
  return [
    ...findings,
    lost === undefined ? { problem: `byte ${tail.firstByte} begins no TF` } : { tf: lost.tf, problem },
  ];
}

const endProblem = (met: readonly Met[], problem: string): string => {
  const last = met.at(-1);
  return last === undefined ? problem : `after TF ${last.tf}: ${problem}`;
};

const ownProblem = ({ tf, problem }: Met): Finding[] => (problem === undefined ? [] : [{ tf, problem }]);

const compare = (met: Met, entry: TfEntry | undefined): Finding[] => {
  if (entry === undefined) return [{ tf: met.tf, problem: met.problem ?? 'the index does not know it' }];
  // Its own number may be what is damaged: the index has it too.
  if (met.problem !== undefined) return [{ tf: entry.tf, problem: met.problem }];
  const isSame =
    met.tf === entry.tf &&
    met.bxFirst === entry.bxFirst &&
    met.bxCount === entry.bxCount &&
    met.sizeBytes === entry.sizeBytes &&
    met.crc32c === entry.crc32c;
  return isSame ? [] : [{ tf: met.tf, problem: `the index has something else in its place: TF ${entry.tf}` }];
};

const unmet = (entries: readonly TfEntry[], met: readonly Met[]): Finding[] => {
  const offsets = new Set(met.map((one) => one.offsetBytes));
  return entries
    .filter((entry) => !offsets.has(entry.offsetBytes))
    .map(({ tf, offsetBytes }) => ({ tf, problem: `the index puts it at byte ${offsetBytes}, where none begins` }));
};

type Index = { readonly entries: readonly TfEntry[]; readonly firstByte: number };

/** The index that the trailer leads to; text says what is wrong. */
const readIndex = ({ firstByte, sizeBytes, bytes }: TailBytes): Index | string => {
  if (bytes.length < TRAILER_BYTES) return 'the end of the file is missing';
  const trailer = decodeTrailer(bytes.subarray(-TRAILER_BYTES));
  if (typeof trailer === 'string') return trailer;
  const endByte = firstByte + sizeBytes;
  if (trailer.sizeBytes !== endByte) return `it has ${endByte} bytes and was written with ${trailer.sizeBytes}`;
  const indexBytes = endByte - TRAILER_BYTES - trailer.indexOffsetBytes;
  const isWhole = indexBytes >= 0 && indexBytes % INDEX_ENTRY_BYTES === 0 && indexBytes <= bytes.length - TRAILER_BYTES;
  if (!isWhole) return `an index cannot begin at byte ${trailer.indexOffsetBytes}`;
  const index = bytes.subarray(bytes.length - TRAILER_BYTES - indexBytes, bytes.length - TRAILER_BYTES);
  if (crc32c(index) !== trailer.indexCrc32c) return 'the CRC-32C of its index is wrong';
  return { entries: decodeIndex(index), firstByte: trailer.indexOffsetBytes };
};
