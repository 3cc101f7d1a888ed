import { dirname } from 'node:path';
import * as z from 'zod';
import type { Disk, DiskFile } from '#ports/disk';
import { frameBuffer, putFrame, scanFrames } from './framing.ts';
import { snapshotPath } from './segment.ts';
import { assertReadable } from './version.ts';

const SnapshotHeader = z.object({
  format: z.literal('papilio-snapshot'),
  version: z.int(),
  segment: z.int().positive(),
  interpreter: z.string(),
});
const SnapshotEnd = z.object({ end: z.literal(true), items: z.int().nonnegative() });

const flushBytes = 2 ** 20;

/** Writes the state at the start of segment N; the file gets its name only when it is durable. */
export async function writeSnapshot(
  disk: Disk,
  folder: string,
  header: { readonly segment: number; readonly interpreter: string },
  items: Iterable<readonly [string, unknown]>,
): Promise<{ readonly sizeBytes: number }> {
  const path = snapshotPath(folder, header.segment);
  const file = await disk.open(`${path}.tmp`, 'w');
  let sizeBytes = 0;
  try {
    sizeBytes = await writeAll(file, { format: 'papilio-snapshot', version: 1, ...header }, items);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(`${path}.tmp`, path);
  await disk.syncFolder(dirname(path));
  return { sizeBytes };
}

async function writeAll(file: DiskFile, header: object, items: Iterable<readonly [string, unknown]>): Promise<number> {
  const buffer = frameBuffer(2 * flushBytes);
  let at = 0;
  let count = 0;
  const flush = async () => {
    await file.write(buffer.bytes.subarray(0, buffer.usedBytes), at);
    at += buffer.usedBytes;
    buffer.usedBytes = 0;
  };
  putFrame(buffer, JSON.stringify(header));
  for (const item of items) {
    putFrame(buffer, JSON.stringify(item));
    count += 1;
    if (buffer.usedBytes >= flushBytes) await flush();
  }
  putFrame(buffer, JSON.stringify({ end: true, items: count }));
  await flush();
  return at;
}

/** Where a snapshot is damaged; undefined if it is whole. @throws JournalOfOtherVersion */
export async function damageOf(disk: Disk, folder: string, segment: number): Promise<number | undefined> {
  let frames = 0;
  let last: Buffer | undefined;
  let lastAt = 0;
  let isKnown = false;
  const path = snapshotPath(folder, segment);
  const sizeBytes = await disk.sizeOf(path);
  const endBytes = await scan(disk, path, (body, offsetBytes) => {
    if (offsetBytes === 0) isKnown = isHeader(path, body);
    frames += 1;
    last = body.length < 100 ? Buffer.from(body) : undefined;
    lastAt = offsetBytes;
  });
  if (!isKnown) return 0;
  if (endBytes !== sizeBytes) return endBytes;
  const end = SnapshotEnd.safeParse(last && JSON.parse(last.toString('utf8')));
  return end.success && end.data.items === frames - 2 ? undefined : lastAt;
}

function isHeader(path: string, body: Buffer): boolean {
  const { data } = SnapshotHeader.safeParse(JSON.parse(body.toString('utf8')));
  if (data) assertReadable(path, data);
  return data !== undefined;
}

/** Visits the items of a snapshot that was found whole. */
export async function scanSnapshot(
  disk: Disk,
  folder: string,
  segment: number,
  onItem: (body: Buffer) => void,
): Promise<void> {
  let held: Buffer | undefined;
  await scan(disk, snapshotPath(folder, segment), (body, offsetBytes) => {
    if (offsetBytes === 0) return;
    // One frame behind, because the last one is not an item.
    if (held !== undefined) onItem(held);
    held = Buffer.from(body);
  });
}

async function scan(disk: Disk, path: string, visit: (body: Buffer, offsetBytes: number) => void): Promise<number> {
  const file = await disk.open(path, 'r');
  try {
    return (await scanFrames(file, visit)).endBytes;
  } finally {
    await file.close();
  }
}
