import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { SnapshotItem } from '../../../../../local/stepfunctions/snapshot-items.ts';
import { aDistributedMap, mapRunOf } from '../../../../builders/a-distributed-map.ts';
import { aStatesPart, functionArn, type TestStates } from '../../../../builders/a-states-part.ts';
import { memoryJournal } from '../../../../builders/memory-journal.ts';
import { memoryObjects } from '../../../../builders/memory-objects.ts';

const call = { Type: 'Task', Resource: functionArn('f') };
const items = Array.from({ length: 11 }, (_, at) => ({ n: at }));

const objects = () => {
  const bucket = memoryObjects();
  bucket.put('b/f', JSON.stringify(items));
  return bucket;
};

const machine = aDistributedMap(call, {
  ItemReader: {
    Resource: 'arn:aws:states:::s3:getObject',
    ReaderConfig: { InputType: 'JSON' },
    Parameters: { Bucket: 'b', Key: 'f' },
  },
  ItemBatcher: { MaxItemsPerBatch: 2 },
  MaxConcurrency: 3,
});

/** Answers every call that is open, in turn, so many times. */
const answer = async (states: TestStates, times: number, done = 0): Promise<void> => {
  await states.settle();
  for (let at = done; at < Math.min(states.invocations.length, done + times); at++) {
    const invocation = states.invocations[at];
    invocation?.succeed(invocation.payload);
    await states.settle();
  }
};

const expected = [0, 2, 4, 6, 8, 10].map((first) => ({ Items: items.slice(first, first + 2) }));

test('a kill at any record: the map run goes on, no item is left out, none is given to two children', async () => {
  const whole = aStatesPart({ objects: objects() });
  const arn = await whole.run(machine);
  await answer(whole, 20);
  expect(await whole.output(arn)).toEqual(expected);
  const records = whole.journal.records().map(({ record }) => record);
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 3, max: records.length }), fc.nat(3), async (kept, answered) => {
      const first = aStatesPart({ journal: memoryJournal(records.slice(0, kept)), objects: objects() });
      await answer(first, answered);
      first.part.close();
      const second = aStatesPart({ journal: first.journal, objects: objects() });
      await answer(second, 20);
      expect(await second.output(arn)).toEqual(expected);
      const mapRunArn = await mapRunOf(second, arn);
      expect(await second.call('DescribeMapRun', { mapRunArn })).toMatchObject({
        status: 'SUCCEEDED',
        itemCounts: { succeeded: 11, total: 11 },
        executionCounts: { succeeded: 6, total: 6 },
      });
    }),
  );
});

/** The same engine after a restart that reads a snapshot instead of the journal. */
const fromSnapshot = (states: TestStates): TestStates => {
  const packed = JSON.parse(JSON.stringify([...states.part.items()]));
  states.part.close();
  const again = aStatesPart({ journal: states.journal, clock: states.clock, objects: objects(), isFolded: false });
  for (const item of packed) again.part.restore(SnapshotItem.parse(item));
  again.part.resume();
  return again;
};

test('a snapshot keeps a map run and its children', async () => {
  const before = aStatesPart({ objects: objects() });
  const arn = await before.run(machine);
  await answer(before, 2);
  const mapRunArn = await mapRunOf(before, arn);
  const [counts, listed] = [
    await before.call('DescribeMapRun', { mapRunArn }),
    await before.call('ListExecutions', { mapRunArn }),
  ];
  const after = fromSnapshot(before);
  await after.settle();
  expect(await after.call('DescribeMapRun', { mapRunArn })).toEqual(counts);
  expect(await after.call('ListExecutions', { mapRunArn })).toEqual(listed);
  await answer(after, 20);
  expect(await after.output(arn)).toEqual(expected);
  const last = fromSnapshot(after);
  expect(await last.call('DescribeMapRun', { mapRunArn })).toMatchObject({ status: 'SUCCEEDED' });
  const [child] = Array.isArray(listed.executions) ? listed.executions : [];
  expect(await last.history(child.executionArn)).toEqual(await after.history(child.executionArn));
});

test('children whose map run was ended by the last record before a kill are stopped', async () => {
  const before = aStatesPart();
  const arn = await before.run(aDistributedMap(call), [1, 2]);
  await before.call('StopExecution', { executionArn: arn });
  const records = before.journal.records().map(({ record }) => record);
  before.part.close();
  // All but the two stops of the children.
  const after = aStatesPart({ journal: memoryJournal(records.slice(0, -2)) });
  await after.settle();
  expect(await after.call('DescribeMapRun', { mapRunArn: await mapRunOf(after, arn) })).toMatchObject({
    status: 'ABORTED',
    executionCounts: { aborted: 2, running: 0 },
  });
  expect(after.invocations.every(({ signal }) => signal.aborted)).toBe(true);
});

test('a full journal holds a map run up, and does not end it', async () => {
  const states = aStatesPart();
  const arn = await states.run(aDistributedMap(call, { MaxConcurrency: 1 }), [1, 2]);
  states.invocations[0]?.succeed('a');
  states.journal.refuse(true);
  await states.settle();
  await states.clock.advance(5000);
  expect(states.invocations).toHaveLength(1);
  states.journal.refuse(false);
  await states.clock.advance(2000);
  await states.settle();
  states.invocations[1]?.succeed('b');
  await states.settle();
  expect(await states.output(arn)).toEqual(['a', 'b']);
});

test('finished children are forgotten when their parent is, and not while its map run needs them', async () => {
  const states = aStatesPart({ limits: { finishedExecutions: 4 } });
  const arn = await states.run(aDistributedMap(call), [1, 2, 3, 4, 5, 6, 7, 8]);
  await answer(states, 8);
  expect(await states.output(arn)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  const small = await states.create({ StartAt: 'A', States: { A: { Type: 'Pass', End: true } } });
  for (let more = 0; more < 10; more++) await states.start(small);
  await states.settle();
  await expect(states.describe(arn)).rejects.toMatchObject({ code: 'ExecutionDoesNotExist' });
  expect(states.part.stats().known).toBeLessThanOrEqual(5);
});

test('results are whole when more children have finished than are remembered', async () => {
  const bucket = memoryObjects();
  const states = aStatesPart({ objects: bucket, limits: { finishedExecutions: 10 } });
  const ResultWriter = { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'b', Prefix: 'out' } };
  const arn = await states.run(
    aDistributedMap({ Type: 'Pass' }, { ResultWriter }),
    Array.from({ length: 100 }, (_, at) => at),
  );
  await states.settle();
  expect(await states.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
  const [file = ''] = bucket.places().filter((place) => place.endsWith('SUCCEEDED_0.json'));
  const results: { Input: string }[] = JSON.parse(bucket.text(file));
  expect(results.map(({ Input }) => Number(Input))).toEqual(Array.from({ length: 100 }, (_, at) => at));
});
