import { Definition } from '../definition.ts';
import type { StateFailure } from '../failure.ts';
import type { Identity } from '../identity.ts';
import { advance } from '../interpreter.ts';
import { isArray, type Json, type JsonObject, own } from '../json.ts';
import {
  END,
  type Link,
  type Pending,
  type Run,
  type Scope,
  type State,
  type Thread,
  type Turn,
  WAITING,
} from '../model.ts';
import { startRun } from '../start-run.ts';
import type { Behaviour, CompileContext } from '../states/state-type.ts';
import { STATE_TYPES } from '../states/table.ts';
import type { Stimulus } from '../stimulus.ts';
import { assign } from '../variables.ts';
import type { Inspection } from './inspection.ts';
import { asDistributed } from './map-test.ts';
import { compileMockedParallel } from './mocked-parallel.ts';
import type { Subject } from './subject.ts';
import type { Mocked } from './test-request.ts';

/** How a tested state ended. */
export type Ending = {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'RETRIABLE' | 'CAUGHT_ERROR';
  readonly output?: Json | undefined;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
  readonly nextState?: string | undefined;
  readonly errorDetails?: JsonObject | undefined;
  /** The workflow variables when it was over. */
  readonly variables?: JsonObject | undefined;
};

/** Has done what a state waits for; a `timer` when it took too long. */
export type Perform = (pending: Pending, run: Run) => Promise<{ readonly stimulus: Stimulus; readonly atMs: number }>;

/** A state under test with all that it is tested with. */
export type Test = {
  readonly subject: Subject;
  readonly identity: Identity;
  readonly input: Json;
  readonly context: JsonObject;
  readonly variables: JsonObject;
  readonly mocked: Mocked | undefined;
  /** An ItemReader is asked, because the test gives what it would read. */
  readonly hasReaderText: boolean;
  /** Attempts that each retrier has made before. */
  readonly retryCount: number;
  readonly inspection: Inspection;
  readonly perform: Perform;
};

/** A single state does all it does at once, within the steps that it has. */
const work = Number.POSITIVE_INFINITY;

/** AWS lets a test run for so long. */
export const MAX_TEST_MS = 300_000;

const absent = { resume: undefined, recover: undefined, childEnded: undefined, childFailed: undefined } as const;

/** What a run of one state leaves behind. */
type Traces = {
  /** Where transitions lead while only one state is tested, with the place in the state that named each. */
  readonly targets: Map<State, string>;
  /** What Retry and Catch were shown. */
  failure: StateFailure | undefined;
  hasBegun: boolean;
};

/** A place that is reached and not gone into: another state, the end, or an item. */
const placeOf = (name: string): State => ({ name, type: '', scopes: [], enter: () => WAITING, ...absent });

const nowhere: Scope = { startAt: placeOf(''), states: new Map() };

const contextFor = (definition: Definition, name: string, { targets }: Traces): CompileContext => {
  const linkTo = (from: Definition, field: string): Link => {
    const target = placeOf(from.text(field) ?? '');
    targets.set(target, from.at);
    return { to: target };
  };
  return { name, linkTo, next: () => linkTo(definition, 'Next'), scope: () => nowhere };
};

const retriersOf = ({ fields }: Subject): number => {
  const retriers = own(fields, 'Retry');
  return isArray(retriers) ? retriers.length : 0;
};

const compileBehaviour = (test: Test, traces: Traces): Behaviour => {
  const { subject, inspection, mocked, hasReaderText } = test;
  const { name, type } = subject;
  const fields = type === 'Map' ? asDistributed(subject.fields, hasReaderText) : subject.fields;
  const definition = new Definition(fields, '', [], inspection.watch).ofState(subject.isJsonata);
  const context = contextFor(definition, name, traces);
  if (type === 'Parallel' && mocked) return compileMockedParallel(definition, context, mocked);
  return STATE_TYPES.get(type)?.compile(definition, context) ?? { enter: () => END };
};

const compileSubject = (test: Test, traces: Traces): State => {
  const { subject, retryCount, variables } = test;
  const { enter, recover, ...behaviour } = compileBehaviour(test, traces);
  const begin = (turn: Turn, thread: Thread): void => {
    traces.hasBegun = true;
    const retriers = retriersOf(subject);
    if (retriers > 0) thread.retries = Array.from({ length: retriers }, () => retryCount);
    assign(turn, thread, variables);
  };
  return {
    ...absent,
    ...behaviour,
    name: subject.name,
    type: subject.type,
    scopes: [],
    enter: (turn, thread) => {
      if (!traces.hasBegun) begin(turn, thread);
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

const variablesOf = ({ root }: Run, { variables }: Test): JsonObject =>
  root.variables ? Object.fromEntries([...root.variables].map(([name, { value }]) => [name, value])) : variables;

const endingOf = (test: Test, run: Run, state: State, { targets, failure }: Traces): Ending => {
  const { outcome, root } = run;
  const variables = variablesOf(run, test);
  if (outcome?.status === 'FAILED') {
    return { status: 'FAILED', error: outcome.error, cause: bare(run, state, outcome.cause), variables };
  }
  const failed = failure && { error: failure.error, cause: bare(run, state, failure.reason) };
  if (root.pending) {
    return { status: 'RETRIABLE', ...failed, errorDetails: retriable(run, root.pending, test), variables };
  }
  const nextState = root.state === state || root.state.name === '' ? undefined : root.state.name;
  const ended = { output: root.data, nextState, variables };
  const catchIndex = /^\/Catch\[(\d+)\]$/.exec(targets.get(root.state) ?? '')?.[1];
  if (catchIndex === undefined) return { status: 'SUCCEEDED', ...ended };
  return { status: 'CAUGHT_ERROR', ...ended, ...failed, errorDetails: { catchIndex: Number(catchIndex) } };
};

/** Runs one state as an execution of its own that leaves nothing behind. Waits take no time. */
export const runTest = async (test: Test): Promise<Ending> => {
  const { identity, context, input } = test;
  const traces: Traces = { targets: new Map(), failure: undefined, hasBegun: false };
  const state = compileSubject(test, traces);
  const scope = { startAt: state, states: new Map() };
  const machine = { definition: '', scope, timeoutMs: undefined, context };
  const { run } = startRun(identity, machine, { atMs: identity.startedAtMs, secret: '', work, input });
  const endsAtMs = identity.startedAtMs + MAX_TEST_MS;
  for (let { pending } = run.root; pending && pending.reason !== 'retry'; { pending } = run.root) {
    const { id, reason, dueAtMs } = pending;
    const wait = { stimulus: { type: 'timer', pending: id } as const, atMs: dueAtMs };
    const { stimulus, atMs } = reason === 'wait' ? wait : await test.perform(pending, run);
    if (atMs > endsAtMs) return { status: 'FAILED', error: 'States.Timeout' };
    advance(run, stimulus, { atMs, secret: '', work });
  }
  return endingOf(test, run, state, traces);
};
