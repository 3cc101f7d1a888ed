import * as z from 'zod';
import { MapRequest } from '../distributed/map-request.ts';
import { Request } from '../request.ts';
import { Answer, JsonValue } from '../stimulus.ts';

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

/** Of a redriven distributed Map that has not gone on yet; a waiting one has its request in `pending`. */
const PackedMapWork = z.object({ request: MapRequest, startedEventId: z.number(), redriveCount: z.number() });

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
  mapRun: PackedMapWork.optional(),
};

const PlainThread = z.object(threadFields);
const PlainGroup = z.object(groupFields);

/** A thread without its links: the parent is where it stands, state and scope are named. */
export type PackedThread = z.infer<typeof PlainThread> & { readonly group?: PackedGroup | undefined };

/** The children of a thread, packed. */
export type PackedGroup = z.infer<typeof PlainGroup> & {
  readonly active: readonly PackedThread[];
  readonly waiting?: readonly PackedThread[] | undefined;
};

const PackedThread: z.ZodType<PackedThread> = PlainThread.extend({
  group: z.lazy(() =>
    PlainGroup.extend({ active: z.array(PackedThread), waiting: z.array(PackedThread).optional() }).optional(),
  ),
});

/** Where a thread goes next, packed: to a state, to its own again, or else to its end. */
export const PackedWork = z.object({
  /** The thread: which child of which child. */
  at: z.array(z.number()),
  to: z.string().optional(),
  isAgain: z.literal(true).optional(),
});

/** Where a thread goes next, packed. */
export type PackedWork = z.infer<typeof PackedWork>;

/** The whole state of an execution, packed. */
export const PackedRun = z.object({
  root: PackedThread,
  deadlineAtMs: Moment,
  eventCount: z.number(),
  turnCount: z.number(),
  variableBytes: z.number().optional(),
  rest: z.array(PackedWork).optional(),
  redrive: z.object({ count: z.number(), atMs: z.number() }).optional(),
});

/** The whole state of an execution, packed. */
export type PackedRun = z.infer<typeof PackedRun>;
