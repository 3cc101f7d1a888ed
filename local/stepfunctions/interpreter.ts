import { EXECUTION_TIMER, endRun } from './end-run.ts';
import { failureOf, located, type StateFailure, toFailure } from './failure.ts';
import { Unanswered } from './jsonata/question.ts';
import { MAX_EVENTS } from './limits.ts';
import {
  AGAIN,
  BETWEEN,
  END,
  type Leaving,
  type Next,
  type Outcome,
  type Run,
  SELECTION,
  type State,
  type Thread,
  type Turn,
  WAITING,
  type Work,
} from './model.ts';
import type { Answer, Stimulus } from './stimulus.ts';
import { abandon, countEvent, dropVariables, HistoryFull, hold, newTurn, type Stage, unwait } from './turn.ts';

/** Runs a step of the thread's state; what it throws goes through Retry, Catch and the parents. */
const attempt = (turn: Turn, thread: Thread, step: () => Next): Next => {
  turn.meter.begin(0);
  try {
    return step();
  } catch (thrown) {
    return stopped(turn, thread, thrown);
  }
};

/** What becomes of a step that threw: it waits for expressions, or has failed. */
const stopped = (turn: Turn, thread: Thread, thrown: unknown): Next => {
  if (thrown instanceof HistoryFull) throw thrown;
  if (!(thrown instanceof Unanswered)) return fail(turn, thread, toFailure(thrown));
  hold(turn, thread, thrown.question);
  return WAITING;
};

const enterState = (turn: Turn, thread: Thread, state: State): Next => {
  thread.state = state;
  thread.retries = undefined;
  thread.enteredAtMs = turn.atMs;
  turn.meter.begin(thread.boundBytes);
  thread.enteredEventId = countEvent(turn, thread);
  turn.record?.({
    type: `${state.type}StateEntered`,
    stateEnteredEventDetails: {
      name: state.name,
      input: JSON.stringify(thread.data),
      inputDetails: { truncated: false },
    },
  });
  try {
    return state.enter(turn, thread);
  } catch (thrown) {
    return stopped(turn, thread, thrown);
  }
};

const recovered = (turn: Turn, thread: Thread, failure: StateFailure, catcher?: number): Next | undefined => {
  if (failure.error === 'States.Runtime') return undefined;
  try {
    return thread.state.recover?.(turn, thread, failure, catcher);
  } catch (thrown) {
    if (thrown instanceof HistoryFull) throw thrown;
    if (!(thrown instanceof Unanswered)) return failThread(turn, thread, told(turn, thread, toFailure(thrown)));
    hold(turn, thread, thrown.question);
    return WAITING;
  }
};

const fail = (turn: Turn, thread: Thread, failure: StateFailure): Next => {
  unwait(turn, thread);
  for (const child of thread.group?.active ?? []) abandon(turn, child);
  thread.answers = undefined;
  thread.leaving = undefined;
  const known = told(turn, thread, failure);
  const next = recovered(turn, thread, known);
  if (next === undefined) return failThread(turn, thread, known);
  thread.group = undefined;
  return next;
};

/** A failure as Catch and the history are told of it. */
const told = (turn: Turn, thread: Thread, failure: StateFailure): StateFailure => {
  const { name } = thread.state;
  const { error, reason: cause, location } = failure;
  if (location !== undefined) {
    countEvent(turn, thread);
    turn.record?.({ type: 'EvaluationFailed', evaluationFailedEventDetails: { error, cause, location, state: name } });
  }
  return located(failure, name, thread.enteredEventId);
};

const failThread = (turn: Turn, thread: Thread, failure: StateFailure): Next => {
  const { parent } = thread;
  if (!parent) {
    endRun(turn, { status: 'FAILED', error: failure.error, cause: failure.reason });
    return WAITING;
  }
  thread.isOver = true;
  dropVariables(turn, thread);
  const next = attempt(turn, parent, () => parent.state.childFailed?.(turn, parent, thread, failure) ?? WAITING);
  turn.ready.push({ thread: parent, next });
  return WAITING;
};

const finishThread = (turn: Turn, thread: Thread): void => {
  const { parent } = thread;
  thread.isOver = true;
  if (!parent) {
    endRun(turn, { status: 'SUCCEEDED', output: thread.data });
    return;
  }
  dropVariables(turn, thread);
  const next = attempt(turn, parent, () => parent.state.childEnded?.(turn, parent, thread) ?? WAITING);
  turn.ready.push({ thread: parent, next });
};

/** A redriven state goes on where it can, or begins anew. */
const again = (turn: Turn, thread: Thread): Next =>
  attempt(turn, thread, () => thread.state.redrive?.(turn, thread) ?? thread.state.enter(turn, thread));

/** Drives a thread until it waits, or the turn has done enough: then it goes on there. */
const drive = (turn: Turn, { thread, next: first }: Work): Next => {
  let next = first;
  while (typeof next === 'object' || next === AGAIN) {
    if (turn.meter.isSpent) return next;
    next = next === AGAIN ? again(turn, thread) : enterState(turn, thread, next);
  }
  if (next === END) finishThread(turn, thread);
  return WAITING;
};

