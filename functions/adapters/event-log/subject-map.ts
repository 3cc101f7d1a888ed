import { join } from 'node:path';
import type { Disk } from '#ports/disk';
import { compareEntries, createHashReader, createPager, type HashEntry, type HashTable } from './hash-pages.ts';
import { type FileReader, type Finished, openFile, startFile } from './sealed-file.ts';
import { corruptSegment } from './segment-corrupt.ts';
import { isIndexed } from './segment-format.ts';
import { fileNameOf, type SealedFile } from './segment-manifest.ts';

/** Files of the level below that a map covers: 8, 64, 512 or 4,096 segments. Few, so that few files are beside the largest. */
export const filesPerMap = 8;

/** Entries that are sorted in one turn of the loop. */
const entriesPerTurn = 8192;
const hashSpace = 2 ** 48;

/** The last part of a map. Its values are the first events of segments, counted from the map's own. */
export type MapFooter = {
  readonly format: 1;
  readonly level: number;
  readonly first: number;
  readonly last: number;
  readonly subjects: HashTable;
};

type Source = {
  readonly file: FileReader;
  readonly table: HashTable;
  readonly toValue: (value: number) => number;
};

const openSource = (folder: string, below: SealedFile, mapFirst: number): Source => {
  const path = join(folder, fileNameOf(below));
  const file = openFile(path, below.level === 0 ? 'PPLOSEG1' : 'PPLOMAP1');
  const { footer } = file;
  if (!isIndexed(footer)) {
    file.close();
    throw corruptSegment(path, 'its footer names no index of subjects');
  }
  const offset = below.first - mapFirst;
  // A segment's values are its events, of which the map keeps none; a map's are segments.
  return { file, table: footer.subjects, toValue: (value) => (below.level === 0 ? offset : offset + value) };
};

/** Entries of a file up to a hash, each time from where the last call ended. */
const createCursor = ({ file, table, toValue }: Source) => {
  const entries = createHashReader(file, table).from({ hash: 0, value: 0 });
  let next = entries.next();
  return (end: number): HashEntry[] => {
    const taken: HashEntry[] = [];
    for (; !next.done && next.value.hash < end; next = entries.next())
      taken.push({ hash: next.value.hash, value: toValue(next.value.value) });
    return taken;
  };
};

const isRepeated = (entry: HashEntry, before: HashEntry | undefined): boolean =>
  before !== undefined && before.hash === entry.hash && before.value === entry.value;

/** Where a map is made, out of which files. */
export type MapOrder = {
  readonly disk: Disk;
  readonly folder: string;
  /** The file that is written, renamed by the caller. */
  readonly path: string;
  readonly level: number;
  readonly below: readonly SealedFile[];
  /** Lets others have the thread; rejects when the work is to end. */
  readonly turn: () => Promise<void>;
};

/** Merges the indexes of files into one map, range by range of the hashes, a turn of the loop for each. */
export const buildMap = async (
  order: MapOrder,
): Promise<Finished & { readonly first: number; readonly last: number }> => {
  const { disk, folder, path, level, below, turn } = order;
  const first = below[0]?.first ?? 0;
  const last = below.at(-1)?.last ?? 0;
  const sources: Source[] = [];
  try {
    for (const named of below) sources.push(openSource(folder, named, first));
    const writer = await startFile(disk, path, 'PPLOMAP1');
    try {
      const offset = 8;
      const pager = createPager(writer.append);
      const cursors = sources.map(createCursor);
      const all = sources.reduce((sum, { table }) => sum + table.entries, 0);
      const ranges = Math.max(1, Math.ceil(all / entriesPerTurn));
      for (let range = 1; range <= ranges; range += 1) {
        const found = cursors.flatMap((take) => take((hashSpace / ranges) * range)).sort(compareEntries);
        await pager.put(found.filter((entry, at) => !isRepeated(entry, found[at - 1])));
        await turn();
      }
      const footer: MapFooter = { format: 1, level, first, last, subjects: { offset, entries: await pager.end() } };
      return { ...(await writer.finish(footer)), first, last };
    } catch (thrown) {
      await writer.abandon().catch(() => undefined);
      throw thrown;
    }
  } finally {
    for (const { file } of sources) file.close();
  }
};
