import * as z from 'zod';
import { MapLimits } from './distributed/map-request.ts';
import { PackedMachine } from './machines/snapshot.ts';
import { Parent, ShareRecord } from './records.ts';
import { Request } from './request.ts';
import { Answer, JsonValue } from './stimulus.ts';

const Moment = z.number().nullable();

/** JSON has no infinity: `null` stands for never. */
export const never = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** A packed moment. */
export const moment = (value: number | null): number => value ?? Number.POSITIVE_INFINITY;

/** What a thread waits for, packed. */
export const PackedPending = z.object({
  id: z.number(),
  reason: z.enum(['task', 'wait', 'retry', 'evaluation']),
  request: Request.optional(),
  dueAtMs: Moment,
  timeoutAtMs: Moment,
  heartbeatMs: Moment,
  isSubmitted: z.boolean(),
});

const groupFields = {
  results: z.array(JsonValue.nullable()),
  ended: z.number(),
  /** Which results are there: an absent one and a null one differ. */
  has: z.array(z.boolean()),
  boundBytes: z.number(),
  startedEventId: z.number(),
  started: z.number(),
  failed: z.number(),
  items: z.array(JsonValue),
  maxConcurrency: Moment,
  toleratedFailures: z.number(),
};

const threadFields = {
  index: z.number(),
  /** Which of the parent state's scopes it runs in. */
  scope: z.number(),
  item: z.object({ value: JsonValue }).optional(),
  state: z.string(),
  data: JsonValue,
  boundBytes: z.number(),
  lastEventId: z.number(),
  enteredEventId: z.number(),
  enteredAtMs: z.number(),
  retries: z.array(z.number()).optional(),
  pending: PackedPending.optional(),
  /** Workflow variables: name, value, size. */
  variables: z.array(z.tuple([z.string(), JsonValue, z.number()])).optional(),
  answers: z.array(Answer).optional(),
  leaving: z.object({ exit: z.number(), value: JsonValue, boundBytes: z.number() }).optional(),
};

const PlainThread = z.object(threadFields);
const PlainGroup = z.object(groupFields);

/** A thread without its links: the parent is where it stands, state and scope are named. */
export type PackedThread = z.infer<typeof PlainThread> & { readonly group?: PackedGroup | undefined };

/** The children of a thread, packed. */
export type PackedGroup = z.infer<typeof PlainGroup> & { readonly active: readonly PackedThread[] };

const PackedThread: z.ZodType<PackedThread> = PlainThread.extend({
  group: z.lazy(() => PlainGroup.extend({ active: z.array(PackedThread) }).optional()),
});

/** An execution, packed. */
export const PackedExecution = z.object({
  item: z.literal('execution'),
  serial: z.number(),
  name: z.string(),
  machine: z.string(),
  definition: z.number(),
  roleArn: z.string(),
  /** Only where it is not the machine's last one. */
  revision: z.object({ id: z.string(), atMs: z.number() }).optional(),
  startedAtMs: z.number(),
  input: z.string(),
  parent: Parent.optional(),
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
  run: z
    .object({
      root: PackedThread,
      deadlineAtMs: Moment,
      eventCount: z.number(),
      turnCount: z.number(),
      variableBytes: z.number().optional(),
    })
    .optional(),
});

const Counts = z.object({
  RUNNING: z.number(),
  SUCCEEDED: z.number(),
  FAILED: z.number(),
  TIMED_OUT: z.number(),
  ABORTED: z.number(),
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
});

/** A map run, packed. */
export type PackedMapRun = z.infer<typeof PackedMapRun>;

/** What a snapshot consists of; definitions come before what names them. */
export const SnapshotItem = z.discriminatedUnion('item', [
  z.object({ item: z.literal('head'), secret: z.string(), lastSerial: z.number() }),
  z.object({ item: z.literal('definition'), id: z.number(), text: z.string() }),
  PackedMachine,
  PackedExecution,
  PackedMapRun,
]);

/** A part of a snapshot. */
export type SnapshotItem = z.infer<typeof SnapshotItem>;
