import { constants } from 'node:fs';
import { access, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '#lib/config';
import type { Check } from '#schema/check-up';
import type { Plane } from '../../functions/catalog.ts';
import { hasCode } from '../engine/disk.ts';
import { fileSystemOf } from '../plane/file-system.ts';
import { diskMeter, limitsOf, type Meter, reasonToPause } from '../plane/quota.ts';

/** Free space above the reserve at which it is time to look. */
const shortBytes = 1e9;

const gigabytes = (bytes: number): string =>
  bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;

/** Whether a folder lies on a disk that is mounted read-only; whose it is does not matter. */
const isReadOnly = async (path: string): Promise<boolean> => {
  try {
    await access(path, constants.W_OK);
    return false;
  } catch (error) {
    return hasCode(error, 'EROFS');
  }
};

/** Whether a plane has the space that its configuration asks for. */
export const checkDisk = async (
  folder: string,
  plane: Plane,
  { config, meter = diskMeter }: { readonly config: Config; readonly meter?: Meter },
): Promise<Check> => {
  const about = { check: 'disk', of: plane } as const;
  const limits = limitsOf(plane, config);
  const { quotaBytes, reserveBytes } = limits;
  const path = join(folder, plane);
  if (await isReadOnly(path)) {
    const what = `${path} is read-only: ${await fileSystemOf(path)}`;
    return { ...about, level: 'problem', what, todo: 'docs/operators/runbooks/disk-read-only.md' };
  }
  const usedBytes = quotaBytes === undefined ? undefined : await meter.used(path);
  const freeBytes = await meter.free(path);
  const { blocks, bsize } = await statfs(path);
  const held = usedBytes === undefined ? '' : `, it holds ${gigabytes(usedBytes)} of its ${gigabytes(quotaBytes ?? 0)}`;
  const space = `${gigabytes(freeBytes)} of ${gigabytes(blocks * bsize)} are free, it stops at ${gigabytes(reserveBytes)}${held}`;
  const reason = reasonToPause(limits, { usedBytes, freeBytes });
  if (reason !== undefined) {
    const todo =
      plane === 'work'
        ? 'Make space or raise PAPILIO_WORK_QUOTA_MB; it goes on by itself. See docs/operators/runbooks/work-plane-full.md.'
        : 'Make space at once: archiving is stopped, and resumes by itself. See docs/operators/runbooks/disk-full.md.';
    return { ...about, level: 'problem', what: `takes no work: ${reason}`, todo };
  }
  if (freeBytes < reserveBytes + shortBytes) {
    return { ...about, level: 'warning', what: space, todo: 'Make space before it stops.' };
  }
  return { ...about, level: 'ok', what: space };
};
