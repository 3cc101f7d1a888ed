import { basename, dirname } from 'node:path';
import type { Disk, DiskFile } from '#ports/disk';
import { aRandom } from './random.ts';

/** A disk in memory that forgets what was not synced. */
export type TornDisk = Disk & {
  /**
   * A power cut: of what was not synced some blocks stay, in any order, some are torn at any byte, some are noise; names
   * that were not synced may be gone. Returns the disk as the next process finds it; this one fails from now on.
   */
  readonly crash: (seed: number) => TornDisk;
  /** What a power cut at this moment would leave; this disk goes on. */
  readonly fork: (seed: number) => TornDisk;
  /** From now on (or not any more) there is no space for more bytes than these. */
  readonly setFreeBytes: (bytes: number | undefined) => void;
  /** How often something was synced. */
  readonly syncs: () => number;
  /** Changes bytes that are on the medium, as a bad disk does. */
  readonly flipBit: (path: string, offsetBytes: number) => void;
};

type Change = { readonly at: number; readonly bytes: Buffer } | { readonly lengthBytes: number };
type Inode = { durable: Buffer; current: Buffer; pending: Change[] };
type Names = Map<string, Inode>;
type Folder = { durable: Names; current: Names; pending: ((names: Names) => void)[] };

const blockBytes = 512;

const failure = (code: string, path: string) => Object.assign(new Error(`${code}: ${path}`), { code });

/** Makes an empty disk. */
export function tornDisk(folders = new Map<string, Folder>()): TornDisk {
  let freeBytes: number | undefined;
  let isDead = false;
  let syncs = 0;

  const folderOf = (path: string): Folder => {
    if (isDead) throw failure('EIO', path);
    const folder = folders.get(path);
    if (folder === undefined) throw failure('ENOENT', path);
    return folder;
  };
  const find = (path: string) => folderOf(dirname(path)).current.get(basename(path));
  const need = (path: string): Inode => {
    const inode = find(path);
    if (inode === undefined) throw failure('ENOENT', path);
    return inode;
  };
  const rename = (path: string, change: (names: Names) => void) => {
    const folder = folderOf(dirname(path));
    change(folder.current);
    folder.pending.push(change);
  };
  const spend = (path: string, bytes: number) => {
    if (freeBytes === undefined || bytes <= 0) return;
    if (bytes > freeBytes) throw failure('ENOSPC', path);
    freeBytes -= bytes;
  };

  const create = (path: string): Inode => {
    if (freeBytes === 0) throw failure('ENOSPC', path);
    const inode = { durable: Buffer.alloc(0), current: Buffer.alloc(0), pending: [] };
    rename(path, (names) => names.set(basename(path), inode));
    return inode;
  };

  const fileOf = (path: string, inode: Inode): DiskFile => {
    const alive = () => {
      if (isDead) throw failure('EIO', path);
    };
    return {
      write: async (bytes, offsetBytes) => {
        alive();
        const more = Math.max(0, offsetBytes + bytes.length - inode.current.length);
        if (freeBytes !== undefined && more > freeBytes) {
          // As a real disk does: what fits is written before the error comes.
          put(inode, bytes.subarray(0, Math.max(0, bytes.length - more + freeBytes)), offsetBytes);
          freeBytes = 0;
          throw failure('ENOSPC', path);
        }
        spend(path, more);
        put(inode, bytes, offsetBytes);
      },
      read: async (into, offsetBytes) => {
        alive();
        const bytes = inode.current.subarray(offsetBytes, offsetBytes + into.length);
        into.set(bytes);
        return bytes.length;
      },
      truncate: async (lengthBytes) => {
        alive();
        spend(path, lengthBytes - inode.current.length);
        cut(inode, lengthBytes);
      },
      sync: async () => {
        alive();
        syncs += 1;
        inode.durable = Buffer.from(inode.current);
        inode.pending = [];
      },
      close: async () => undefined,
    };
  };

  return {
    open: async (path, flags) => {
      const known = find(path);
      if (known && flags === 'wx') throw failure('EEXIST', path);
      if (!known && flags.startsWith('r')) throw failure('ENOENT', path);
      const file = fileOf(path, known ?? create(path));
      if (known && flags === 'w') await file.truncate(0);
      return file;
    },
    readFile: async (path) => Buffer.from(need(path).current),
    list: async (folder) => {
      if (!folders.has(folder) && folders.has(dirname(folder)) && find(folder)) throw failure('ENOTDIR', folder);
      return [...folderOf(folder).current.keys()];
    },
    makeFolder: async (folder) => {
      if (!folders.has(folder)) folders.set(folder, { durable: new Map(), current: new Map(), pending: [] });
    },
    rename: async (from, to) => {
      const inode = need(from);
      rename(to, (names) => {
        names.delete(basename(from));
        names.set(basename(to), inode);
      });
    },
    link: async (from, to) => {
      const inode = need(from);
      if (find(to)) throw failure('EEXIST', to);
      rename(to, (names) => names.set(basename(to), inode));
    },
    remove: async (path) => {
      if (find(path)) rename(path, (names) => names.delete(basename(path)));
    },
    syncFolder: async (path) => {
      syncs += 1;
      const folder = folderOf(path);
      folder.durable = new Map(folder.current);
      folder.pending = [];
    },
    sizeOf: async (path) => find(path)?.current.length,
    crash: (seed) => {
      isDead = true;
      return tornDisk(crashed(folders, aRandom(seed)));
    },
    fork: (seed) => tornDisk(crashed(folders, aRandom(seed))),
    setFreeBytes: (bytes) => {
      freeBytes = bytes;
    },
    syncs: () => syncs,
    flipBit: (path, offsetBytes) => {
      const inode = need(path);
      for (const bytes of new Set([inode.current, inode.durable])) {
        bytes[offsetBytes] = (bytes[offsetBytes] ?? 0) ^ 1;
      }
    },
  };
}

