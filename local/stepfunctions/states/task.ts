import { compileDataFlow, type DataFlow } from '../data-flow.ts';
import { runtimeFailure, StateFailure } from '../failure.ts';
import { isObject, type Json, jsonSize, own } from '../json.ts';
import { exitBy, leave } from '../leave.ts';
import { MAX_DATA_BYTES } from '../limits.ts';
import { type Link, type Next, type Pending, type Thread, type Turn, WAITING } from '../model.ts';
import { compileRecovery } from '../recovery.ts';
import type { Request } from '../request.ts';
import type { Integration } from '../resources/integration.ts';
import { compileIntegration } from '../resources/table.ts';
import type { Stimulus } from '../stimulus.ts';
import { tooLarge, unwait, wait } from '../turn.ts';
import { compileNumber, type NumberField } from './numbers.ts';
import type { StateType } from './state-type.ts';
import { type TaskEvents, taskEvents } from './task-events.ts';

type Task = {
  readonly integration: Integration;
  readonly events: TaskEvents;
  readonly flow: DataFlow;
  readonly link: Link;
  readonly timeoutS: NumberField;
  readonly heartbeatS: NumberField;
};

const ms = (seconds: number | undefined): number => (seconds ?? Number.POSITIVE_INFINITY) * 1000;

/** Waits without end for what is needed before anything is scheduled. */
const lookFor = (turn: Turn, thread: Thread, needs: Request): Next => {
  wait(turn, thread, {
    id: thread.lastEventId,
    reason: 'task',
    request: needs,
    dueAtMs: Number.POSITIVE_INFINITY,
    timeoutAtMs: Number.POSITIVE_INFINITY,
    heartbeatMs: Number.POSITIVE_INFINITY,
    isSubmitted: false,
  });
  return WAITING;
};

/** Begins; after answers to its expressions a state is entered again, and what it needs has been found before. */
const enter = (turn: Turn, thread: Thread, task: Task): Next => {
  const { needs } = task.integration;
  return needs && !thread.answers ? lookFor(turn, thread, needs) : schedule(turn, thread, task);
};

const schedule = (turn: Turn, thread: Thread, task: Task): Next => {
  const input = task.flow.input(turn, thread);
  const timeoutS = task.timeoutS(turn, thread, thread.data);
  const heartbeatS = task.heartbeatS(turn, thread, thread.data);
  const request = task.integration.request(turn, thread, input);
  const id = task.events.scheduled(turn, thread, input, { timeoutS, heartbeatS });
  const isWorkers = task.integration.completion === 'worker';
  if (!isWorkers) task.events.started(turn, thread);
  const timeoutAtMs = turn.atMs + ms(timeoutS);
  const heartbeatMs = ms(heartbeatS);
  wait(turn, thread, {
    id,
    reason: 'task',
    request,
    // A worker's heart beats from when it has taken the work.
    dueAtMs: isWorkers ? timeoutAtMs : Math.min(timeoutAtMs, turn.atMs + heartbeatMs),
    timeoutAtMs,
    heartbeatMs,
    isSubmitted: false,
  });
  return WAITING;
};

const fail = (turn: Turn, thread: Thread, task: Task, error: string | undefined, cause: string | undefined): never => {
  task.events.failed(turn, thread, error, cause);
  unwait(turn, thread, true);
  throw new StateFailure(error, cause);
};

const finish = (turn: Turn, thread: Thread, task: Task, output: Json): Next => {
  const sizeBytes = jsonSize(output, MAX_DATA_BYTES);
  if (sizeBytes > MAX_DATA_BYTES)
    return fail(turn, thread, task, 'States.DataLimitExceeded', tooLarge(task.events.name));
  task.events.succeeded(turn, thread, output);
  unwait(turn, thread, true);
  turn.boundBytes = sizeBytes;
  task.flow.output(turn, thread, output);
  return leave(turn, thread, task.link);
};

const submitted = (turn: Turn, thread: Thread, task: Task, pending: Pending, result: Json): Next => {
  if (pending.isSubmitted) return WAITING;
  pending.isSubmitted = true;
  task.events.submitted(turn, thread, result);
  // A child execution is asked after again after a restart; what only a token ends is not.
  if (task.integration.completion === 'token') pending.request = undefined;
  return WAITING;
};

const childEnded = (turn: Turn, thread: Thread, task: Task, output: Json): Next => {
  const status = isObject(output) ? own(output, 'Status') : undefined;
  if (status === 'SUCCEEDED') return finish(turn, thread, task, task.integration.result(turn, thread, output));
  return fail(turn, thread, task, 'States.TaskFailed', JSON.stringify(output));
};

