import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import * as z from 'zod';
import type { Disk } from '#ports/disk';
import { createFoldingParts, folding, itemsOf } from './parts.ts';
import { listJournal, scanSegment } from './segment.ts';
import { damageOf, scanSnapshot, writeSnapshot } from './snapshot.ts';

/** What a compaction works on: all segments before `segment` become the snapshot of that number. */
export const CompactionJob = z.object({
  folder: z.string(),
  segment: z.int().positive(),
  interpreter: z.string(),
  identity: z.object({ account: z.string(), region: z.string(), queueBaseUrl: z.string() }),
});
export type CompactionJob = z.infer<typeof CompactionJob>;

/** Folds an older snapshot and the sealed segments into a new snapshot, by the parts' own code. */
export async function compact(disk: Disk, job: CompactionJob): Promise<void> {
  const parts = createFoldingParts(job.identity);
  const { onItem, onRecord } = folding(parts);
  const base = await baseSnapshot(disk, job);
  if (base > 0) await scanSnapshot(disk, job.folder, base, onItem);
  for (let number = Math.max(base, 1); number < job.segment; number += 1) {
    await scanSegment(disk, job.folder, number, (body, offsetBytes) => onRecord(body, number, offsetBytes));
  }
  const { segment, interpreter } = job;
  await writeSnapshot(disk, job.folder, { segment, interpreter }, itemsOf(parts));
}

async function baseSnapshot(disk: Disk, job: CompactionJob): Promise<number> {
  const { snapshots } = await listJournal(disk, job.folder);
  for (const number of snapshots.filter((one) => one < job.segment).reverse()) {
    if ((await damageOf(disk, job.folder, number)) === undefined) return number;
  }
  return 0;
}

/** Runs a compaction in a thread of its own, so that the serving loop never pauses; `signal` ends it half-way. */
export async function compactInThread(job: CompactionJob, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const worker = new Worker(new URL('./compaction-thread.ts', import.meta.url), { workerData: job });
  const stop = () => worker.terminate();
  signal.addEventListener('abort', stop);
  try {
    const [code] = await once(worker, 'exit');
    if (code !== 0) throw new Error(`the compaction ended with ${code}`);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
