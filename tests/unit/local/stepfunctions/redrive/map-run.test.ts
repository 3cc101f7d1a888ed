import fc from 'fast-check';
import { expect, test } from 'vitest';
import { aDistributedMap, mapRunOf } from '../../../../builders/a-distributed-map.ts';
import { expectSameAfterRestart } from '../../../../builders/a-restart.ts';
import { aStatesPart, functionArn, type TestStates } from '../../../../builders/a-states-part.ts';
import { memoryJournal } from '../../../../builders/memory-journal.ts';
import { memoryObjects } from '../../../../builders/memory-objects.ts';

const call = { Type: 'Task', Resource: functionArn('f') };

const redrive = (states: TestStates, executionArn: string): Promise<Record<string, unknown>> =>
  states.call('RedriveExecution', { executionArn });

/** Answers the open calls in turn, and those that follow: a payload in `bad` fails. */
const answerAll = async (states: TestStates, bad: readonly unknown[] = []): Promise<unknown[]> => {
  const seen: unknown[] = [];
  for (let next = states.invocations.shift(); next; next = states.invocations.shift()) {
    seen.push(next.payload);
    if (bad.includes(next.payload)) next.fail('Bad');
    else next.succeed(next.payload);
    await states.settle();
  }
  return seen;
};

const childrenOf = async (states: TestStates, mapRunArn: string): Promise<Record<string, unknown>[]> => {
  const { executions } = await states.call('ListExecutions', { mapRunArn });
  return Array.isArray(executions) ? executions.reverse() : [];
};

test('a redriven map run runs its unsuccessful children again, then starts the others', async () => {
  const states = aStatesPart();
  const arn = await states.run(aDistributedMap(call, { MaxConcurrency: 2 }), [0, 1, 2, 3, 4]);
  const mapRunArn = await mapRunOf(states, arn);
  states.invocations.shift()?.succeed(0);
  await states.settle();
  // The second fails, the third is aborted, the others have not begun.
  states.invocations.shift()?.fail('Bad');
  await states.settle();
  states.invocations.length = 0;
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED', redriveStatus: 'REDRIVABLE' });
  const [, failed, aborted] = await childrenOf(states, mapRunArn);
  expect(await states.describe(String(failed?.executionArn))).toMatchObject({
    status: 'FAILED',
    redriveStatus: 'REDRIVABLE_BY_MAP_RUN',
  });
  expect(aborted).toMatchObject({ status: 'ABORTED' });
  await states.clock.advance(1000);
  await redrive(states, arn);
  expect(await states.call('DescribeMapRun', { mapRunArn })).toMatchObject({
    status: 'RUNNING',
    redriveCount: 1,
    redriveDate: states.clock.nowMs() / 1000,
    executionCounts: { pendingRedrive: 2, running: 0, failed: 0, aborted: 0, succeeded: 1, total: 3 },
  });
  await states.settle();
  expect(await states.call('DescribeMapRun', { mapRunArn })).toMatchObject({
    executionCounts: { pendingRedrive: 0, running: 2, succeeded: 1, total: 3, failuresNotRedrivable: 0 },
  });
  expect(await answerAll(states)).toEqual([1, 2, 3, 4]);
  expect(await states.output(arn)).toEqual([0, 1, 2, 3, 4]);
  const children = await childrenOf(states, mapRunArn);
  expect(children.map(({ redriveCount, status }) => [redriveCount, status])).toEqual([
    [0, 'SUCCEEDED'],
    [1, 'SUCCEEDED'],
    [1, 'SUCCEEDED'],
    [0, 'SUCCEEDED'],
    [0, 'SUCCEEDED'],
  ]);
  const { executions } = await states.call('ListExecutions', { mapRunArn, redriveFilter: 'REDRIVEN' });
  expect(executions).toHaveLength(2);
  const events = await states.history(arn);
  expect(events.map(({ type, previousEventId }) => [type, previousEventId])).toEqual([
    ['ExecutionStarted', 0],
    ['MapStateEntered', 0],
    ['MapStateStarted', 2],
    ['MapRunStarted', 3],
    ['MapRunFailed', 4],
    ['MapStateFailed', 5],
    ['ExecutionFailed', 6],
    ['ExecutionRedriven', 7],
    ['MapRunRedriven', 3],
    ['MapRunSucceeded', 9],
    ['MapStateSucceeded', 10],
    ['MapStateExited', 10],
    ['ExecutionSucceeded', 12],
  ]);
  expect(events[8]).toMatchObject({ mapRunRedrivenEventDetails: { mapRunArn, redriveCount: 1 } });
  expect((await states.history(String(failed?.executionArn))).map(({ type }) => type).slice(5)).toEqual([
    'ExecutionFailed',
    'ExecutionRedriven',
    'LambdaFunctionScheduled',
    'LambdaFunctionStarted',
    'LambdaFunctionSucceeded',
    'TaskStateExited',
    'ExecutionSucceeded',
  ]);
  for (let cut = 3; cut < states.journal.records().length; cut++) await expectSameAfterRestart(states, arn, cut);
});

