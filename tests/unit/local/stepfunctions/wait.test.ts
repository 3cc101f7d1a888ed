import { expect, test } from 'vitest';
import { aStatesPart, machineOf } from '../../../builders/a-states-part.ts';

const wait = (fields: object) => machineOf({ Hold: { Type: 'Wait', ...fields, End: true } });

test.each([
  ['seconds', { Seconds: 30 }],
  ['a path to seconds', { SecondsPath: '$.s' }],
  ['a timestamp', { Timestamp: '2026-01-01T00:00:30Z' }],
  ['a path to a timestamp', { TimestampPath: '$.t' }],
])('waits for %s, not shorter and not longer', async (_what, fields) => {
  const states = aStatesPart();
  const arn = await states.run(wait(fields), { s: 30, t: '2026-01-01T00:00:30Z' });
  await states.clock.advance(29_999);
  expect(await states.describe(arn)).toMatchObject({ status: 'RUNNING' });
  await states.clock.advance(1);
  expect(await states.describe(arn)).toMatchObject({
    status: 'SUCCEEDED',
    output: '{"s":30,"t":"2026-01-01T00:00:30Z"}',
  });
});

test('a moment in the past does not hold', async () => {
  const states = aStatesPart();
  const arn = await states.run(wait({ Timestamp: '2020-01-01T00:00:00Z' }));
  await states.clock.advance(0);
  expect(await states.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
});

test.each([[{ SecondsPath: '$.x' }], [{ SecondsPath: '$.neg' }], [{ TimestampPath: '$.neg' }]])(
  '%j that gives no moment fails the execution',
  async (fields) => {
    const states = aStatesPart();
    const arn = await states.run(wait(fields), { neg: -1 });
    expect(await states.describe(arn)).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  },
);

test('a thousand waits are one timer of the clock', async () => {
  const states = aStatesPart();
  const machine = await states.create(wait({ SecondsPath: '$.s' }));
  const arns = await Promise.all(
    Array.from({ length: 1000 }, (_, at) => states.start(machine, { s: (at * 7919) % 1000 })),
  );
  expect(states.clock.timers()).toBe(1);
  await states.clock.advance(500_000);
  const early = await states.call('ListExecutions', {
    stateMachineArn: machine,
    statusFilter: 'RUNNING',
    maxResults: 1000,
  });
  expect(early.executions).toHaveLength(499);
  await states.clock.advance(500_000);
  await Promise.all(arns.map(async (arn) => expect(await states.describe(arn)).toMatchObject({ status: 'SUCCEEDED' })));
  expect(states.clock.timers()).toBe(0);
});

test('a wait goes on after a restart, until the moment it began with', async () => {
  const before = aStatesPart();
  const arn = await before.run(wait({ Seconds: 60 }));
  await before.clock.advance(20_000);
  before.part.close();
  const after = aStatesPart({ journal: before.journal, clock: before.clock });
  await after.clock.advance(39_999);
  expect(await after.describe(arn)).toMatchObject({ status: 'RUNNING' });
  await after.clock.advance(1);
  expect(await after.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
});

test('an execution has its own time limit', async () => {
  const states = aStatesPart();
  const arn = await states.run({ ...wait({ Seconds: 60 }), TimeoutSeconds: 10 });
  await states.clock.advance(10_000);
  const { status, error } = await states.describe(arn);
  expect({ status, error }).toEqual({ status: 'TIMED_OUT', error: undefined });
  expect((await states.history(arn)).map(({ type }) => type)).toEqual([
    'ExecutionStarted',
    'WaitStateEntered',
    'ExecutionTimedOut',
  ]);
});

test('a turn that a full journal refuses is played when there is room again', async () => {
  const states = aStatesPart();
  const arn = await states.run(wait({ Seconds: 1 }));
  states.journal.refuse(true);
  await states.clock.advance(5000);
  expect(await states.describe(arn)).toMatchObject({ status: 'RUNNING' });
  states.journal.refuse(false);
  await states.clock.advance(1000);
  expect(await states.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
});
