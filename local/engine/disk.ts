import type { Disk } from '#ports/disk';

/** Says whether an error of the disk carries this code, such as ENOENT. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

const probeBytes = 512;

/** Writes the file `probe` of a folder and syncs it, as a journal does: it fails where the journal would. */
export async function probeWrite(disk: Disk, folder: string): Promise<void> {
  const file = await disk.open(`${folder}/probe`, 'w');
  try {
    await file.write(Buffer.alloc(probeBytes), 0);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** State of a journal whose disk refuses a write with this error: `full` heals when there is space. */
export function stateOnError(error: unknown): 'full' | 'failing' {
  return hasCode(error, 'ENOSPC') || hasCode(error, 'EDQUOT') ? 'full' : 'failing';
}