test('children wait to be redriven until there is room', async () => {
  const states = aStatesPart();
  const fields = { MaxConcurrency: 1, ToleratedFailureCount: 2 };
  const arn = await states.run(aDistributedMap(call, fields), [0, 1, 2]);
  const mapRunArn = await mapRunOf(states, arn);
  await answerAll(states, [0, 1, 2]);
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED' });
  await redrive(states, arn);
  await states.settle();
  const pending = await states.call('ListExecutions', { mapRunArn, statusFilter: 'PENDING_REDRIVE' });
  expect(pending.executions).toMatchObject([{ status: 'PENDING_REDRIVE' }, { status: 'PENDING_REDRIVE' }]);
  for (let cut = 3; cut < states.journal.records().length; cut++) await expectSameAfterRestart(states, arn, cut);
  await states.call('StopExecution', { executionArn: arn });
  await states.settle();
  expect(await states.call('DescribeMapRun', { mapRunArn })).toMatchObject({
    status: 'ABORTED',
    executionCounts: { pendingRedrive: 0, failed: 2, aborted: 1 },
  });
  states.invocations.length = 0;
  await redrive(states, arn);
  await states.settle();
  expect(await answerAll(states)).toEqual([0, 1, 2]);
  expect(await states.output(arn)).toEqual([0, 1, 2]);
  expect(await states.call('DescribeMapRun', { mapRunArn })).toMatchObject({ redriveCount: 2 });
});

test('an express child begins anew', async () => {
  const states = aStatesPart();
  const machine = aDistributedMap(call, {}, 'EXPRESS');
  const arn = await states.run(machine, ['a']);
  await answerAll(states, ['a']);
  await redrive(states, arn);
  await states.settle();
  expect(await answerAll(states)).toEqual(['a']);
  expect(await states.output(arn)).toEqual(['a']);
  const [child] = await childrenOf(states, await mapRunOf(states, arn));
  expect(child).toMatchObject({ status: 'SUCCEEDED', redriveCount: 1 });
  expect(child).not.toHaveProperty('redriveDate');
  for (let cut = 3; cut < states.journal.records().length; cut++) await expectSameAfterRestart(states, arn, cut);
});

test('a reader that failed reads again', async () => {
  const objects = memoryObjects();
  const states = aStatesPart({ objects });
  const reader = {
    Resource: 'arn:aws:states:::s3:getObject',
    ReaderConfig: { InputType: 'JSON' },
    Parameters: { Bucket: 'b', Key: 'f' },
  };
  const arn = await states.run(aDistributedMap({ Type: 'Pass' }, { ItemReader: reader }));
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED', error: 'States.ItemReaderFailed' });
  objects.put('b/f', '[1,2]');
  await redrive(states, arn);
  await states.settle();
  expect(await states.output(arn)).toEqual([1, 2]);
  const { mapRuns } = await states.call('ListMapRuns', { executionArn: arn });
  expect(mapRuns).toHaveLength(1);
});

test('a result that was too large begins another map run', async () => {
  const states = aStatesPart();
  const machine = aDistributedMap({ Type: 'Pass', Result: 'x'.repeat(150_000) });
  const arn = await states.run(machine, [1, 2]);
  expect(await states.describe(arn)).toMatchObject({ error: 'States.DataLimitExceeded' });
  await redrive(states, arn);
  await states.settle();
  const { mapRuns } = await states.call('ListMapRuns', { executionArn: arn });
  expect(mapRuns).toHaveLength(2);
});

test('a child is redriven by its map run only', async () => {
  const states = aStatesPart();
  const arn = await states.run(aDistributedMap(call), [1]);
  await answerAll(states, [1]);
  const [child] = await childrenOf(states, await mapRunOf(states, arn));
  await expect(redrive(states, String(child?.executionArn))).rejects.toMatchObject({
    code: 'ValidationException',
    message: 'Labeled Execution ARNs are not supported for this API',
  });
});

test('a kill at any record of a redriven map run: no child is lost, none is run by two', async () => {
  const whole = aStatesPart();
  const arn = await whole.run(aDistributedMap(call, { MaxConcurrency: 2, ToleratedFailureCount: 1 }), [0, 1, 2, 3, 4]);
  await answerAll(whole, [1, 3]);
  const before = whole.journal.records().length;
  await redrive(whole, arn);
  await whole.settle();
  await answerAll(whole);
  expect(await whole.output(arn)).toEqual([0, 1, 2, 3, 4]);
  const records = whole.journal.records().map(({ record }) => record);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: before + 1, max: records.length }), async (kept) => {
      const states = aStatesPart({ journal: memoryJournal(records.slice(0, kept)) });
      await states.settle();
      await answerAll(states);
      expect(await states.output(arn)).toEqual([0, 1, 2, 3, 4]);
      expect(await states.call('DescribeMapRun', { mapRunArn: await mapRunOf(states, arn) })).toMatchObject({
        executionCounts: { succeeded: 5, total: 5, pendingRedrive: 0 },
      });
    }),
    { numRuns: 30 },
  );
});
