import { setImmediate } from 'node:timers/promises';
import { noServices } from '../../local/engine/integrations/integrations.ts';
import type { InvokeFunction } from '../../local/engine/part.ts';
import { createStatesPart, type StatesContext, type StatesPart } from '../../local/stepfunctions/states-part.ts';
import { checkedJournal } from './checked-turns.ts';
import { type FakeClock, fakeClock } from './fake-clock.ts';
import { type MemoryJournal, memoryJournal } from './memory-journal.ts';

/** A call of a function that the test answers. */
export type Invocation = Parameters<InvokeFunction>[0] & {
  readonly succeed: (payload: unknown) => void;
  readonly fail: (errorType: string, errorMessage?: string) => void;
};

/** An event of an execution's history, as the wire has it. */
export type HistoryEvent = { readonly id: number; readonly type: string; readonly previousEventId: number } & Record<
  string,
  unknown
>;

/** Step Functions on a memory journal and a clock that the test turns. */
export type TestStates = {
  readonly part: StatesPart;
  readonly journal: MemoryJournal;
  readonly clock: FakeClock;
  readonly invocations: Invocation[];
  readonly sent: unknown[];
  readonly call: (operation: string, input: object) => Promise<Record<string, unknown>>;
  readonly create: (definition: object, name?: string) => Promise<string>;
  readonly start: (machineArn: string, input?: unknown, name?: string) => Promise<string>;
  /** Creates a machine, starts it, lets it run as far as it can without the test. */
  readonly run: (definition: object, input?: unknown) => Promise<string>;
  readonly describe: (executionArn: string) => Promise<Record<string, unknown>>;
  readonly output: (executionArn: string) => Promise<unknown>;
  readonly history: (executionArn: string) => Promise<HistoryEvent[]>;
  /** Waits for the end of one that waits for nothing else. */
  readonly ended: (executionArn: string) => Promise<void>;
  readonly settle: () => Promise<void>;
};

/** A function's ARN as a Task state names it. */
export const functionArn = (name: string): string => `arn:aws:lambda:us-east-1:111111111111:function:${name}`;

/** Lets everything that waits for no clock happen: what takes long is done in several turns of the loop. */
const settling = (journal: MemoryJournal) => async (): Promise<void> => {
  let before: number;
  do {
    before = journal.size();
    for (let turn = 0; turn < 10; turn++) await setImmediate();
  } while (journal.size() > before);
};

const isEvents = (value: unknown): value is HistoryEvent[] => Array.isArray(value);

/** Makes Step Functions out of what a journal holds. */
export function aStatesPart(
  given: {
    journal?: MemoryJournal;
    clock?: FakeClock;
    account?: string;
    limits?: StatesContext['limits'];
    isResumed?: boolean;
    /** False if the test restores a snapshot instead of the journal, and resumes by itself. */
    isFolded?: boolean;
    sendMessage?: StatesContext['sendMessage'];
    callService?: StatesContext['callService'];
    invoke?: StatesContext['invoke'];
    objects?: StatesContext['objects'];
  } = {},
): TestStates {
  const journal = given.journal ?? memoryJournal();
  const clock = given.clock ?? fakeClock();
  const invocations: Invocation[] = [];
  const sent: unknown[] = [];
  const context: Omit<StatesContext, 'journal'> = {
    clock,
    account: given.account ?? '111111111111',
    region: 'us-east-1',
    invoke:
      given.invoke ??
      ((request) =>
        new Promise((resolve) => {
          invocations.push({
            ...request,
            succeed: (payload) => resolve({ ok: true, payload }),
            fail: (errorType, errorMessage = '') => resolve({ ok: false, errorType, errorMessage }),
          });
        })),
    sendMessage:
      given.sendMessage ??
      (async (input) => {
        sent.push(input);
        return { MessageId: 'm1', MD5OfMessageBody: 'd41d' };
      }),
    callService: given.callService ?? noServices,
    ...(given.limits && { limits: given.limits }),
    objects: given.objects,
  };
  const checked = checkedJournal(journal, {
    live: () => ({ sfn: part }),
    fresh: () => ({ sfn: createStatesPart({ ...context, journal }) }),
    nowMs: clock.nowMs,
  });
  const part = createStatesPart({ ...context, journal: checked });
  const isFolded = given.isFolded !== false;
  for (const { record, at } of isFolded ? journal.records() : []) part.apply(record, at);
  if (isFolded && given.isResumed !== false) part.resume();
  const settle = settling(journal);
  return { part, journal, clock, invocations, sent, settle, ...driver(part, settle) };
}

function driver(
  part: StatesPart,
  settle: TestStates['settle'],
): Pick<TestStates, 'call' | 'create' | 'start' | 'run' | 'describe' | 'output' | 'history' | 'ended'> {
  let machines = 0;
  const call: TestStates['call'] = async (operation, input) => {
    const run = part.operations[operation];
    if (!run) throw new Error(`no operation ${operation}`);
    // As over the wire: what JSON cannot say is not there.
    return JSON.parse(JSON.stringify(await run(input)));
  };
  const create: TestStates['create'] = async (definition, name = `m${++machines}`) => {
    const input = { name, definition: JSON.stringify(definition), roleArn: 'arn:aws:iam::111111111111:role/r' };
    return String((await call('CreateStateMachine', input)).stateMachineArn);
  };
  const start: TestStates['start'] = async (stateMachineArn, input = {}, name) => {
    const request = { stateMachineArn, input: JSON.stringify(input), ...(name && { name }) };
    return String((await call('StartExecution', request)).executionArn);
  };
  const describe: TestStates['describe'] = (executionArn) => call('DescribeExecution', { executionArn });
  return {
    call,
    create,
    start,
    describe,
    ended: async (executionArn) => {
      while ((await describe(executionArn)).status === 'RUNNING') await settle();
    },
    run: async (definition, input) => {
      const arn = await start(await create(definition), input);
      await settle();
      return arn;
    },
    output: async (executionArn) => {
      const { output } = await describe(executionArn);
      return typeof output === 'string' ? JSON.parse(output) : undefined;
    },
    history: async (executionArn) => {
      const all: HistoryEvent[] = [];
      let page = await call('GetExecutionHistory', { executionArn, maxResults: 1000 });
      for (;;) {
        if (isEvents(page.events)) all.push(...page.events);
        if (page.nextToken === undefined) return all;
        page = await call('GetExecutionHistory', { executionArn, maxResults: 1000, nextToken: page.nextToken });
      }
    },
  };
}

/** A machine of these states, the first of which is where it starts. */
export const machineOf = (states: Record<string, object>): object => ({
  StartAt: Object.keys(states)[0],
  States: states,
});
