import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { checkSegments } from '../event-log/segment-check.ts';
import { createLogReader, segmentFolderOf } from '../event-log/sqlite.ts';
import { openForReading, storeErrorOf } from './sqlite-file.ts';

/** What a look at a store's file finds. */
export type StoreFindings = {
  readonly sizeBytes: number;
  /** What is written and not yet in the file itself. */
  readonly walBytes: number;
  readonly events: number;
  /** Why it is not whole; empty if it is. */
  readonly problems: readonly string[];
};

/** Faults that are told; more say no more. */
const mostFaults = 5;
/** Events at the end of the log whose chain is followed unless all are. */
const latestEvents = 100_000;

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

/** What SQLite says of its own pages; with `isDeep` also whether each index has what its table has. */
const pageFaults = (db: DatabaseSync, isDeep: boolean): string[] => {
  const pragma = isDeep ? 'integrity_check' : 'quick_check';
  const lines = db.prepare(`PRAGMA ${pragma}(${mostFaults})`).all();
  return lines.flatMap((line) => Object.values(line).map(String)).filter((text) => text !== 'ok');
};

const chainFaults = async (db: DatabaseSync, folder: string, isDeep: boolean): Promise<string[]> => {
  const log = createLogReader(db, folder);
  try {
    const faults = await checkSegments({ manifest: log.manifest, folder, isDeep, mostFaults });
    const chain = await log.verifyRows(isDeep ? 0 : Math.max(0, log.head() - latestEvents));
    const broken = chain.ok ? [] : [`the chain of events breaks at ${chain.seq}: ${chain.reason}`];
    return [...faults.map(({ reason }) => reason), ...broken];
  } finally {
    log.close();
  }
};

/** Reads a store's file while it is served or not, and changes nothing; a missing file is a fault too. */
export const inspectStore = async (path: string, isDeep: boolean): Promise<StoreFindings> => {
  const sizes = { sizeBytes: sizeOf(path), walBytes: sizeOf(`${path}-wal`) };
  let db: DatabaseSync | undefined;
  try {
    db = openForReading(path);
    const problems = pageFaults(db, isDeep);
    // A chain is not looked for on pages that are no pages.
    if (problems.length === 0) problems.push(...(await chainFaults(db, segmentFolderOf(path), isDeep)));
    return { ...sizes, events: createLogReader(db, segmentFolderOf(path)).head(), problems };
  } catch (thrown) {
    return { ...sizes, events: 0, problems: [storeErrorOf(thrown, path).reason] };
  } finally {
    db?.close();
  }
};
