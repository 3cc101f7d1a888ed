import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aTaskOf, type TestWorkers, type Told, withActivity } from '../../../../builders/an-activity.ts';

const inputs = async (states: TestWorkers, count: number): Promise<unknown[]> => {
  const got: unknown[] = [];
  for (let each = 0; each < count; each++) got.push(JSON.parse((await states.ask()).input ?? 'null'));
  return got;
};

test('a worker that waits gets the work as soon as it is there', async () => {
  const states = await withActivity();
  const told = states.ask('w1');
  await states.settle();
  await states.run(aTaskOf(), { n: 1 });
  expect(await told).toMatchObject({ input: '{"n":1}' });
});

test('who waits for a minute is told that there is nothing', async () => {
  const states = await withActivity();
  const told = states.ask();
  await states.clock.whenTimers(1);
  await states.clock.advance(59_999);
  expect(states.clock.timers()).toBe(1);
  await states.clock.advance(1);
  expect(await told).toEqual({});
  expect(states.clock.timers()).toBe(0);
});

test('work and workers are served in the order in which they came', async () => {
  const states = await withActivity();
  const machine = await states.create(aTaskOf());
  for (const n of [1, 2, 3]) await states.start(machine, n);
  await states.settle();
  expect(await inputs(states, 3)).toEqual([1, 2, 3]);
  const waiting = ['a', 'b'].map((name) => states.ask(name));
  await states.settle();
  for (const n of [4, 5]) await states.start(machine, n);
  expect(await Promise.all(waiting)).toMatchObject([{ input: '4' }, { input: '5' }]);
});

test('work is one worker’s: two that wait never get the same', async () => {
  const states = await withActivity();
  const waiting = [states.ask(), states.ask()];
  await states.settle();
  const machine = await states.create(aTaskOf());
  await Promise.all([states.start(machine, 1), states.start(machine, 2)]);
  const tokens = (await Promise.all(waiting)).map(({ taskToken }) => taskToken);
  expect(new Set(tokens).size).toBe(2);
});

test('a worker that has gone gets no work, and who goes before it is told gives it back', async () => {
  const states = await withActivity();
  const early = new AbortController();
  const told = states.ask('early', early.signal);
  await states.settle();
  early.abort();
  expect(await told).toEqual({});
  const arn = await states.run(aTaskOf());
  const late = new AbortController();
  const lost = states.ask('late', late.signal);
  late.abort();
  expect(await lost).toEqual({});
  await states.settle();
  await states.succeed(await states.ask('third'), 3);
  expect(await states.output(arn)).toBe(3);
  const started = (await states.history(arn)).filter(({ type }) => type === 'ActivityStarted');
  expect(started.map(({ activityStartedEventDetails }) => activityStartedEventDetails)).toEqual([
    { workerName: 'late' },
    { workerName: 'third' },
  ]);
});

test('work whose execution has ended is not given to anybody', async () => {
  const states = await withActivity();
  const machine = await states.create(aTaskOf());
  const [stopped] = [await states.start(machine, 1), await states.start(machine, 2)];
  await states.settle();
  await states.call('StopExecution', { executionArn: stopped });
  expect(await inputs(states, 1)).toEqual([2]);
});

test('of very many that wait for nothing none is kept', async () => {
  const states = await withActivity();
  const machine = await states.create(aTaskOf());
  for (let n = 0; n < 2500; n++) {
    const executionArn = await states.start(machine, n);
    await states.settle();
    await states.call('StopExecution', { executionArn });
  }
  await states.start(machine, 'last');
  await states.settle();
  expect(await inputs(states, 1)).toEqual(['last']);
});

test('more than a thousand workers do not wait at one activity', async () => {
  const states = await withActivity();
  const waiting = Array.from({ length: 1000 }, () => states.ask());
  await states.settle();
  await expect(states.ask()).rejects.toMatchObject({ code: 'ActivityWorkerLimitExceeded' });
  states.part.close();
  expect(new Set((await Promise.all(waiting)).map((told) => JSON.stringify(told)))).toEqual(new Set(['{}']));
});

test('who waits at an activity that is deleted is told so', async () => {
  const states = await withActivity();
  const told = states.ask();
  await states.settle();
  const { activities } = await states.call('ListActivities', {});
  expect(activities).toHaveLength(1);
  const refused = expect(told).rejects.toMatchObject({ code: 'ActivityDoesNotExist' });
  await states.call('DeleteActivity', { activityArn: 'arn:aws:states:us-east-1:111111111111:activity:work' });
  await refused;
});

test('whoever comes and goes, each work is answered exactly once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom('start', 'ask', 'leave'), { maxLength: 40 }), async (deeds) => {
      const states = await withActivity();
      const machine = await states.create(aTaskOf());
      const executions: string[] = [];
      const asked: Promise<Told>[] = [];
      for (const deed of deeds) {
        if (deed === 'start') executions.push(await states.start(machine, executions.length));
        else if (deed === 'ask') asked.push(states.ask());
        else {
          const gone = new AbortController();
          const told = states.ask('gone', gone.signal);
          gone.abort();
          expect(await told).toEqual({});
        }
        await states.settle();
      }
      while (asked.length < executions.length) asked.push(states.ask());
      const tasks = await Promise.all(asked.slice(0, executions.length));
      for (const task of tasks) await states.succeed(task, Number(task.input));
      const outputs = await Promise.all(executions.map((arn) => states.output(arn)));
      expect(outputs).toEqual(executions.map((_, at) => at));
      states.part.close();
    }),
    { numRuns: 50 },
  );
});
