import { createHash } from 'node:crypto';
import type { Disk, DiskFile } from '#ports/disk';

const pieceBytes = 2 ** 20;

/** Copies what is open; the copy gets its name only when it is whole and on the medium. */
export async function copyTo(disk: Disk, from: DiskFile, path: string): Promise<void> {
  const to = await disk.open(`${path}.tmp`, 'wx');
  try {
    const bytes = Buffer.allocUnsafe(pieceBytes);
    for (let at = 0, filled = pieceBytes; filled === pieceBytes; at += filled) {
      filled = await from.read(bytes, at);
      if (filled > 0) await to.write(bytes.subarray(0, filled), at);
    }
    await to.sync();
  } finally {
    await to.close();
  }
  await disk.rename(`${path}.tmp`, path);
}

/** Size and SHA-256 of a file. */
export async function digest(
  disk: Disk,
  path: string,
): Promise<{ readonly sizeBytes: number; readonly sha256: string }> {
  const file = await disk.open(path, 'r');
  const hash = createHash('sha256');
  let sizeBytes = 0;
  try {
    const bytes = Buffer.allocUnsafe(pieceBytes);
    for (let filled = pieceBytes; filled === pieceBytes; sizeBytes += filled) {
      filled = await file.read(bytes, sizeBytes);
      hash.update(bytes.subarray(0, filled));
    }
  } finally {
    await file.close();
  }
  return { sizeBytes, sha256: hash.digest('hex') };
}

/** Writes a new file. */
export async function writeText(disk: Disk, path: string, text: string): Promise<void> {
  const file = await disk.open(path, 'wx');
  try {
    await file.write(Buffer.from(text), 0);
    await file.sync();
  } finally {
    await file.close();
  }
}
