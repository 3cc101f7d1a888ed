import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expectSameAfterRestart } from '../../../../builders/a-restart.ts';
import { aTaskOf, type TestWorkers, type Told, withActivity } from '../../../../builders/an-activity.ts';
import { memoryJournal } from '../../../../builders/memory-journal.ts';

const machine = aTaskOf({
  TimeoutSeconds: 8,
  HeartbeatSeconds: 3,
  Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 1, MaxAttempts: 2 }],
});

const deed = fc.constantFrom('ask', 'ask', 'leave', 'beat', 'succeed', 'fail', 'second', 'second');

/** Plays one deed of a world in which workers come and go; what they were told is pushed. */
const play = async (states: TestWorkers, each: string, told: Told[]): Promise<unknown> => {
  const taskToken = told.at(-1)?.taskToken ?? 'none';
  const refused = (error: unknown): void =>
    expect(error).toMatchObject({ name: expect.stringMatching(/^(Invalid|Task)/) });
  if (each === 'second') return states.clock.advance(1000);
  if (each === 'beat') return states.call('SendTaskHeartbeat', { taskToken }).catch(refused);
  if (each === 'succeed') return states.succeed({ taskToken }).catch(refused);
  if (each === 'fail') return states.call('SendTaskFailure', { taskToken, error: 'Broken' }).catch(refused);
  const gone = new AbortController();
  const asked = states.ask(each, gone.signal).then((task) => task.taskToken !== undefined && told.push(task));
  if (each === 'ask') await states.settle();
  gone.abort();
  return asked;
};

test('a restart at any point of the journal gives the same state and the same history', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { maxLength: 12 }), fc.nat(), async (deeds, cut) => {
      const live = await withActivity();
      const arn = await live.run(machine);
      const told: Told[] = [];
      for (const each of deeds) {
        await play(live, each, told);
        await live.settle();
      }
      await expectSameAfterRestart(live, arn, cut);
      live.part.close();
    }),
    { numRuns: 100 },
  );
});

test('after a kill between any two records work is on offer again, or its token is still good', async () => {
  const life = async (): Promise<{ live: TestWorkers; told: Told[]; arns: string[] }> => {
    const live = await withActivity();
    const work = await live.create(aTaskOf());
    const arns = [await live.start(work, 0), await live.start(work, 1), await live.start(work, 2)];
    await live.settle();
    return { live, told: [await live.ask('a'), await live.ask('b')], arns };
  };
  const { live, told, arns } = await life();
  const records = live.journal.records().map(({ record }) => record);
  const tokensOf = new Map(told.map(({ taskToken, input }) => [Number(input), taskToken]));
  for (let count = 0; count <= records.length; count++) {
    const after = await withActivity({ journal: memoryJournal(records.slice(0, count)), clock: live.clock });
    await after.settle();
    const known = await Promise.all(
      arns.map((arn) =>
        after.describe(arn).then(
          () => arn,
          () => undefined,
        ),
      ),
    );
    for (const [at, arn] of known.entries()) {
      if (arn === undefined) continue;
      const isTaken = (await after.history(arn)).some(({ type }) => type === 'ActivityStarted');
      const task = isTaken ? { taskToken: tokensOf.get(at), input: String(at) } : await after.ask('c');
      expect(task.input).toBe(String(at));
      await after.succeed(task, at);
      expect(await after.output(arn)).toBe(at);
    }
    after.part.close();
  }
});

test('what was scheduled first is taken first after a restart, too', async () => {
  const before = await withActivity();
  const late = await before.create({
    StartAt: 'Hold',
    States: { Hold: { Type: 'Wait', Seconds: 60, Next: 'Work' }, ...Object(aTaskOf()).States },
  });
  await before.start(late, 'late');
  await before.clock.advance(1000);
  await before.run(aTaskOf(), 'early');
  await before.clock.advance(60_000);
  before.part.close();
  const after = await withActivity({ journal: before.journal, clock: before.clock });
  await after.settle();
  expect(await after.ask()).toMatchObject({ input: '"early"' });
  expect(await after.ask()).toMatchObject({ input: '"late"' });
});

test('a heart that has to beat before a restart has to beat after it', async () => {
  const before = await withActivity();
  const arn = await before.run(aTaskOf({ HeartbeatSeconds: 10 }));
  const told = await before.ask();
  await before.clock.advance(6000);
  before.part.close();
  const after = await withActivity({ journal: before.journal, clock: before.clock });
  await after.clock.advance(3999);
  expect(await after.describe(arn)).toMatchObject({ status: 'RUNNING' });
  await after.clock.advance(1);
  expect(await after.describe(arn)).toMatchObject({ status: 'FAILED', error: 'States.HeartbeatTimeout' });
  await expect(after.succeed(told)).rejects.toMatchObject({ code: 'TaskTimedOut' });
});

test('activities and their tags outlive a restart and a snapshot', async () => {
  const live = await withActivity();
  await live.call('CreateActivity', { name: 'tagged', tags: [{ key: 'k', value: 'v' }] });
  await live.call('CreateActivity', { name: 'gone' });
  await live.call('DeleteActivity', { activityArn: 'arn:aws:states:us-east-1:111111111111:activity:gone' });
  const arn = await live.run(machine);
  for (let cut = 0; cut < 8; cut++) await expectSameAfterRestart(live, arn, cut);
  const { activities } = await live.call('ListActivities', {});
  const again = await withActivity({ journal: live.journal, isResumed: false });
  expect((await again.call('ListActivities', {})).activities).toEqual(activities);
});