/** A list, not recursion: a Map of thousands of items must not exhaust the stack. */
const driveAll = (turn: Turn): void => {
  const { ready, run } = turn;
  for (let at = 0; at < ready.length && !run.outcome; at++) {
    const work = ready[at];
    if (!work || work.thread.isOver) continue;
    const next = drive(turn, work);
    if (next === WAITING) continue;
    run.rest = [{ thread: work.thread, next }, ...ready.slice(at + 1)];
    turn.commands.push({ type: 'goOn' });
    return;
  }
};

/** Plays the turn's beginning, then drives threads until all wait or the turn has done enough. */
export const play = (turn: Turn, begin: (turn: Turn) => void): Turn => {
  try {
    begin(turn);
    driveAll(turn);
  } catch (thrown) {
    const isFull = thrown instanceof HistoryFull;
    const cause = isFull
      ? `The execution reached the maximum number of history events (${MAX_EVENTS}).`
      : toFailure(thrown).reason;
    if (!turn.run.outcome) endRun(turn, { status: 'FAILED', error: 'States.Runtime', cause });
  }
  return turn;
};

const resumeThread = (turn: Turn, thread: Thread, stimulus: Stimulus): Next => {
  const { pending, state } = thread;
  if (stimulus.type === 'timer' && pending && turn.atMs < pending.dueAtMs) return WAITING;
  return attempt(turn, thread, () => {
    if (pending?.reason !== 'retry') return state.resume?.(turn, thread, stimulus) ?? WAITING;
    unwait(turn, thread, true);
    return state.enter(turn, thread);
  });
};

/** Goes on with what an answer was waited for: the way out of a state, or the state itself from its beginning. */
const goOn = (turn: Turn, thread: Thread, leaving: Leaving | undefined): Next => {
  const { state } = thread;
  if (!leaving) return state.enter(turn, thread);
  const { exit, value, boundBytes } = leaving;
  if (exit >= 0) return recovered(turn, thread, failureOf(value), exit) ?? WAITING;
  turn.boundBytes = boundBytes;
  return state.exit?.(turn, thread, value) ?? WAITING;
};

/** Lets an item begin whose input is there now; what fails is the Map's. */
const beginItem = (turn: Turn, parent: Thread, child: Thread): Next => {
  parent.state.select?.(turn, parent, child);
  turn.ready.push({ thread: child, next: child.state });
  return WAITING;
};

/** What a step has brought about; a Map that has more items to begin does so before those run that it has begun since `at`. */
const putReady = (turn: Turn, at: number, work: Work): void => {
  if (work.next === AGAIN) turn.ready.splice(at, 0, work);
  else turn.ready.push(work);
};

const takeAnswers = (turn: Turn, thread: Thread, answers: readonly Answer[]): void => {
  const { request } = thread.pending ?? {};
  const { leaving, parent } = thread;
  // A repeated answer to the question before this one.
  if (request?.type !== 'evaluate' || request.items[0]?.at !== answers[0]?.at) return;
  unwait(turn, thread, true);
  thread.answers = [...(thread.answers ?? []), ...answers];
  const isItem = leaving?.exit === SELECTION && parent !== undefined;
  const at = turn.ready.length;
  const next = isItem
    ? attempt(turn, parent, () => beginItem(turn, parent, thread))
    : attempt(turn, thread, () => goOn(turn, thread, leaving));
  if (thread.pending?.reason !== 'evaluation') {
    thread.answers = undefined;
    thread.leaving = undefined;
  }
  putReady(turn, at, { thread: isItem ? parent : thread, next });
};

/**
 * Puts what a turn has left into threads that can be redriven: whoever had reached its end, has; whoever was about to enter
 * a state stands before it.
 */
const settle = (turn: Turn): void => {
  for (const { thread, next } of turn.ready) {
    if (thread.isOver || turn.run.outcome) continue;
    if (next === END) finishThread(turn, thread);
    if (typeof next !== 'object') continue;
    thread.state = next;
    thread.enteredEventId = BETWEEN;
  }
};

const endFromOutside = (turn: Turn, outcome: Outcome): void => {
  settle(turn);
  if (!turn.run.outcome) endRun(turn, outcome);
};

const take = (turn: Turn, stimulus: Stimulus): void => {
  if (stimulus.type === 'goOn') return;
  if (stimulus.type === 'stop') {
    endFromOutside(turn, { status: 'ABORTED', error: stimulus.error, cause: stimulus.cause });
    return;
  }
  if (stimulus.type === 'timer' && stimulus.pending === EXECUTION_TIMER) {
    if (turn.atMs >= turn.run.deadlineAtMs) endFromOutside(turn, { status: 'TIMED_OUT' });
    return;
  }
  const thread = turn.run.pending.get(stimulus.pending);
  if (!thread) return;
  if (stimulus.type === 'evaluated') takeAnswers(turn, thread, stimulus.answers);
  else putReady(turn, turn.ready.length, { thread, next: resumeThread(turn, thread, stimulus) });
};

/** Carries an execution on by one stimulus, in place. A stimulus that nobody waits for changes nothing. */
export const advance = (run: Run, stimulus: Stimulus, stage: Stage): Turn => {
  const turn = newTurn(run, stage);
  return run.outcome ? turn : play(turn, () => take(turn, stimulus));
};
