import { copyFileSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { aRandom } from './random.ts';

/** Where a WAL ends in the medium's eyes: what lies beyond was written, but not synced yet. */
export const walLength = (path: string): number => (existsSync(`${path}-wal`) ? statSync(`${path}-wal`).size : 0);

/**
 * Copies a database as a power cut leaves it: everything up to `syncedBytes` of its WAL, and of what lies beyond a seeded
 * choice: cut at any byte, its blocks kept, zeroed or filled with noise. The index of the WAL (`-shm`) is lost.
 */
export const cutPower = (path: string, copyPath: string, syncedBytes: number, seed: number): void => {
  const random = aRandom(seed);
  copyFileSync(path, copyPath);
  if (!existsSync(`${path}-wal`)) return;
  const wal = readFileSync(`${path}-wal`);
  const end = syncedBytes + Math.floor(random() * (wal.length - syncedBytes + 1));
  for (let at = syncedBytes; at < end; at += 512) {
    const block = wal.subarray(at, Math.min(at + 512, end));
    const fate = random();
    if (fate < 0.3) block.fill(0);
    else if (fate < 0.5) block.set(Uint8Array.from(block, () => Math.floor(random() * 256)));
  }
  writeFileSync(`${copyPath}-wal`, wal);
  truncateSync(`${copyPath}-wal`, end);
};
