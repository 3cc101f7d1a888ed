import { workerData } from 'node:worker_threads';
import { nodeDisk } from '#lib/node-disk';
import { CompactionJob, compact } from './compaction.ts';

await compact(nodeDisk, CompactionJob.parse(workerData));
