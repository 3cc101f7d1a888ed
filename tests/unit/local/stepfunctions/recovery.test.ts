import { expect, test } from 'vitest';
import { aStatesPart, functionArn, machineOf } from '../../../builders/a-states-part.ts';

/** A task that retries; with a Catch there is something after it. */
const retrying = (retry: object[], more: object = {}) =>
  machineOf({
    Work: { Type: 'Task', Resource: functionArn('f'), Retry: retry, ...more, End: true },
    ...('Catch' in more && { After: { Type: 'Pass', End: true } }),
  });

/** Fails every call; returns the seconds between them. */
const gaps = async (retry: object, calls: number): Promise<number[]> => {
  const states = aStatesPart();
  await states.run(retrying([{ ErrorEquals: ['States.ALL'], ...retry }]));
  const times: number[] = [];
  for (let call = 0; call < calls; call++) {
    states.invocations[call]?.fail('E');
    await states.settle();
    for (let second = 0; second < 200 && states.invocations.length === call + 1; second += 0.25) {
      await states.clock.advance(250);
      times[call] = second + 0.25;
    }
  }
  return times;
};

test('waits grow by the backoff rate up to the maximum', async () => {
  expect(await gaps({ IntervalSeconds: 2, BackoffRate: 3, MaxAttempts: 4, MaxDelaySeconds: 20 }, 4)).toEqual([
    2, 6, 18, 20,
  ]);
});

test('full jitter stays below the wait it replaces', async () => {
  const waits = await gaps({ IntervalSeconds: 10, BackoffRate: 1, MaxAttempts: 5, JitterStrategy: 'FULL' }, 5);
  expect(Math.max(...waits)).toBeLessThanOrEqual(10.25);
  expect(new Set(waits).size).toBeGreaterThan(1);
});

test('each retrier counts its own attempts; what none matches is caught', async () => {
  const states = aStatesPart();
  const arn = await states.run(
    retrying(
      [
        { ErrorEquals: ['A'], MaxAttempts: 1 },
        { ErrorEquals: ['B'], MaxAttempts: 1 },
      ],
      { Catch: [{ ErrorEquals: ['States.TaskFailed'], Next: 'After' }] },
    ),
  );
  for (const [at, error] of ['A', 'B', 'A'].entries()) {
    states.invocations[at]?.fail(error);
    await states.settle();
    await states.clock.advance(1000);
  }
  expect(states.invocations).toHaveLength(3);
  expect(await states.output(arn)).toMatchObject({ Error: 'A' });
  expect(new Set(states.invocations.map(({ invocationId }) => invocationId)).size).toBe(3);
});

test('zero attempts is no retry', async () => {
  const states = aStatesPart();
  const arn = await states.run(retrying([{ ErrorEquals: ['States.ALL'], MaxAttempts: 0 }]));
  states.invocations[0]?.fail('E');
  await states.settle();
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED', error: 'E' });
});

test('States.TaskFailed does not match a timeout, States.Timeout does', async () => {
  const states = aStatesPart();
  const arn = await states.run(
    retrying([], {
      TimeoutSeconds: 1,
      Catch: [
        { ErrorEquals: ['States.TaskFailed'], ResultPath: '$.wrong', Next: 'After' },
        { ErrorEquals: ['States.Timeout'], ResultPath: '$.right', Next: 'After' },
      ],
    }),
  );
  await states.clock.advance(1000);
  expect(await states.output(arn)).toEqual({ right: { Error: 'States.Timeout', Cause: '' } });
});

test('a retry that waits goes on after a restart', async () => {
  const before = aStatesPart();
  const arn = await before.run(retrying([{ ErrorEquals: ['E'], IntervalSeconds: 10 }]));
  before.invocations[0]?.fail('E');
  await before.settle();
  before.part.close();
  const after = aStatesPart({ journal: before.journal, clock: before.clock });
  await after.clock.advance(9999);
  expect(after.invocations).toHaveLength(0);
  await after.clock.advance(1);
  after.invocations[0]?.succeed(5);
  await after.settle();
  expect(await after.output(arn)).toBe(5);
});
