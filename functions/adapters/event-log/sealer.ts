import { join } from 'node:path';
import type { Disk } from '#ports/disk';
import type { EventRow } from './chain.ts';
import { fileSha256 } from './sealed-file.ts';
import { buildSegment } from './segment-build.ts';
import { corruptSegment } from './segment-corrupt.ts';
import {
  type createManifestWriter,
  fileNameOf,
  type Manifest,
  mapLevels,
  type SealedFile,
} from './segment-manifest.ts';
import { buildMap, filesPerMap } from './subject-map.ts';

/** How much of the log stays in rows, and how large a segment is. */
export type SealPolicy = {
  /** Events in rows at which the oldest of them are sealed. */
  readonly unsealedEvents: number;
  readonly segmentEvents: number;
  readonly segmentBytes: number;
};

/** 60,000 events wait and 10,000 to 60,000 stay in rows: a day's stream of a plane is sealed every hour. */
export const defaultSealPolicy: SealPolicy = {
  unsealedEvents: 60_000,
  segmentEvents: 50_000,
  segmentBytes: 64_000_000,
};

/** Rows that go in one transaction: some ms. */
const rowsPerDrop = 500;
/** More than a log of centuries has. */
const mostMaps = 100_000;

/** What sealing works with. */
export type SealerOptions = {
  readonly disk: Disk;
  readonly folder: string;
  readonly policy: SealPolicy;
  readonly manifest: Manifest;
  readonly writer: ReturnType<typeof createManifestWriter>;
  /** Runs writes as one synced transaction. */
  readonly inTransaction: (work: () => void) => void;
  /** The first event in rows; undefined if there is none. */
  readonly firstRow: () => number | undefined;
  readonly headSeq: () => number;
  readonly rowsAfter: (seq: number, limit: number) => readonly EventRow[];
  /** Lets the writer commit what waits; rejects when the writer is about to close. */
  readonly turn: () => Promise<void>;
};

/** Gives a finished file its name. A file that has it with other bytes, of a log that was restored, is kept beside it. */
const putInPlace = async ({ disk, folder, turn }: SealerOptions, part: string, file: SealedFile): Promise<void> => {
  const path = join(folder, fileNameOf(file));
  const found = await fileSha256(disk, path, turn);
  if (found !== undefined && found !== file.sha256)
    await disk.rename(path, `${path}.not-of-this-log-${found.slice(0, 8)}`);
  await disk.rename(part, path);
  await disk.syncFolder(folder);
};

/** Drops rows that segments hold. */
const createDrops = ({ disk, folder, manifest, writer, inTransaction, firstRow, turn }: SealerOptions) => {
  /** Drops the rows of a segment after its file has been read and its SHA-256 compared with the manifest. */
  const dropRowsOf = async (segment: SealedFile, from: number): Promise<void> => {
    const path = join(folder, fileNameOf(segment));
    const isWhole = (await fileSha256(disk, path, turn)) === segment.sha256;
    // All of its events are still in rows: it is made again.
    if (!isWhole && from === segment.first) return inTransaction(() => writer.remove(segment));
    if (!isWhole) throw corruptSegment(path, 'it is missing or does not match the checksum in store.db');
    for (let first = from; first <= segment.last; first += rowsPerDrop) {
      const last = Math.min(first + rowsPerDrop - 1, segment.last);
      inTransaction(() => writer.dropRows(first, last));
      await turn();
    }
  };

  return async (): Promise<void> => {
    for (;;) {
      const from = firstRow();
      const segment = from === undefined ? undefined : manifest.at(0, from);
      if (from === undefined || segment === undefined) return;
      await dropRowsOf(segment, from);
    }
  };
};

/** Makes the maps from subjects to segments. */
const createMaps = (options: SealerOptions, part: string) => {
  const { disk, folder, manifest, writer, inTransaction, turn } = options;

  /** Takes a map out of the manifest whose file was removed, with all later ones: they are made again. */
  const forgetLost = async (level: number): Promise<void> => {
    for (const map of manifest.after(level, 0, mostMaps)) {
      if ((await disk.sizeOf(join(folder, fileNameOf(map)))) !== undefined) continue;
      const later = manifest.after(level, map.last - 1, mostMaps);
      return inTransaction(() => later.forEach(writer.remove));
    }
  };

  const makeNext = async (level: number): Promise<boolean> => {
    const covered = manifest.last(level)?.last ?? 0;
    const below = manifest.after(level - 1, covered, filesPerMap);
    if (below.length < filesPerMap) return false;
    const built = await buildMap({ disk, folder, path: part, level, below, turn });
    const map: SealedFile = { level, ...built, previousHash: '', hash: '' };
    await putInPlace(options, part, map);
    inTransaction(() => writer.add(map));
    await turn();
    return true;
  };

  let isLooked = false;
  /** Looks for lost maps, once: nothing removes them while papilio runs. */
  const lookForLost = async (): Promise<void> => {
    if (isLooked) return;
    for (const level of mapLevels.toReversed()) await forgetLost(level);
    isLooked = true;
  };

  return async (): Promise<void> => {
    await lookForLost();
    for (const level of mapLevels.toReversed()) for (let isMade = true; isMade; ) isMade = await makeNext(level);
  };
};

/**
 * Moves the oldest rows of the log into segments. The order makes a kill at any point harmless: the file is whole and
 * synced, then it gets its name, then its manifest row is committed, then its rows go. Whatever a kill leaves, the next
 * run redoes or finishes: a file without a manifest row is made again, rows that a segment holds are dropped.
 */
export const createSealer = (options: SealerOptions) => {
  const { disk, folder, policy, manifest, writer, inTransaction, rowsAfter, turn } = options;
  const part = join(folder, 'sealing.part');
  const dropSealedRows = createDrops(options);
  const makeMaps = createMaps(options, part);

  const sealNext = async (): Promise<void> => {
    await disk.makeFolder(folder);
    await disk.syncFolder(join(folder, '..'));
    const { segmentEvents: maxEvents, segmentBytes: maxBytes } = policy;
    const previous = manifest.end();
    const built = await buildSegment({ disk, path: part, previous, maxEvents, maxBytes, rowsAfter, turn });
    const segment: SealedFile = { level: 0, ...built };
    await putInPlace(options, part, segment);
    inTransaction(() => writer.add(segment));
  };

  /** Whether more events than the policy's are in rows. */
  const isDue = (): boolean => options.headSeq() - manifest.end().seq > policy.unsealedEvents;

  /** Seals as long as that is due; returns the last sealed event. */
  const run = async (): Promise<number> => {
    await dropSealedRows();
    await makeMaps();
    while (isDue()) {
      await sealNext();
      await dropSealedRows();
      // Not at the end only: a log that grows as fast as it is sealed would get none.
      await makeMaps();
    }
    return manifest.end().seq;
  };

  return { run };
};
