import { PapilioError } from '#lib/errors';
import { createChecksums } from '#lib/model/checksum';
import type { Disk, DiskFile } from '#ports/disk';
import type { Inspector, ObjectFacts } from '#ports/objects';
import { factsFrom } from './facts.ts';

const bufferBytes = 1_000_000;
const fullCodes: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT']);

/** Whether an error of the disk has one of these codes. */
export const hasCode = (error: unknown, ...codes: readonly string[]): boolean =>
  error instanceof Error && 'code' in error && codes.some((code) => code === error.code);

/** Whatever a disk threw, as a catalogue error. */
export const diskErrorOf = (error: unknown, path: string): PapilioError => {
  if (error instanceof PapilioError) return error;
  const isFull = error instanceof Error && 'code' in error && fullCodes.has(error.code);
  const reason = error instanceof Error ? error.message : String(error);
  return new PapilioError(isFull ? 'store-full' : 'store-unavailable', `${path}: ${reason}`, error);
};

/** What hinders the reading of a file that is to be put, in the words of the port. */
const sourceErrorOf = (error: unknown, path: string): unknown => {
  if (hasCode(error, 'ELOOP'))
    return new PapilioError('object-missing', `${path} is a link, which is not followed`, error);
  return error;
};

/** Opens a file that somebody else has put there for the time of `use`. @throws object-missing for a link */
export const withSource = async <T>(disk: Disk, path: string, use: (file: DiskFile) => Promise<T>): Promise<T> => {
  try {
    return await withFile(disk, path, 'r-plain', use);
  } catch (error) {
    throw sourceErrorOf(error, path);
  }
};

/** Opens a file for the time of `use`. */
export const withFile = async <T>(
  disk: Disk,
  path: string,
  flags: 'r' | 'r-plain' | 'w' | 'wx',
  use: (file: DiskFile) => Promise<T>,
): Promise<T> => {
  const file = await disk.open(path, flags);
  try {
    return await use(file);
  } finally {
    await file.close();
  }
};

/**
 * Reads a file once, in pieces of 1 MB, for its facts; `keep` gets each piece while it is summed and the next one is read.
 * Memory is two pieces, whatever the file's size.
 */
export const passOver = async (
  source: DiskFile,
  keep: (bytes: Uint8Array, offsetBytes: number) => Promise<void>,
  inspector?: Inspector,
): Promise<ObjectFacts> => {
  const checksums = createChecksums();
  const sum = async (piece: Uint8Array): Promise<void> => {
    checksums.update(piece);
    inspector?.see(piece);
  };
  let [current, next] = [Buffer.allocUnsafe(bufferBytes), Buffer.allocUnsafe(bufferBytes)];
  let offsetBytes = 0;
  let count = await source.read(current, 0);
  while (count > 0) {
    const piece = current.subarray(0, count);
    // The disk reads and writes while the piece is summed.
    const [nextCount] = await Promise.all([
      source.read(next, offsetBytes + count),
      keep(piece, offsetBytes),
      sum(piece),
    ]);
    offsetBytes += count;
    count = nextCount;
    [current, next] = [next, current];
  }
  return factsFrom(checksums);
};

/** The folder that holds `path`. */
export const parentOf = (path: string): string => {
  const slash = path.lastIndexOf('/');
  if (slash < 0) return '.';
  return slash === 0 ? '/' : path.slice(0, slash);
};

/** Makes folders from `root` down so that they outlive a power cut: each is synced in its parent. Remembers what it made. */
export const createFolderMaker = (disk: Disk, root: string) => {
  const made = new Set<string>();
  const make = async (path: string): Promise<void> => {
    if (made.has(path)) return;
    const parent = parentOf(path);
    if (path !== root) await make(parent);
    await disk.makeFolder(path);
    await disk.syncFolder(parent);
    made.add(path);
  };
  return make;
};

/** Runs work on one key after the other; different keys go side by side. */
export const createKeyLocks = () => {
  const tails = new Map<string, Promise<unknown>>();
  return async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    const start = (): Promise<T> => work();
    const mine = (tails.get(key) ?? Promise.resolve()).then(start, start);
    tails.set(key, mine);
    try {
      return await mine;
    } finally {
      if (tails.get(key) === mine) tails.delete(key);
    }
  };
};

/** Every file below `folder`, as paths relative to it, in no order. */
export async function* filesBelow(disk: Disk, folder: string, below = ''): AsyncGenerator<string> {
  const names = await disk.list(below === '' ? folder : `${folder}/${below}`);
  for (const name of names) {
    const path = below === '' ? name : `${below}/${name}`;
    try {
      yield* filesBelow(disk, folder, path);
    } catch (error) {
      // What cannot be listed is a file; what vanished meanwhile is nothing.
      if (hasCode(error, 'ENOTDIR')) yield path;
      else if (!hasCode(error, 'ENOENT')) throw error;
    }
  }
}
