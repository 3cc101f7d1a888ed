import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectSameAfterRestart } from '../../../../builders/a-restart.ts';
import { aStatesPart, type TestStates } from '../../../../builders/a-states-part.ts';
import { generatedMachine } from '../../../../builders/generated-machines.ts';

/** What the world does next, if it is not kind. */
type Deed = 'fail' | 'late' | 'stop' | 'restart' | 'succeed';
const deeds = fc.array(fc.constantFrom<Deed[]>('fail', 'fail', 'late', 'stop', 'restart', 'succeed', 'succeed'), {
  maxLength: 12,
});

/** How much a turn does at once: what it does in production, or so little that a deed comes between its parts. */
const limits = fc.constantFrom({}, { workAtOnce: 1 }, { workAtOnce: 3000 });

const isCatch = (key: string, value: unknown): value is object[] => key === 'Catch' && Array.isArray(value);

/** With catchers that catch nothing: a caught failure is none, and its machine goes another way. */
const withoutCatch = (definition: object): object =>
  JSON.parse(
    JSON.stringify(definition, (key, value) =>
      isCatch(key, value) ? value.map((each) => ({ ...each, ErrorEquals: ['Never'] })) : value,
    ),
  );

const echo = (states: TestStates): void => {
  const call = states.invocations.shift();
  call?.succeed(call.payload);
};

/** Lets the oldest call succeed, or time pass where nothing is called. */
const beKind = async (states: TestStates): Promise<void> => {
  if (states.invocations.length > 0) echo(states);
  else await states.clock.advance(5000);
  await states.settle();
};

const statusOf = async (states: TestStates, arn: string): Promise<unknown> => (await states.describe(arn)).status;

const toEnd = async (states: TestStates, arn: string): Promise<void> => {
  while ((await statusOf(states, arn)) === 'RUNNING') await beKind(states);
};

/** Does what the world does; the part that goes on, which is another one after a restart. */
const suffer = async (
  states: TestStates,
  arn: string,
  deed: Deed,
  limits: { workAtOnce?: number },
): Promise<TestStates> => {
  if (deed === 'fail') states.invocations.shift()?.fail('Unlucky');
  else if (deed === 'late') await states.clock.advance(61_000);
  else if (deed === 'stop') await states.call('StopExecution', { executionArn: arn });
  else if (deed === 'restart') {
    states.part.close();
    return aStatesPart({ journal: states.journal, clock: states.clock, limits });
  } else await beKind(states);
  return states;
};

/** Redrives what has ended without success; its calls of before are answered by nobody. */
const revive = async (states: TestStates, arn: string): Promise<void> => {
  states.invocations.length = 0;
  await states.call('RedriveExecution', { executionArn: arn });
  await states.settle();
};

const hasFailed = async (states: TestStates, arn: string): Promise<boolean> =>
  !['RUNNING', 'SUCCEEDED'].includes(String(await statusOf(states, arn)));

const ending = async (states: TestStates, arn: string): Promise<unknown> => {
  const { status, output, error } = await states.describe(arn);
  return { status, output: typeof output === 'string' ? JSON.parse(output) : undefined, error };
};

test('redriven until its tasks succeed, a machine ends as if they had never failed; over restarts too', async () => {
  await fc.assert(
    fc.asyncProperty(generatedMachine, deeds, fc.nat(), limits, async ({ definition, input }, all, cut, limits) => {
      const machine = withoutCatch(definition);
      const lucky = aStatesPart();
      const smooth = await lucky.run(machine, input);
      await toEnd(lucky, smooth);

      let states = aStatesPart({ limits });
      const arn = await states.run(machine, input);
      for (const deed of all) {
        states = await suffer(states, arn, deed, limits);
        await states.settle();
        if (await hasFailed(states, arn)) await revive(states, arn);
      }
      await toEnd(states, arn);
      if (await hasFailed(states, arn)) {
        await revive(states, arn);
        await toEnd(states, arn);
      }
      expect(await ending(states, arn)).toEqual(await ending(lucky, smooth));
      const events = await states.history(arn);
      expect(events.map(({ id }) => id)).toEqual(events.map((_event, at) => at + 1));
      expect(events.every(({ id, previousEventId }) => previousEventId < id)).toBe(true);
      await expectSameAfterRestart(states, arn, cut);
    }),
    { numRuns: 40 },
  );
}, 30_000);
