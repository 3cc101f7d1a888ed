import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AwsError } from '../../../../local/engine/part.ts';
import { anyMachine } from '../../../builders/a-machine.ts';
import { expectSameAfterRestart } from '../../../builders/a-restart.ts';
import { aStatesPart, type TestStates } from '../../../builders/a-states-part.ts';
import { memoryJournal } from '../../../builders/memory-journal.ts';

/** What the world does next: answer the oldest open call, by result or by token, or let time pass. */
type Deed = 'succeed' | 'fail' | 'answer' | 'refuse' | 'heartbeat' | 'second' | 'stop' | 'redrive';
const deed = fc.constantFrom<Deed[]>(
  'succeed',
  'succeed',
  'fail',
  'answer',
  'answer',
  'refuse',
  'heartbeat',
  'second',
  'second',
  'stop',
  'redrive',
  'redrive',
);

const input = fc.record(
  { a: fc.nat(3), b: fc.jsonValue({ maxDepth: 1 }), l: fc.array(fc.nat(3), { maxLength: 3 }) },
  { requiredKeys: ['l'] },
);

const refused = (error: unknown): void => expect(error).toBeInstanceOf(AwsError);

/** The token that the newest open call carries, if it carries one. */
const tokenOf = (states: TestStates): string =>
  /"t":"([\w-]+)"/.exec(JSON.stringify(states.invocations.at(-1)?.payload ?? null))?.[1] ?? 'none';

type Do = (states: TestStates, executionArn: string) => unknown;

const answer =
  (operation: string): Do =>
  (states) =>
    states.call(operation, { taskToken: tokenOf(states), output: '{"a":2,"l":[]}' }).catch(refused);

/** The calls are answered in turn; answering one twice changes nothing. */
const DEEDS: Readonly<Record<Deed, Do>> = {
  succeed: ({ invocations }) => invocations.splice(0, 1)[0]?.succeed({ a: 1, l: [2] }),
  fail: ({ invocations }) => invocations.splice(0, 1)[0]?.fail('Broken'),
  answer: answer('SendTaskSuccess'),
  refuse: answer('SendTaskFailure'),
  heartbeat: answer('SendTaskHeartbeat'),
  second: ({ clock }) => clock.advance(1000),
  stop: (states, executionArn) => states.call('StopExecution', { executionArn }),
  redrive: (states, executionArn) => states.call('RedriveExecution', { executionArn }).catch(refused),
};

/** Plays deeds against one execution of the machine; returns its ARN, or nothing if the definition was refused. */
const play = async (
  states: TestStates,
  machine: object,
  given: unknown,
  deeds: readonly Deed[],
): Promise<string | undefined> => {
  const arn = await states.run(machine, given).catch((error: unknown) => refused(error));
  if (!arn) return undefined;
  for (const each of deeds) {
    await DEEDS[each](states, arn);
    await states.settle();
  }
  return arn;
};

/** How much a turn does at once: what it does in production, or so little that a deed comes between its parts. */
const limits = fc.constantFrom({}, { workAtOnce: 1 }, { workAtOnce: 3000 });
const scenario = fc.tuple(anyMachine, input, fc.array(deed, { maxLength: 10 }), limits);

test('whatever a machine and the world do, nothing is thrown and its history is in order', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ([machine, given, deeds, limits]) => {
      const states = aStatesPart({ limits });
      const arn = await play(states, machine, given, deeds);
      if (!arn) return;
      const events = await states.history(arn);
      expect(events.map(({ id }) => id)).toEqual(events.map((_event, at) => at + 1));
      expect(events.every(({ id, previousEventId }) => previousEventId < id)).toBe(true);
      const { status, cause } = await states.describe(arn);
      expect(/^Execution(Succeeded|Failed|TimedOut|Aborted)$/.test(events.at(-1)?.type ?? '')).toBe(
        status !== 'RUNNING',
      );
      expect(String(cause)).not.toContain('Internal error');
    }),
    { numRuns: 200 },
  );
}, 30_000);

test('a restart at any point of the journal gives the same state and the same history', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, fc.nat(), async ([machine, given, deeds, limits], cut) => {
      const live = aStatesPart({ limits });
      const arn = await play(live, machine, given, deeds);
      if (!arn) return;
      await expectSameAfterRestart(live, arn, cut);
    }),
    { numRuns: 200 },
  );
}, 30_000);

test('the same journal makes the same choices, the random ones too', async () => {
  const machine = {
    StartAt: 'A',
    States: {
      A: { Type: 'Pass', Parameters: { 'u.$': 'States.UUID()', 'n.$': 'States.MathRandom(0, 1000000)' }, End: true },
    },
  };
  const live = aStatesPart();
  const first = await live.run(machine);
  const second = await live.run(machine);
  expect(await live.output(first)).not.toEqual(await live.output(second));
  const again = aStatesPart({ journal: live.journal });
  expect(await again.output(first)).toEqual(await live.output(first));
});

test('a journal that another interpreter wrote is found out', async () => {
  const live = aStatesPart();
  await live.run({ StartAt: 'A', States: { A: { Type: 'Wait', Seconds: 1, End: true } } });
  await live.clock.advance(1000);
  const records = live.journal.records().map(({ record }) => record);
  const turn = records.at(-1);
  const changed = JSON.parse(JSON.stringify(turn).replace('"events":2', '"events":3'));
  const journal = memoryJournal([...records.slice(0, -1), changed]);
  expect(() => aStatesPart({ journal })).toThrow(/has diverged: 2 events, but its journal says 3/);
});
