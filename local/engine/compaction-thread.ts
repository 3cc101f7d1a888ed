import { workerData } from 'node:worker_threads';
import { CompactionJob, compact } from './compaction.ts';
import { nodeDisk } from './disk.ts';

await compact(nodeDisk, CompactionJob.parse(workerData));