/** What came, with nothing where nothing was sent. */
type Answer = {
  readonly output: Json;
  readonly envelope: Json | undefined;
  readonly error: string | undefined;
  readonly cause: string | undefined;
  readonly worker: string | undefined;
};
type Take = (turn: Turn, thread: Thread, task: Task, pending: Pending, answer: Answer) => Next;

/** Whether it still waits for what it needs. */
const isSearch = ({ integration }: Task, { request }: Pending): boolean =>
  request !== undefined && request.type === integration.needs?.type;

const timedOut: Take = (turn, thread, task, pending) => {
  const error = turn.atMs >= pending.timeoutAtMs ? 'States.Timeout' : 'States.HeartbeatTimeout';
  task.events.timedOut(turn, thread, error);
  throw new StateFailure(error);
};

const succeeded: Take = (turn, thread, task, pending, { output, envelope }) => {
  const { completion, result } = task.integration;
  if (isSearch(task, pending)) {
    unwait(turn, thread, true);
    return schedule(turn, thread, task);
  }
  const whole = result(turn, thread, output, envelope);
  if (completion === 'result') return finish(turn, thread, task, whole);
  return submitted(turn, thread, task, pending, whole);
};

const failed: Take = (turn, thread, task, pending, { error, cause }) => {
  if (isSearch(task, pending)) throw runtimeFailure(cause ?? '');
  return fail(turn, thread, task, error, cause);
};

/** From now on the work is one worker's, and its heart has to beat. */
const taken: Take = (turn, thread, task, pending, { worker }) => {
  if (pending.isSubmitted) return WAITING;
  pending.isSubmitted = true;
  task.events.started(turn, thread, worker);
  pending.dueAtMs = Math.min(pending.timeoutAtMs, turn.atMs + pending.heartbeatMs);
  if (pending.dueAtMs < Number.POSITIVE_INFINITY) {
    turn.commands.push({ type: 'timer', pending: pending.id, atMs: pending.dueAtMs });
  }
  return WAITING;
};

/** Offers the work again. */
const returned: Take = (turn, _thread, _task, pending) => {
  if (!pending.isSubmitted || !pending.request) return WAITING;
  pending.isSubmitted = false;
  pending.dueAtMs = pending.timeoutAtMs;
  turn.commands.push({ type: 'request', pending: pending.id, request: pending.request });
  return WAITING;
};

/** What each stimulus means to a task; a token, a result and a timeout race, and the first one ends the wait. */
const ANSWERS: Readonly<Record<Stimulus['type'], Take>> = {
  succeeded,
  failed,
  answered: (turn, thread, task, _pending, { output }) => finish(turn, thread, task, output),
  refused: failed,
  taken,
  returned,
  heartbeat: (turn, _thread, _task, pending) => {
    pending.dueAtMs = Math.min(pending.timeoutAtMs, turn.atMs + pending.heartbeatMs);
    return WAITING;
  },
  childEnded: (turn, thread, task, _pending, { output }) => childEnded(turn, thread, task, output),
  evaluated: () => WAITING,
  timer: timedOut,
  goOn: () => WAITING,
  stop: () => WAITING,
};

const answerOf = (stimulus: Stimulus): Answer => ({
  output: 'output' in stimulus ? stimulus.output : null,
  envelope: 'envelope' in stimulus ? stimulus.envelope : undefined,
  error: 'error' in stimulus ? stimulus.error : undefined,
  cause: 'cause' in stimulus ? stimulus.cause : undefined,
  worker: 'worker' in stimulus ? stimulus.worker : undefined,
});

/** Task: has work done elsewhere and waits for its result. */
export const task: StateType = {
  fields: [
    ...['InputPath', 'OutputPath', 'Parameters', 'ResultSelector', 'ResultPath', 'Resource', 'Credentials'],
    ...['Arguments', 'Output', 'Assign'],
    ...['TimeoutSeconds', 'TimeoutSecondsPath', 'HeartbeatSeconds', 'HeartbeatSecondsPath'],
    ...['Retry', 'Catch', 'Next', 'End'],
  ],
  compile: (definition, context) => {
    const integration = compileIntegration(definition);
    const flow = compileDataFlow(definition);
    const link = context.next();
    const timeoutS = compileNumber(definition, 'TimeoutSeconds', 1);
    const heartbeatS = compileNumber(definition, 'HeartbeatSeconds', 1);
    const recover = compileRecovery(definition, context);
    if (!integration) return { enter: () => WAITING, recover };
    const events = taskEvents(integration, definition.text('Resource') ?? '');
    const parts: Task = { integration, events, flow, link, timeoutS, heartbeatS };
    return {
      exit: exitBy(flow, link),
      enter: (turn, thread) => enter(turn, thread, parts),
      resume: (turn, thread, stimulus) =>
        thread.pending ? ANSWERS[stimulus.type](turn, thread, parts, thread.pending, answerOf(stimulus)) : WAITING,
      recover,
    };
  },
};
