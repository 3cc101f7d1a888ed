import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import type { Disk } from '#ports/disk';
import { hasCode } from './disk.ts';

const Holder = z.object({ pid: z.int().positive(), startedAt: z.string(), boot: z.string().optional() });
/** Who holds a folder: a pid alone may be given away again; with its start time and the system's start it is one process. */
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

/** Names this start of the system, as far as it says. */
export async function bootOf(): Promise<string | undefined> {
  try {
    return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  } catch {
    return undefined;
  }
}

/** Whether the holder still runs. */
export async function isAlive(holder: Holder): Promise<boolean> {
  // Ticks since boot begin anew with it: after a power cut another process may have the same pid and the same ticks.
  if (holder.boot !== undefined && holder.boot !== (await bootOf())) return false;
  return (await startOf(holder.pid)) === holder.startedAt;
}

type IsHeld = (holder: Holder) => Promise<boolean>;

/** Takes the folder for this process; a dead process's lock is taken over. @throws FolderInUse */
export async function lockFolder(disk: Disk, folder: string, isHeld: IsHeld = isAlive): Promise<() => Promise<void>> {
  const path = join(folder, 'lock');
  const draft = `${path}.${process.pid}.${nextDraft()}`;
  await writeDraft(disk, draft, await self());
  try {
    const other = await acquire(disk, draft, path, isHeld);
    if (other !== undefined) throw new FolderInUse(folder, other);
  } finally {
    await disk.remove(draft);
  }
  return () => disk.remove(path);
}

async function self(): Promise<Holder> {
  const boot = await bootOf();
  return {
    pid: process.pid,
    startedAt: (await startOf(process.pid)) ?? 'running',
    ...(boot !== undefined && { boot }),
  };
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

/**
 * Gives the draft the lock's name, or returns who holds it. A dead one's lock may be replaced only under a claim, itself
 * such a lock, that is named after what the lock holds: so of many who find it dead only one replaces it, and one who
 * comes late finds another lock there than the one that it may replace.
 */
async function acquire(disk: Disk, draft: string, path: string, isHeld: IsHeld): Promise<Holder | undefined> {
  while (!(await take(disk, draft, path))) {
    const found = await readText(disk, path);
    if (found === undefined) continue;
    const holder = readHolder(found);
    if (holder !== undefined && (await isHeld(holder))) return holder;
    const claim = `${path}.${hash('sha256', found).slice(0, 12)}`;
    const claimer = await acquire(disk, draft, claim, isHeld);
    if (claimer !== undefined) return claimer;
    try {
      if ((await readText(disk, path)) !== found) continue;
      const heir = `${draft}.heir`;
      await disk.link(draft, heir);
      await disk.rename(heir, path);
      return undefined;
    } finally {
      await disk.remove(claim);
    }
  }
  return undefined;
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

async function readText(disk: Disk, path: string): Promise<string | undefined> {
  try {
    return (await disk.readFile(path)).toString('utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Who wrote the lock; undefined if a power cut tore it, and then nobody holds it. */
function readHolder(text: string): Holder | undefined {
  try {
    return Holder.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
