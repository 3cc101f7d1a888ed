import { randomUUID } from 'node:crypto';
import { open, readFile, rename, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { jsonOf } from '#lib/model/json';
import { nodeDisk } from '#lib/node-disk';
import { hasCode } from '../engine/disk.ts';

/**
 * The mark by which a copy of a data folder is recognised: the folder's id, the inodes that it had when papilio began to
 * write there, and whether papilio has ended since. A folder copied while nothing wrote is whole, one copied in between may
 * not be; a power cut leaves the inodes as they were, and a snapshot of the disk does too.
 */
const FolderMark = z.object({
  format: z.literal(1),
  folderId: z.string(),
  path: z.string(),
  /** Of the folder and of the planes' folders, as decimal strings. */
  inodes: z.record(z.string(), z.string()),
  state: z.enum(['running', 'stopped']),
  at: z.iso.datetime(),
});
type FolderMark = z.infer<typeof FolderMark>;

const markName = 'folder.json';
const marked = ['.', 'archive', 'work'] as const;

/** A torn or foreign mark is none: the next start writes a new one. */
const readMark = async (folder: string): Promise<FolderMark | undefined> => {
  try {
    return FolderMark.safeParse(jsonOf(await readFile(join(folder, markName), 'utf8'))).data;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw new PapilioError('folder-unusable', `${join(folder, markName)}: ${String(error)}`, error);
  }
};

const writeMark = async (folder: string, mark: FolderMark): Promise<void> => {
  const path = join(folder, markName);
  const file = await open(`${path}.tmp`, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(mark, undefined, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.tmp`, path);
  await nodeDisk.syncFolder(folder);
};

const inodeOf = async (path: string): Promise<string | undefined> => {
  try {
    return String((await stat(path, { bigint: true })).ino);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
};

const inodesOf = async (folder: string): Promise<Record<string, string>> => {
  const found = await Promise.all(marked.map(async (name) => [name, await inodeOf(join(folder, name))] as const));
  return Object.fromEntries(found.flatMap(([name, inode]) => (inode === undefined ? [] : [[name, inode]])));
};

/** The first of the marked folders that lies at another inode than it did. */
const movedIn = (mark: FolderMark, inodes: Readonly<Record<string, string>>): string | undefined =>
  marked.find((name) => mark.inodes[name] !== undefined && mark.inodes[name] !== inodes[name]);

/**
 * Refuses a copy of a folder that papilio was writing to when it was copied. The device is not compared: a disk may get
 * another number with each start of the system. @throws folder-copied
 */
export const refuseCopy = async (folder: string, acceptsCopy: boolean): Promise<void> => {
  const mark = await readMark(folder);
  if (mark?.state !== 'running' || acceptsCopy) return;
  const moved = movedIn(mark, await inodesOf(folder));
  if (moved === undefined) return;
  const what = moved === '.' ? resolve(folder) : join(resolve(folder), moved);
  throw new PapilioError(
    'folder-copied',
    `${what} is a copy: papilio has been writing to the original in ${mark.path} since ${mark.at} and had not stopped`,
  );
};

/** Marks a folder as written to from now on; the function that is returned marks that nothing writes to it any more. */
export const markRunning = async (folder: string, nowOf: () => Date): Promise<() => Promise<void>> => {
  const known = await readMark(folder);
  const inodes = await inodesOf(folder);
  const isSame = known !== undefined && movedIn(known, inodes) === undefined;
  const folderId = isSame ? known.folderId : randomUUID();
  const mark = { format: 1 as const, folderId, path: resolve(folder), inodes };
  await writeMark(folder, { ...mark, state: 'running', at: nowOf().toISOString() });
  return () => writeMark(folder, { ...mark, state: 'stopped', at: nowOf().toISOString() });
};
