import { mkdir } from 'node:fs/promises';
import { embedded } from '#lib/deps';
import { nodeDisk } from '#lib/node-disk';
import type { E1Data } from '#ports/e1-data';
import { lockFolder } from '../../local/engine/lock.ts';

/** E1 data in a folder, taken for this process. */
export const aFilesStore = async (folder: string): Promise<E1Data> => {
  await mkdir(folder, { recursive: true });
  const open = await embedded.e1Files();
  return open({
    folder,
    disk: nodeDisk,
    now: () => '2026-01-01T00:00:00.000Z',
    takeFolder: (path) => lockFolder(nodeDisk, path),
  });
};
