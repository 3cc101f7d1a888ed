import { StateFailure } from './failure.ts';
import { arnOf, type Identity } from './identity.ts';
import { type Json, type JsonObject, jsonSize, parseJson } from './json.ts';
import type { Question } from './jsonata/question.ts';
import { MAX_DATA_BYTES, MAX_EVENTS } from './limits.ts';
import { Meter } from './meter.ts';
import type { Pending, Recorder, Run, Scope, Thread, Turn } from './model.ts';
import { proofOf } from './proof.ts';
import { type Random, seededRandom } from './random.ts';

/** Thrown when the history is full; only the interpreter's outermost loop catches it. */
export class HistoryFull extends Error {}

/** What a turn is played with. */
export type Stage = {
  readonly atMs: number;
  readonly secret: string;
  /** How much it does at once; `undefined` for one of a journal in which turns were not measured. */
  readonly work: number | undefined;
  readonly recorder?: Recorder | undefined;
  /** Variables that are there from the start; only while a single state is tested. */
  readonly variables?: JsonObject;
  /** The start's input, if the caller has parsed it already. */
  readonly input?: Json | undefined;
};

/** Begins a turn. */
export const newTurn = (run: Run, { atMs, secret, work, recorder }: Stage): Turn => {
  const ready = [...(run.rest ?? [])];
  run.rest = undefined;
  run.turnCount += 1;
  return {
    run,
    atMs,
    secret,
    recorder,
    record: undefined,
    meter: new Meter(work),
    commands: [],
    ready,
    boundBytes: 0,
    eventId: 0,
    previousEventId: 0,
    random: undefined,
    input: undefined,
    assigned: undefined,
  };
};

const recordOf = (turn: Turn, { wants, take }: Recorder): Turn['record'] =>
  wants(turn.eventId) ? (event) => take(event, turn.eventId, turn.previousEventId, turn.atMs) : undefined;

/** Gives the next event its id, also when nobody records: causes and tokens name it. */
export const countEvent = (turn: Turn, thread: Thread): number => {
  // An express machine's execution has no history, so it cannot be full.
  if (turn.run.eventCount >= MAX_EVENTS - 1 && turn.run.identity.expressId === undefined) throw new HistoryFull();
  return countLastEvent(turn, thread);
};

/** As `countEvent`, for the event that ends the execution and always has room. */
export const countLastEvent = (turn: Turn, thread: Thread): number => {
  turn.eventId = ++turn.run.eventCount;
  turn.previousEventId = thread.lastEventId;
  thread.lastEventId = turn.eventId;
  if (turn.recorder) turn.record = recordOf(turn, turn.recorder);
  return turn.eventId;
};

/** Randomness that depends on execution and turn only. */
export const randomOf = (turn: Turn): Random => {
  // An execution's serial is never given again, so no two turns draw the same numbers.
  turn.random ??= seededRandom(`${turn.secret}/${turn.run.identity.serial}/${turn.run.turnCount}`);
  return turn.random;
};

/** The execution's input as a value. */
export const inputOf = (turn: Turn): Json => {
  turn.input ??= parseJson(turn.run.identity.inputText) ?? null;
  return turn.input;
};

/** The token by which the outside world answers what event `id` scheduled. */
export const taskToken = (secret: string, identity: Identity, id: number): string => {
  const proof = proofOf(secret, `${arnOf(identity)}/${identity.serial}/${id}`);
  return Buffer.from(`${identity.serial}.${id}.${proof}`).toString('base64url');
};

/** The cause of `States.DataLimitExceeded`. */
export const tooLarge = (name: string): string =>
  `The state/task '${name}' returned a result with a size exceeding the maximum number of bytes service limit.`;

/** Measures a value whose size is not bounded well enough, and refuses what is too large. Cost: nothing for small ones. */
export const checkedBound = (thread: Thread, value: Json, boundBytes: number): number => {
  if (boundBytes <= MAX_DATA_BYTES) return boundBytes;
  const sizeBytes = jsonSize(value, MAX_DATA_BYTES);
  if (sizeBytes <= MAX_DATA_BYTES) return sizeBytes;
  throw new StateFailure('States.DataLimitExceeded', tooLarge(thread.state.name));
};

/** Makes the thread wait, with its effect and its timer. */
export const wait = (turn: Turn, thread: Thread, pending: Pending): void => {
  thread.pending = pending;
  turn.run.pending.set(pending.id, thread);
  if (pending.dueAtMs < Number.POSITIVE_INFINITY) {
    turn.commands.push({ type: 'timer', pending: pending.id, atMs: pending.dueAtMs });
  }
  if (pending.request) turn.commands.push({ type: 'request', pending: pending.id, request: pending.request });
};

/** Ends the thread's wait; an effect that has given its answer need not be cancelled. */
export const unwait = (turn: Turn, thread: Thread, isAnswered = false): void => {
  const { pending } = thread;
  if (!pending) return;
  turn.run.pending.delete(pending.id);
  thread.pending = undefined;
  if (pending.request || pending.dueAtMs < Number.POSITIVE_INFINITY) {
    turn.commands.push({ type: 'cancel', pending: pending.id, isAnswered });
  }
};

/** A thread about to enter the first state of its scope. */
export const newThread = (
  scope: Scope,
  from: { parent: Thread | undefined; index: number; item: Json | undefined; data: Json; boundBytes: number },
  lastEventId: number,
): Thread => ({
  // Named one by one: what is spread lies beside the object, not in it.
  parent: from.parent,
  index: from.index,
  item: from.item,
  data: from.data,
  boundBytes: from.boundBytes,
  scope,
  state: scope.startAt,
  lastEventId,
  enteredEventId: 0,
  enteredAtMs: 0,
  retries: undefined,
  pending: undefined,
  group: undefined,
  variables: undefined,
  answers: undefined,
  leaving: undefined,
  isOver: false,
});

/** Makes the thread wait for expressions; its step is then repeated. */
export const hold = (turn: Turn, thread: Thread, question: Question): void =>
  wait(turn, thread, {
    id: thread.lastEventId,
    reason: 'evaluation',
    request: question,
    dueAtMs: Number.POSITIVE_INFINITY,
    timeoutAtMs: Number.POSITIVE_INFINITY,
    heartbeatMs: Number.POSITIVE_INFINITY,
    isSubmitted: false,
  });

/** Counts the variables of a scope that is over no more. */
export const dropVariables = (turn: Turn, thread: Thread): void => {
  for (const { sizeBytes } of thread.variables?.values() ?? []) turn.run.variableBytes -= sizeBytes;
};

/** Ends a thread and all below it without a result. What they were at stays with them, for a redrive. */
export const abandon = (turn: Turn, thread: Thread): void => {
  if (thread.isOver) return;
  thread.isOver = true;
  unwait(turn, thread);
  dropVariables(turn, thread);
  for (const child of thread.group?.active ?? []) abandon(turn, child);
};
