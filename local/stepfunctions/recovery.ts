import { compileCaught, type DataFlow } from './data-flow.ts';
import type { Definition } from './definition.ts';
import { errorOutput, type StateFailure } from './failure.ts';
import { jsonSize } from './json.ts';
import { leave } from './leave.ts';
import { MAX_DATA_BYTES } from './limits.ts';
import { type Link, type Next, type Recover, type Thread, type Turn, WAITING } from './model.ts';
import type { CompileContext } from './states/state-type.ts';
import { randomOf, wait } from './turn.ts';

type Matcher = (error: string) => boolean;

type Retrier = {
  readonly matches: Matcher;
  readonly intervalMs: number;
  readonly maxAttempts: number;
  readonly backoffRate: number;
  readonly maxDelayMs: number;
  readonly isJittered: boolean;
};

type Catcher = { readonly matches: Matcher; readonly output: DataFlow['output']; readonly link: Link };

const MAX_INT = 99_999_999;
/** Errors that the wildcard does not match. */
const TERMINAL = new Set(['States.DataLimitExceeded', 'States.Runtime']);

/** `States.ALL` and `States.TaskFailed` match by kind, everything else by name. */
const compileMatcher = (definition: Definition, isLast: boolean): Matcher => {
  const names = definition.texts('ErrorEquals');
  if (names.includes('States.ALL') && (names.length > 1 || !isLast)) {
    definition.problem('ErrorEquals', 'States.ALL must appear alone and in the last element');
  }
  const set = new Set(names);
  return (error) =>
    set.has(error) ||
    (set.has('States.Timeout') && error === 'States.HeartbeatTimeout') ||
    (set.has('States.ALL') && !TERMINAL.has(error)) ||
    (set.has('States.TaskFailed') && error !== 'States.Timeout' && !TERMINAL.has(error));
};

const compileRetrier = (definition: Definition, at: number, all: readonly Definition[]): Retrier => {
  const jitter = definition.text('JitterStrategy');
  if (jitter !== undefined && jitter !== 'FULL' && jitter !== 'NONE') {
    definition.problem('JitterStrategy', "The value must be 'FULL' or 'NONE'");
  }
  return {
    matches: compileMatcher(definition, at === all.length - 1),
    intervalMs: (definition.number('IntervalSeconds', 0, MAX_INT) ?? 1) * 1000,
    maxAttempts: definition.number('MaxAttempts', 0, MAX_INT) ?? 3,
    backoffRate: definition.number('BackoffRate', 1, MAX_INT, false) ?? 2,
    maxDelayMs: (definition.number('MaxDelaySeconds', 1, 31_622_400) ?? Number.POSITIVE_INFINITY) * 1000,
    isJittered: jitter === 'FULL',
  };
};

/** Retry number n (from 0) waits interval × rate^n, at most the maximum; with full jitter anything from 0 to that. */
const delayMs = (retrier: Retrier, attempts: number, turn: Turn): number => {
  // A year: longer than any execution, and small enough that no clock overflows.
  const longestMs = Math.min(retrier.maxDelayMs, 31_622_400_000);
  const full = Math.min(retrier.intervalMs * retrier.backoffRate ** attempts, longestMs);
  return Math.round(retrier.isJittered ? full * randomOf(turn).fraction() : full);
};

const retry = (turn: Turn, thread: Thread, retriers: readonly Retrier[], error: string): Next | undefined => {
  const at = retriers.findIndex((retrier) => retrier.matches(error));
  const retrier = retriers[at];
  if (!retrier) return undefined;
  const counts = thread.retries ?? retriers.map(() => 0);
  const attempts = counts[at] ?? 0;
  if (attempts >= retrier.maxAttempts) return undefined;
  thread.retries = counts.with(at, attempts + 1);
  wait(turn, thread, {
    id: thread.lastEventId,
    reason: 'retry',
    request: undefined,
    dueAtMs: turn.atMs + delayMs(retrier, attempts, turn),
    timeoutAtMs: Number.POSITIVE_INFINITY,
    heartbeatMs: Number.POSITIVE_INFINITY,
    isSubmitted: false,
  });
  return WAITING;
};

const caught = (turn: Turn, thread: Thread, catcher: Catcher, failure: StateFailure): Next => {
  const output = errorOutput(failure);
  turn.boundBytes = jsonSize(output, MAX_DATA_BYTES);
  catcher.output(turn, thread, output);
  return leave(turn, thread, catcher.link);
};

/** Compiles Retry and Catch; `undefined` for a state that has neither. */
export const compileRecovery = (definition: Definition, context: CompileContext): Recover | undefined => {
  const retriers = definition.objects('Retry').map(compileRetrier);
  const catchers = definition.objects('Catch').map(
    (each, at, all): Catcher => ({
      matches: compileMatcher(each, at === all.length - 1),
      output: compileCaught(each, at),
      link: context.linkTo(each, 'Next'),
    }),
  );
  if (retriers.length + catchers.length === 0) return undefined;
  return (turn, thread, failure, resumed) => {
    const again = resumed === undefined ? undefined : catchers[resumed];
    if (again) return caught(turn, thread, again, failure);
    const error = failure.error ?? '';
    const waiting = retry(turn, thread, retriers, error);
    if (waiting) return waiting;
    const catcher = catchers.find((each) => each.matches(error));
    return catcher && caught(turn, thread, catcher, failure);
  };
};
