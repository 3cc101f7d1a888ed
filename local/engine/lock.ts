import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Disk } from '#ports/disk';
import { hasCode } from './disk.ts';

const Holder = z.object({ pid: z.int().positive(), startedAt: z.string() });
/** Who holds a folder: a pid alone may be given away again, with its start time it is one process. */
export type Holder = z.infer<typeof Holder>;

/** Another process serves from this folder. */
export class FolderInUse extends Error {
  readonly holder: Holder;
  constructor(folder: string, holder: Holder) {
    super(`${folder} is in use by process ${holder.pid}; stop it first, or give this engine a folder of its own`);
    this.name = 'FolderInUse';
    this.holder = holder;
  }
}

/** When a process started, in ticks since boot, or that it runs where the system does not say; undefined if it is gone. */
export async function startOf(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The command's name is in brackets and may hold blanks; the start time is the twentieth field behind it.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch (error) {
    if (hasCode(error, 'ENOENT') && process.platform === 'linux') return undefined;
  }
  try {
    process.kill(pid, 0);
    return 'running';
  } catch (error) {
    return hasCode(error, 'EPERM') ? 'running' : undefined;
  }
}

/** Whether the holder still runs. */
export async function isAlive(holder: Holder): Promise<boolean> {
  return (await startOf(holder.pid)) === holder.startedAt;
}

/** Takes the folder for this process; a dead process's lock is taken over. @throws FolderInUse */
export async function lockFolder(
  disk: Disk,
  folder: string,
  isHeld: (holder: Holder) => Promise<boolean> = isAlive,
): Promise<() => Promise<void>> {
  const path = join(folder, 'lock');
  const own: Holder = { pid: process.pid, startedAt: (await startOf(process.pid)) ?? 'running' };
  const draft = `${path}.${process.pid}.${nextDraft()}`;
  await writeDraft(disk, draft, own);
  try {
    while (!(await take(disk, draft, path))) await clearStale(disk, folder, path, isHeld);
  } finally {
    await disk.remove(draft);
  }
  return () => disk.remove(path);
}

let drafts = 0;
function nextDraft(): number {
  drafts += 1;
  return drafts;
}

async function writeDraft(disk: Disk, path: string, holder: Holder): Promise<void> {
  const file = await disk.open(path, 'w');
  try {
    await file.write(Buffer.from(JSON.stringify(holder)), 0);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A link appears with its whole content or not at all, and only one of two gets the name. */
async function take(disk: Disk, draft: string, path: string): Promise<boolean> {
  try {
    await disk.link(draft, path);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function clearStale(
  disk: Disk,
  folder: string,
  path: string,
  isHeld: (holder: Holder) => Promise<boolean>,
): Promise<void> {
  const holder = await readHolder(disk, path);
  if (holder !== undefined && (await isHeld(holder))) throw new FolderInUse(folder, holder);
  const aside = `${path}.stale.${process.pid}.${nextDraft()}`;
  try {
    await disk.rename(path, aside);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  // Between reading and renaming another starter may have taken over: then it is its lock that lies aside, and goes back.
  const moved = await readHolder(disk, aside);
  if (moved?.pid !== holder?.pid || moved?.startedAt !== holder?.startedAt) await take(disk, aside, path);
  await disk.remove(aside);
}

async function readHolder(disk: Disk, path: string): Promise<Holder | undefined> {
  try {
    return Holder.safeParse(JSON.parse((await disk.readFile(path)).toString('utf8'))).data;
  } catch (error) {
    // Not there any more, or torn by a power cut: in neither case does its owner run.
    if (hasCode(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
