import { join } from 'node:path';
import type { EventRow } from './chain.ts';
import type { HashTable } from './hash-pages.ts';
import { type FileReader, openFile } from './sealed-file.ts';
import { corruptSegment } from './segment-corrupt.ts';
import { blockIndexOf, isIndexed, isSegmentFooter, readBlock, type SegmentFooter } from './segment-format.ts';
import { fileNameOf, type SealedFile } from './segment-manifest.ts';

type Open<F> = { readonly file: FileReader; readonly footer: F };

/** An open file with an index of subjects. */
export type Indexed = Open<{ readonly first: number; readonly last: number; readonly subjects: HashTable }>;

/** Files that are kept open, and blocks that are kept decompressed: the last that were read. */
const openSegments = 64;
/** More than a log of ten years has under and beside its largest maps: one look goes through all of them. */
const openMaps = 192;
const keptBlocks = 32;

/** The last few values by key; what falls out is let go. */
const createCache = <T>(size: number, release: (value: T) => void) => {
  const kept = new Map<string, T>();
  const get = (key: string, make: () => T): T => {
    const found = kept.get(key) ?? make();
    kept.delete(key);
    kept.set(key, found);
    for (const [oldest, value] of kept) {
      if (kept.size <= size) break;
      kept.delete(oldest);
      release(value);
    }
    return found;
  };
  const clear = (): void => {
    for (const value of kept.values()) release(value);
    kept.clear();
  };
  return { get, clear };
};

/** Opens a segment. @throws log-segment-corrupt if it is not the one that the manifest names. */
export const openSegment = (folder: string, named: SealedFile): Open<SegmentFooter> => {
  const path = join(folder, fileNameOf(named));
  const file = openFile(path, 'PPLOSEG1');
  const { footer } = file;
  const isNamed =
    isSegmentFooter(footer) &&
    footer.first === named.first &&
    footer.last === named.last &&
    footer.previousHash === named.previousHash &&
    footer.hash === named.hash;
  if (isNamed) return { file, footer };
  file.close();
  throw corruptSegment(path, 'its footer is not that of the segment which store.db names');
};

const openMap = (folder: string, named: SealedFile): Indexed => {
  const path = join(folder, fileNameOf(named));
  const file = openFile(path, 'PPLOMAP1');
  const { footer } = file;
  if (isIndexed(footer) && footer.first === named.first && footer.last === named.last) return { file, footer };
  file.close();
  throw corruptSegment(path, 'its footer is not that of the map which store.db names');
};

/** Opened files of the sealed part of a log, and their last blocks. */
export const createSegmentFiles = (folder: string) => {
  const segments = createCache<Open<SegmentFooter>>(openSegments, ({ file }) => file.close());
  const maps = createCache<Indexed>(openMaps, ({ file }) => file.close());
  const blocks = createCache<readonly EventRow[]>(keptBlocks, () => undefined);

  const segment = (named: SealedFile) => segments.get(named.sha256, () => openSegment(folder, named));

  const blockAt = (named: SealedFile, seq: number): readonly EventRow[] => {
    const { file, footer } = segment(named);
    const index = blockIndexOf(footer, seq);
    return blocks.get(`${named.sha256} ${index}`, () => readBlock(file, footer, index));
  };

  const map = (named: SealedFile) => maps.get(named.sha256, () => openMap(folder, named));

  const close = (): void => {
    segments.clear();
    maps.clear();
    blocks.clear();
  };
  return { segment, map, blockAt, close };
};