function put(inode: Inode, bytes: Uint8Array, at: number): void {
  const end = at + bytes.length;
  if (end > inode.current.length)
    inode.current = Buffer.concat([inode.current, Buffer.alloc(end - inode.current.length)]);
  inode.current.set(bytes, at);
  inode.pending.push({ at, bytes: Buffer.from(bytes) });
}

function cut(inode: Inode, lengthBytes: number): void {
  const kept = inode.current.subarray(0, lengthBytes);
  inode.current = Buffer.concat([kept, Buffer.alloc(lengthBytes - kept.length)]);
  inode.pending.push({ lengthBytes });
}

function crashed(folders: ReadonlyMap<string, Folder>, random: () => number): Map<string, Folder> {
  const files = new Map<Inode, Inode>();
  const left = new Map<string, Folder>();
  for (const [path, folder] of folders) {
    const names = crashNames(folder, random);
    for (const inode of new Set([...folder.current.values(), ...names.values()])) {
      if (!files.has(inode)) files.set(inode, crashFile(inode, random));
    }
    const found = [...names].map(([name, inode]) => [name, files.get(inode) ?? inode] as const);
    left.set(path, { durable: new Map(found), current: new Map(found), pending: [] });
  }
  return left;
}

function crashNames({ durable, pending }: Folder, random: () => number): Names {
  const names = new Map(durable);
  const isInOrder = random() < 0.5;
  for (const change of pending) {
    if (random() < 0.5) change(names);
    else if (isInOrder) break;
  }
  return names;
}

/** Each change that was not synced stays or is lost, whatever became of the others. */
function crashFile(inode: Inode, random: () => number): Inode {
  const left: Inode = { durable: inode.durable, current: Buffer.from(inode.durable), pending: [] };
  for (const change of inode.pending) {
    if ('bytes' in change) crashWrite(left, change.bytes, change.at, random);
    else if (random() < 0.5) cut(left, change.lengthBytes);
  }
  return { durable: Buffer.from(left.current), current: left.current, pending: [] };
}

/** Each block of a write stays, is torn, is noise, or is lost. */
function crashWrite(left: Inode, bytes: Buffer, at: number, random: () => number): void {
  for (let start = 0; start < bytes.length; ) {
    const end = Math.min(start + blockBytes - ((at + start) % blockBytes), bytes.length);
    const block = bytes.subarray(start, end);
    const fate = random();
    if (fate < 0.5) put(left, block, at + start);
    else if (fate < 0.7) put(left, block.subarray(0, Math.floor(random() * (block.length + 1))), at + start);
    else if (fate < 0.8) put(left, Buffer.from(block.map(() => Math.floor(random() * 256))), at + start);
    start = end;
  }
}
