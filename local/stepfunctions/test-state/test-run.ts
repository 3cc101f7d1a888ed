import { Definition } from '../definition.ts';
import type { StateFailure } from '../failure.ts';
import type { Identity } from '../identity.ts';
import { advance, startRun } from '../interpreter.ts';
import { isArray, type Json, type JsonObject, own } from '../json.ts';
import { END, type Link, type Pending, type Run, type State, WAITING } from '../model.ts';
import type { Behaviour, CompileContext } from '../states/state-type.ts';
import { STATE_TYPES } from '../states/table.ts';
import type { Stimulus } from '../stimulus.ts';
import type { Inspection } from './inspection.ts';
import type { MapTest } from './mocked-map.ts';
import { compileMocked } from './mocked-state.ts';
import type { Subject } from './subject.ts';

/** How a tested state ended. */
export type Ending = {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'RETRIABLE' | 'CAUGHT_ERROR';
  readonly output?: Json | undefined;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
  readonly nextState?: string | undefined;
  readonly errorDetails?: JsonObject | undefined;
};

/** A state under test with all that it is tested with. */
export type Test = {
  readonly subject: Subject;
  readonly identity: Identity;
  readonly input: Json;
  readonly context: JsonObject;
  readonly map: MapTest;
  /** Attempts that each retrier has made before. */
  readonly retryCount: number;
  readonly inspection: Inspection;
  /** Has the work of a task done that is not mocked; a `timer` when it took too long. */
  readonly perform: (pending: Pending) => Promise<{ readonly stimulus: Stimulus; readonly atMs: number }>;
};

/** AWS lets a test run for so long. */
export const MAX_TEST_MS = 300_000;

const absent = { resume: undefined, recover: undefined, childEnded: undefined, childFailed: undefined } as const;

/** What a run of one state leaves behind. */
type Traces = {
  /** Where transitions lead while only one state is tested, with the place in the state that named each. */
  readonly targets: Map<State, string>;
  /** What Retry and Catch were shown. */
  failure: StateFailure | undefined;
};

const contextFor = (definition: Definition, name: string, { targets }: Traces): CompileContext => {
  const linkTo = (from: Definition, field: string): Link => {
    const target: State = { name: from.text(field) ?? '', type: '', scopes: [], enter: () => WAITING, ...absent };
    targets.set(target, from.at);
    return { to: target };
  };
  return {
    name,
    linkTo,
    next: () => (definition.has('Next') ? linkTo(definition, 'Next') : { to: END }),
    scope: () => undefined,
  };
};

const retriersOf = ({ fields }: Subject): number => {
  const retriers = own(fields, 'Retry');
  return isArray(retriers) ? retriers.length : 0;
};

const compileSubject = ({ subject, map, inspection, retryCount }: Test, traces: Traces): State => {
  const { name, type, fields } = subject;
  const language = own(fields, 'QueryLanguage') ?? subject.queryLanguage;
  const definition = new Definition(fields, '', [], inspection.watch).ofState(language === 'JSONata');
  const context = contextFor(definition, name, traces);
  const compiled: Behaviour | undefined = map.mocked
    ? compileMocked(definition, context, { type, mocked: map.mocked, map })
    : STATE_TYPES.get(type)?.compile(definition, context);
  const { enter, exit, recover, resume }: Behaviour = compiled ?? { enter: () => END };
  const before = Array.from({ length: retriersOf(subject) }, () => retryCount);
  return {
    ...absent,
    name,
    type,
    scopes: [],
    resume,
    exit,
    enter: (turn, thread) => {
      if (before.length > 0) thread.retries ??= before;
      return enter(turn, thread);
    },
    recover:
      recover &&
      ((turn, thread, failure, catcher) => {
        traces.failure = failure;
        return recover(turn, thread, failure, catcher);
      }),
  };
};

/** The cause without the words that place it in a history, which a test has none of. */
const bare = (run: Run, state: State, cause: string | undefined): string | undefined => {
  const preamble = `An error occurred while executing the state '${state.name}' (entered at the event id #${run.root.enteredEventId}). `;
  return cause?.startsWith(preamble) ? cause.slice(preamble.length) : cause;
};

const retriable = (run: Run, pending: Pending, { retryCount }: Test): JsonObject => ({
  retryIndex: (run.root.retries ?? []).findIndex((count) => count !== retryCount),
  retryBackoffIntervalSeconds: Math.round((pending.dueAtMs - run.identity.startedAtMs) / 1000),
});

const endingOf = (test: Test, run: Run, state: State, { targets, failure }: Traces): Ending => {
  const { outcome, root } = run;
  if (outcome?.status === 'FAILED') {
    return { status: 'FAILED', error: outcome.error, cause: bare(run, state, outcome.cause) };
  }
  const failed = failure && { error: failure.error, cause: bare(run, state, failure.reason) };
  if (root.pending) return { status: 'RETRIABLE', ...failed, errorDetails: retriable(run, root.pending, test) };
  const catchIndex = /^\/Catch\/(\d+)$/.exec(targets.get(root.state) ?? '')?.[1];
  const nextState = root.state === state ? undefined : root.state.name;
  if (catchIndex === undefined) return { status: 'SUCCEEDED', output: root.data, nextState };
  const errorDetails = { catchIndex: Number(catchIndex) };
  return { status: 'CAUGHT_ERROR', output: root.data, nextState, ...failed, errorDetails };
};

/** Runs one state as an execution of its own that leaves nothing behind. Waits take no time. */
export const runTest = async (test: Test): Promise<Ending> => {
  const { identity, context, input } = test;
  const traces: Traces = { targets: new Map(), failure: undefined };
  const state = compileSubject(test, traces);
  const scope = { startAt: state, states: new Map() };
  const machine = { definition: '', scope, timeoutMs: undefined, context };
  const { run } = startRun(identity, machine, { atMs: identity.startedAtMs, secret: '', input });
  const endsAtMs = identity.startedAtMs + MAX_TEST_MS;
  for (let { pending } = run.root; pending && pending.reason !== 'retry'; { pending } = run.root) {
    const { id, reason, dueAtMs } = pending;
    const wait = { stimulus: { type: 'timer', pending: id } as const, atMs: dueAtMs };
    const { stimulus, atMs } = reason === 'wait' ? wait : await test.perform(pending);
    if (atMs > endsAtMs) return { status: 'FAILED', error: 'States.Timeout' };
    advance(run, stimulus, { atMs, secret: '' });
  }
  return endingOf(test, run, state, traces);
};
