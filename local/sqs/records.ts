import * as z from 'zod';

/** One attribute of a message, as the API carries it; binary values in base64. */
export const MessageAttribute = z.object({
  DataType: z.string(),
  StringValue: z.string().optional(),
  BinaryValue: z.string().optional(),
});
export type MessageAttribute = z.infer<typeof MessageAttribute>;

/** A message as it was sent. */
export const SentMessage = z.object({
  id: z.string(),
  body: z.string(),
  delayMs: z.number().optional(),
  attributes: z.record(z.string(), MessageAttribute).optional(),
  trace: z.string().optional(),
  group: z.string().optional(),
  dedupId: z.string().optional(),
});
export type SentMessage = z.infer<typeof SentMessage>;

const queue = z.string();
const atMs = z.number();
const seqs = z.array(z.number());
const texts = z.record(z.string(), z.string());

const Move = z.object({ seq: z.number(), to: z.string(), id: z.string() });

const bodies = {
  'create-queue': z.object({ name: z.string(), attributes: texts, tags: texts, atMs }),
  'delete-queue': z.object({ queue }),
  'set-attributes': z.object({ queue, attributes: texts, atMs }),
  tag: z.object({ queue, tags: texts }),
  untag: z.object({ queue, keys: z.array(z.string()) }),
  send: z.object({ queue, atMs, messages: z.array(SentMessage) }),
  receive: z.object({ queue, atMs, untilMs: z.number(), seqs, attempt: z.string().optional() }),
  dead: z.object({ queue, atMs, seqs, to: z.string() }),
  delete: z.object({ queue, atMs, seqs }),
  visibility: z.object({ queue, atMs, changes: z.array(z.tuple([z.number(), z.number()])) }),
  purge: z.object({ queue, atMs }),
  'start-move': z.object({
    queue,
    atMs,
    handle: z.string(),
    destination: z.string().optional(),
    ratePerS: z.number().optional(),
    toMove: z.number(),
  }),
  move: z.object({ queue, atMs, handle: z.string(), moves: z.array(Move) }),
  'end-move': z.object({
    queue,
    handle: z.string(),
    status: z.enum(['COMPLETED', 'CANCELLED', 'FAILED']),
    reason: z.string().optional(),
  }),
} as const;

/** Kinds of change that the journal holds. */
export type Op = keyof typeof bodies;
/** What a change says, by its kind. */
export type Bodies = { readonly [K in Op]: z.infer<(typeof bodies)[K]> };
/** One change of state. */
export type QueueRecord<K extends Op = Op> = { [P in K]: { readonly op: P; readonly body: Bodies[P] } }[K];

const record = <K extends Op>(op: K) => z.object({ op: z.literal(op), body: bodies[op] });

const AnyRecord = z.discriminatedUnion('op', [
  record('send'),
  record('receive'),
  record('delete'),
  record('visibility'),
  record('dead'),
  record('create-queue'),
  record('delete-queue'),
  record('set-attributes'),
  record('tag'),
  record('untag'),
  record('purge'),
  record('start-move'),
  record('move'),
  record('end-move'),
]);

/** Reads a record of the journal. */
export const parseQueueRecord = (value: unknown): QueueRecord => AnyRecord.parse(value);

const Remembered = z.object({ atMs, seqs, id: z.string().optional(), untilMs: z.number().optional() });
/** What is remembered for five minutes: a deduplication (one message) or a receive attempt. */
export type Remembered = z.infer<typeof Remembered>;

/** A redrive that moves messages from a dead-letter queue back. */
export const MoveTask = z.object({
  handle: z.string(),
  startedMs: z.number(),
  destination: z.string().optional(),
  ratePerS: z.number().optional(),
  toMove: z.number(),
  moved: z.number(),
  status: z.enum(['RUNNING', 'COMPLETED', 'CANCELLED', 'FAILED']),
  reason: z.string().optional(),
});
export type MoveTask = z.infer<typeof MoveTask>;

/** A message in a snapshot: as sent, and what became of it. */
export const KeptMessage = SentMessage.extend({
  seq: z.number(),
  sentMs: z.number(),
  visibleAtMs: z.number(),
  isInFlight: z.boolean(),
  receives: z.number(),
  receivedElsewhere: z.number(),
  firstReceivedMs: z.number(),
  deadFrom: z.string().optional(),
});
export type KeptMessage = z.infer<typeof KeptMessage>;

/** The items of a snapshot: a queue is followed by what is in it. */
export const SnapshotItem = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('queue'),
    id: z.string(),
    name: z.string(),
    createdMs: z.number(),
    modifiedMs: z.number(),
    nextSeq: z.number(),
    purgedMs: z.number(),
    attributes: texts,
    tags: texts,
    moves: z.array(MoveTask),
  }),
  z.object({ kind: z.literal('message'), queue, message: KeptMessage }),
  z.object({ kind: z.literal('dedup'), queue, key: z.string(), value: Remembered }),
  z.object({ kind: z.literal('attempt'), queue, key: z.string(), value: Remembered }),
]);
export type SnapshotItem = z.infer<typeof SnapshotItem>;
