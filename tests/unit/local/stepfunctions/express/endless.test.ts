import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { aStatesPart, machineOf, type TestStates } from '../../../../builders/a-states-part.ts';
import { createExpress, startSync } from '../../../../builders/an-express-machine.ts';
import { memoryJournal } from '../../../../builders/memory-journal.ts';
import { memoryObjects } from '../../../../builders/memory-objects.ts';

const round = {
  Round: { Type: 'Choice', Choices: [{ Variable: '$.done', IsPresent: true, Next: 'Done' }], Default: 'Round' },
  Done: { Type: 'Succeed' },
};
const endless = machineOf(round);
const short = machineOf({ A: { Type: 'Pass', End: true } });

/** How many turns of the loop another execution takes, while something else goes on. */
const turnsOf = async (states: TestStates, machine: string): Promise<number> => {
  let turns = 0;
  let isOver = false;
  const count = (async () => {
    for (; !isOver; turns++) await setImmediate();
  })();
  await startSync(states, machine);
  isOver = true;
  await count;
  return turns;
};

test('an express execution that never waits ends after five minutes, and others are served as if it were not there', async () => {
  const states = aStatesPart();
  const quick = await createExpress(states, short, 'short');
  const paired = await turnsOf(states, quick);
  const ended = startSync(states, await createExpress(states, endless, 'endless'));
  expect(await turnsOf(states, quick)).toBeLessThanOrEqual(paired + 2);
  await states.clock.advance(299_999);
  expect(states.part.stats().running).toBe(1);
  await states.clock.advance(1);
  expect(await ended).toMatchObject({ status: 'TIMED_OUT' });
  expect(states.part.stats()).toMatchObject({ running: 0, known: 0 });
});

test('its own TimeoutSeconds end it before', async () => {
  const states = aStatesPart();
  const ended = startSync(states, await createExpress(states, { ...endless, TimeoutSeconds: 2 }));
  await states.clock.advance(2000);
  expect(await ended).toMatchObject({ status: 'TIMED_OUT' });
});

test('one that was started to be left alone begins again with each start, and holds up none; at five minutes it is gone', async () => {
  const before = aStatesPart();
  const machine = await createExpress(
    before,
    machineOf({ First: { Type: 'Wait', Seconds: 2, Next: 'Round' }, ...round }),
  );
  await before.start(machine);
  await before.clock.advance(2000);
  await before.settle();
  before.part.close();
  const after = aStatesPart({ journal: before.journal, clock: before.clock });
  await after.clock.advance(60_000);
  expect(after.part.stats().running).toBe(1);
  await after.clock.advance(240_000);
  expect(after.part.stats().running).toBe(0);
  const third = aStatesPart({ journal: before.journal, clock: before.clock });
  expect(third.part.stats().running).toBe(0);
});

test('a journal of an engine that it had hung is read, and it ends', async () => {
  const before = aStatesPart();
  await before.start(await createExpress(before, endless));
  before.part.close();
  const records = before.journal.records().map(({ record }) => record);
  const old = JSON.parse(JSON.stringify(records, (key, value) => (key === 'work' ? undefined : value)));
  const after = aStatesPart({ journal: memoryJournal(old), clock: before.clock });
  await after.settle();
  expect(after.part.stats().running).toBe(1);
  await after.clock.advance(300_000);
  expect(after.part.stats().running).toBe(0);
});

test('endless children of a distributed Map end, and the Map with them', async () => {
  const states = aStatesPart({ objects: memoryObjects() });
  const machine = await states.create(
    machineOf({
      All: {
        Type: 'Map',
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' },
          StartAt: 'Round',
          States: round,
        },
        End: true,
      },
    }),
  );
  const arn = await states.start(machine, [{}, {}, {}]);
  await turnsOf(states, await createExpress(states, short, 'short'));
  expect(await states.describe(arn)).toMatchObject({ status: 'RUNNING' });
  await states.ended(arn);
  expect(await states.describe(arn)).toMatchObject({
    status: 'FAILED',
    error: 'States.ExceedToleratedFailureThreshold',
  });
});
