import { constants, writeSync } from 'node:fs';
import { type FileHandle, link, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import type { Disk, DiskFile } from './ports/disk.ts';

const isAbsent = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'ENOENT';

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
const plain = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;

/** The machine's own disk. */
export const nodeDisk: Disk = {
  open: async (path, flags) => fileOf(await open(path, flags === 'r-plain' ? plain : flags)),
  readFile: (path) => readFile(path),
  list: (folder) => readdir(folder),
  makeFolder: async (folder) => {
    // What lies in papilio's folders, such as the key of task tokens, is for its own user.
    await mkdir(folder, { recursive: true, mode: 0o700 });
  },
  rename,
  link,
  remove: (path) => rm(path, { force: true }),
  syncFolder: async (folder) => {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  sizeOf: async (path) => {
    try {
      return (await stat(path)).size;
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    }
  },
};

/** Up to this size a write to the page cache takes less time than its way to another thread and back. */
const directBytes = 65_536;

function fileOf(handle: FileHandle): DiskFile {
  return {
    write: async (bytes, offsetBytes) => {
      for (let done = 0; done < bytes.length; ) {
        const restBytes = bytes.length - done;
        const place = [done, restBytes, offsetBytes + done] as const;
        done +=
          restBytes <= directBytes
            ? writeSync(handle.fd, bytes, ...place)
            : (await handle.write(bytes, ...place)).bytesWritten;
      }
    },
    read: async (into, offsetBytes) => {
      for (let done = 0; ; ) {
        if (done === into.length) return done;
        const { bytesRead } = await handle.read(into, done, into.length - done, offsetBytes + done);
        if (bytesRead === 0) return done;
        done += bytesRead;
      }
    },
    truncate: (lengthBytes) => handle.truncate(lengthBytes),
    sync: () => handle.datasync(),
    close: () => handle.close(),
  };
}
