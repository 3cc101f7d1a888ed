import { setTimeout } from 'node:timers/promises';
import { aStatesPart, type HistoryEvent, type TestStates } from './a-states-part.ts';

/** A page of AWS's guide to Step Functions, as a test's name. */
export const guide = (page: string): string => `https://docs.aws.amazon.com/step-functions/latest/dg/${page}.html`;

/** A section of the specification of Amazon States Language. */
export const specification = (section: string): string => `https://states-language.net/spec.html#${section}`;

/** How a function answers its call number `call`, from 0. */
export type Answer = (
  payload: unknown,
  call: number,
  functionName: string,
) => { ok: unknown } | { error: string; cause?: string } | 'silent';

/** An execution that has been played to its end, or as long as it was given. */
type Outcome = {
  /** Its output as JSON text, `Error: cause`, `refused: …` for a definition that is none, or its status. */
  readonly text: string;
  /** What DescribeExecution says. */
  readonly described: Readonly<Record<string, unknown>>;
  readonly payloads: readonly unknown[];
  /** Seconds since the start at which functions were called. */
  readonly calledAtS: readonly number[];
  readonly endedAtS: number;
  readonly history: () => Promise<readonly HistoryEvent[]>;
};

/** How functions answer, and how long time may go on. */
type World = { readonly answer?: Answer; readonly withinS?: number };

const nothing: Answer = () => ({ ok: {} });

const textOf = ({ status, output, error, cause }: Record<string, unknown>): string => {
  if (status === 'SUCCEEDED') return String(output);
  if (status !== 'FAILED') return String(status);
  return [error ?? 'FAILED', cause].filter((part) => part !== undefined).join(': ');
};

const refused = (error: unknown): Outcome => ({
  text: `refused: ${error instanceof Error ? error.message : String(error)}`,
  described: {},
  payloads: [],
  calledAtS: [],
  endedAtS: 0,
  history: async () => [],
});

/** Lets everything happen that waits for no clock, expressions that are evaluated elsewhere included. */
const evaluated = async (states: TestStates): Promise<void> => {
  await states.settle();
  // Another process answers, so nothing here can be waited for but the answer.
  while (JSON.stringify([...states.part.items()]).includes('"reason":"evaluation"')) {
    await setTimeout(2);
    await states.settle();
  }
};

/** Plays the world to an execution that has just been started, second by second. */
export const playOut = async (
  states: TestStates,
  arn: string,
  { answer = nothing, withinS = 0 }: World = {},
): Promise<Outcome> => {
  const startMs = states.clock.nowMs();
  const secondsNow = (): number => (states.clock.nowMs() - startMs) / 1000;
  const payloads: unknown[] = [];
  const calledAtS: number[] = [];
  const answerCalls = async (): Promise<void> => {
    for (let call = states.invocations[payloads.length]; call; call = states.invocations[payloads.length]) {
      payloads.push(call.payload);
      calledAtS.push(secondsNow());
      const told = answer(call.payload, payloads.length - 1, call.functionName);
      if (told === 'silent') continue;
      if ('ok' in told) call.succeed(told.ok);
      else call.fail(told.error, told.cause);
      await evaluated(states);
    }
  };
  await evaluated(states);
  await answerCalls();
  let described = await states.describe(arn);
  while (described.status === 'RUNNING' && secondsNow() < withinS) {
    await states.clock.advance(1000);
    await evaluated(states);
    await answerCalls();
    described = await states.describe(arn);
  }
  return {
    text: textOf(described),
    described,
    payloads,
    calledAtS,
    endedAtS: secondsNow(),
    history: () => states.history(arn),
  };
};

/** Creates a machine, starts it and plays the world to it. */
export const outcomeOf = async (definition: object, input: unknown = {}, world: World = {}): Promise<Outcome> => {
  const states = aStatesPart();
  const machine = await states.create(definition).catch(refused);
  if (typeof machine !== 'string') return machine;
  const outcome = await playOut(states, await states.start(machine, input), world);
  states.part.close();
  return outcome;
};

/** The outcome of one Pass state with these fields. */
export const passOf = async (fields: object, input: unknown = {}): Promise<string> =>
  (await outcomeOf({ StartAt: 'P', States: { P: { Type: 'Pass', ...fields, End: true } } }, input)).text;

/** The cause of an error of the state itself, as AWS words it. */
export const inState = (name: string, reason: string, eventId = 2): string =>
  `An error occurred while executing the state '${name}' (entered at the event id #${eventId}). ${reason}`;
