import * as z from 'zod';
import { PackedActivity } from './activities/snapshot.ts';
import { MapLimits } from './distributed/map-request.ts';
import { PackedExpress } from './express/snapshot.ts';
import { PackedMachine, PackedRevision } from './machines/snapshot.ts';
import { PackedRun } from './packing/packed-run.ts';
import { Parent, ShareRecord } from './records.ts';
import { JsonValue } from './stimulus.ts';

/** An execution, packed. */
export const PackedExecution = z.object({
  item: z.literal('execution'),
  serial: z.number(),
  name: z.string(),
  machine: z.string(),
  definition: z.number(),
  roleArn: z.string(),
  /** Only where it is not the machine's last one. */
  revision: PackedRevision.optional(),
  version: z.number().optional(),
  alias: z.string().optional(),
  startedAtMs: z.number(),
  input: z.string(),
  parent: Parent.optional(),
  traceHeader: z.string().optional(),
  share: ShareRecord.optional(),
  turns: z.array(z.tuple([z.number(), z.number()])),
  isWhole: z.boolean(),
  eventCount: z.number(),
  stoppedAtMs: z.number().optional(),
  outcome: z
    .object({
      status: z.enum(['SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED']),
      output: JsonValue.optional(),
      error: z.string().optional(),
      cause: z.string().optional(),
    })
    .optional(),
  run: PackedRun.optional(),
  redrives: z
    .object({
      count: z.number(),
      atMs: z.number(),
      asked: z.array(z.object({ token: z.string(), atMs: z.number() })),
    })
    .optional(),
  /** Of a child that its redriven map run has not come to yet. */
  isPendingRedrive: z.literal(true).optional(),
});

const Counts = z.object({
  RUNNING: z.number(),
  SUCCEEDED: z.number(),
  FAILED: z.number(),
  TIMED_OUT: z.number(),
  ABORTED: z.number(),
  PENDING_REDRIVE: z.number().default(0),
});

/** A map run, packed; it stands behind its parent and before its children. */
const PackedMapRun = z.object({
  item: z.literal('mapRun'),
  id: z.string(),
  parent: z.number(),
  pending: z.number(),
  state: z.string(),
  startedAtMs: z.number(),
  stoppedAtMs: z.number().optional(),
  status: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'ABORTED']),
  limits: MapLimits,
  hasWriter: z.boolean(),
  itemsStarted: z.number(),
  itemsKnown: z.number(),
  itemCounts: Counts,
  childCounts: Counts,
  redriveCount: z.number().default(0),
  redrivenAtMs: z.number().optional(),
});

/** A map run, packed. */
export type PackedMapRun = z.infer<typeof PackedMapRun>;

/** What a snapshot consists of; definitions come before what names them. */
export const SnapshotItem = z.discriminatedUnion('item', [
  z.object({ item: z.literal('head'), secret: z.string(), lastSerial: z.number(), forgetAt: z.number().optional() }),
  z.object({ item: z.literal('definition'), id: z.number(), text: z.string() }),
  PackedActivity,
  PackedMachine,
  PackedExecution,
  PackedExpress,
  PackedMapRun,
]);

/** A part of a snapshot. */
export type SnapshotItem = z.infer<typeof SnapshotItem>;
