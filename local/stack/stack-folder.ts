import { mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PapilioError } from '#lib/errors';
import { nodeDisk } from '#lib/node-disk';
import { hasCode } from '../engine/disk.ts';
import { FolderInUse, lockFolder } from '../engine/lock.ts';
import { isRunning } from '../supervisor/process-identity.ts';
import { readStack, type StackFile, stackPath } from './stack-file.ts';

/** What a stack's folder may hold; whatever else lies there is somebody's own. */
const own =
  /^(minio|dynamodb-local|localstack|ministack|functions|log|papilio|(stack\.json|seal\.key)(\..*\.tmp)?|lock(\..*)?)$/;

const refuseForeign = async (folder: string): Promise<void> => {
  const foreign = (await readdir(folder)).filter((name) => !own.test(name));
  if (foreign.length === 0) return;
  throw new PapilioError('folder-foreign', `${folder} is no stack's, and holds ${foreign.slice(0, 3).join(', ')}`);
};

/** Takes a folder for this process. @throws folder-in-use */
const take = (folder: string, what: string): Promise<() => Promise<void>> =>
  lockFolder(nodeDisk, folder, isRunning).catch((error: unknown) => {
    if (!(error instanceof FolderInUse)) throw error;
    throw new PapilioError('folder-in-use', `${folder} ${what} process ${error.holder.pid}`, error);
  });

/** Takes a stack for the papilio that is this process: queues and records have one owner. @throws folder-in-use */
export const takeStack = async (folder: string): Promise<() => Promise<void>> => {
  const place = join(folder, 'papilio');
  await mkdir(place, { recursive: true, mode: 0o700 });
  return take(place, 'is taken: one papilio at a time works on a stack, now that of');
};

/** Does something with a stack's folder while nobody else changes what runs there. @throws folder-unusable, folder-foreign, folder-in-use */
export const whileHeld = async <T>(folder: string, work: (stack: StackFile | undefined) => Promise<T>): Promise<T> => {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw new PapilioError('folder-unusable', `${folder}: ${String(error)}`, error);
  });
  if ((await readStack(stackPath(folder))) === undefined) await refuseForeign(folder);
  const unlock = await take(folder, 'is being changed by');
  try {
    return await work(await readStack(stackPath(folder)));
  } finally {
    await unlock();
  }
};

/** Removes all that a stack kept; the folder too, unless somebody put something else into it. */
export const clearFolder = async (folder: string): Promise<void> => {
  for (const name of await readdir(folder))
    if (own.test(name) && !name.startsWith('lock')) await rm(join(folder, name), { recursive: true, force: true });
};

/** Removes a folder that is empty. */
export const removeIfEmpty = async (folder: string): Promise<void> => {
  await rmdir(folder).catch((error: unknown) => {
    if (!hasCode(error, 'ENOTEMPTY') && !hasCode(error, 'ENOENT')) throw error;
  });
};
