import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { anyJsonataMachine } from '../../../../builders/a-jsonata-machine.ts';
import { expectSameAfterRestart, itemsOf } from '../../../../builders/a-restart.ts';
import { aStatesPart, functionArn, machineOf, type TestStates } from '../../../../builders/a-states-part.ts';
import { memoryJournal } from '../../../../builders/memory-journal.ts';

/** Lets all workers answer. */
const answered = (states: TestStates) =>
  vi.waitFor(() => expect(JSON.stringify(itemsOf(states))).not.toContain('"reason":"evaluation"'), {
    timeout: 10_000,
    interval: 2,
  });

const stop = (states: TestStates, executionArn: string) => states.call('StopExecution', { executionArn });
/** What cannot be redriven stays as it is. */
const redrive = (states: TestStates, executionArn: string) =>
  states.call('RedriveExecution', { executionArn }).catch((error) => expect(error.code).toBe('ExecutionNotRedrivable'));

const deed = fc.constantFrom<((states: TestStates, executionArn: string) => unknown)[]>(
  ({ invocations }) => invocations.splice(0, 1)[0]?.succeed({ a: 1, l: [2] }),
  ({ invocations }) => invocations.splice(0, 1)[0]?.fail('Broken'),
  ({ clock }) => clock.advance(1000),
  stop,
  redrive,
  // While its expressions are evaluated it is stopped again.
  async (states, arn) => {
    await redrive(states, arn);
    await stop(states, arn);
    await redrive(states, arn);
  },
);

const scenario = fc.tuple(anyJsonataMachine, fc.array(deed, { maxLength: 4 }));

test('a restart at any point of the journal gives the same state and history, whoever evaluates', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, fc.nat(), async ([machine, deeds], cut) => {
      const live = aStatesPart();
      const arn = await live.run(machine, { a: 1, l: [1, 2] });
      await answered(live);
      for (const each of deeds) {
        await each(live, arn);
        await live.settle();
        await answered(live);
      }
      live.part.close();
      expect(String((await live.describe(arn)).cause)).not.toContain('Internal error');
      await expectSameAfterRestart(live, arn, cut);
    }),
    { numRuns: 60 },
  );
}, 60_000);

const heavy = '{% $map([1,2], function($v){ $v + $kept }) %}';
const machine = {
  QueryLanguage: 'JSONata',
  ...machineOf({
    A: { Type: 'Pass', Assign: { kept: 40 }, Next: 'W' },
    W: { Type: 'Wait', Seconds: 1, Output: heavy, Next: 'T' },
    T: { Type: 'Task', Resource: functionArn('f'), Output: '{% [$states.input, $kept, $states.result] %}', End: true },
  }),
};

test('variables and what waits for an expression outlive a kill and a snapshot', async () => {
  const whole = aStatesPart();
  const arn = await whole.run(machine);
  await whole.clock.advance(1000);
  await answered(whole);
  const records = whole.journal.records().map(({ record }) => record);
  const asked = records.slice(
    0,
    records.findIndex((record) => JSON.stringify(record).includes('"evaluated"')),
  );
  const first = aStatesPart({ journal: memoryJournal(asked), isResumed: false });
  expect(JSON.stringify(itemsOf(first))).toContain('"reason":"evaluation"');
  const second = aStatesPart({ journal: memoryJournal(), isResumed: false });
  for (const item of [itemsOf(first)].flat()) second.part.restore(item);
  second.part.resume();
  await vi.waitFor(() => expect(second.invocations).toHaveLength(1), { timeout: 10_000 });
  expect(second.invocations[0]?.payload).toEqual([41, 42]);
  second.part.close();
  const third = aStatesPart({ journal: memoryJournal(), isResumed: false });
  for (const item of [itemsOf(second)].flat()) third.part.restore(item);
  third.part.resume();
  await third.settle();
  third.invocations[0]?.succeed('r');
  await third.settle();
  expect(await third.output(arn)).toEqual([41, 42, 40, 'r']);
});

test('an answer that comes twice is taken once', async () => {
  const states = aStatesPart();
  const arn = await states.run({
    QueryLanguage: 'JSONata',
    ...machineOf({
      A: { Type: 'Pass', Output: '{% [1] ~> $count %}', Assign: { v: '{% [2,3] ~> $count %}' }, End: true },
    }),
  });
  await answered(states);
  states.part.close();
  const records = states.journal.records().map(({ record }) => record);
  const isAnswer = (record: unknown): boolean => JSON.stringify(record).includes('"evaluated"');
  const first = records.find(isAnswer);
  expect(records.filter(isAnswer)).toHaveLength(2);
  const at = records.indexOf(first);
  const again = aStatesPart({
    journal: memoryJournal([...records.slice(0, at + 1), first, ...records.slice(at + 1)]),
    isResumed: false,
  });
  expect(await again.output(arn)).toBe(await states.output(arn));
});
