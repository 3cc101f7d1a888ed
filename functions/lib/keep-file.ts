import { dirname } from 'node:path';
import type { Disk } from './ports/disk.ts';

/**
 * Replaces a small file so that it is whole at any instant and stays after a power cut: written beside, synced, renamed,
 * and the folder synced. A draft that a crash left is overwritten by the next.
 */
export const keepFile = async (disk: Disk, path: string, text: string): Promise<void> => {
  const draft = `${path}.tmp`;
  const file = await disk.open(draft, 'w');
  try {
    await file.write(Buffer.from(text), 0);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(draft, path);
  await disk.syncFolder(dirname(path));
};
