import { expect, test } from 'vitest';
import { aDistributedMap, mapRunOf } from '../../../../builders/a-distributed-map.ts';
import { aStatesPart, functionArn } from '../../../../builders/a-states-part.ts';
import { modelProblems } from '../../../../builders/api-model.ts';

const DAY_MS = 86_400_000;
const call = { Type: 'Task', Resource: functionArn('f') };

/** A map run of three items, two of which are at work. */
const aMapRun = async () => {
  const states = aStatesPart();
  const fields = { MaxConcurrency: 2, ToleratedFailureCount: 1, ToleratedFailurePercentage: 50 };
  const arn = await states.run(aDistributedMap(call, fields), [0, 1, 2]);
  return { states, arn, mapRunArn: await mapRunOf(states, arn) };
};

test('api: DescribeMapRun.mapRunArn accept: that of a map run', async () => {
  const { states, mapRunArn } = await aMapRun();
  const described = await states.call('DescribeMapRun', { mapRunArn });
  expect(modelProblems('DescribeMapRunOutput', described)).toEqual([]);
});

test.each([
  ['nothing', undefined, 'ValidationException'],
  ['an empty text', '', 'ValidationException'],
  ['more than 2000 characters', `arn:${'x'.repeat(2000)}`, 'ValidationException'],
  ['any text', 'x', 'InvalidArn'],
  ['that of an execution', 'arn:aws:states:us-east-1:111111111111:execution:m/each:e', 'InvalidArn'],
  ['one without a label', 'arn:aws:states:us-east-1:111111111111:mapRun:m:e', 'InvalidArn'],
  ['one that is not there', 'arn:aws:states:us-east-1:111111111111:mapRun:m/each:none', 'ResourceNotFound'],
])('api: DescribeMapRun.mapRunArn refuse: %s', async (_what, mapRunArn, code) => {
  const { states } = await aMapRun();
  await expect(states.call('DescribeMapRun', { mapRunArn })).rejects.toMatchObject({ code });
});

test('api: DescribeMapRun.mapRunArn effect: all that is known of this map run', async () => {
  const { states, arn, mapRunArn } = await aMapRun();
  const none = { succeeded: 0, failed: 0, timedOut: 0, aborted: 0, resultsWritten: 0 };
  expect(await states.call('DescribeMapRun', { mapRunArn })).toEqual({
    mapRunArn,
    executionArn: arn,
    status: 'RUNNING',
    startDate: states.clock.nowMs() / 1000,
    maxConcurrency: 2,
    toleratedFailureCount: 1,
    toleratedFailurePercentage: 50,
    itemCounts: { ...none, pending: 1, running: 2, total: 3, failuresNotRedrivable: 0, pendingRedrive: 0 },
    executionCounts: { ...none, pending: 0, running: 2, total: 2, failuresNotRedrivable: 0, pendingRedrive: 0 },
    redriveCount: 0,
  });
});

test('api: DescribeMapRun.mapRunArn effect: failures that no redrive runs again are counted', async () => {
  const { states, arn, mapRunArn } = await aMapRun();
  for (let next = states.invocations.shift(); next; next = states.invocations.shift()) {
    next.fail('Broken');
    await states.settle();
  }
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED' });
  const { executionCounts } = await states.call('DescribeMapRun', { mapRunArn });
  expect(Object(executionCounts).failuresNotRedrivable).toBe(0);
  await states.clock.advance(14 * DAY_MS);
  const later = await states.call('DescribeMapRun', { mapRunArn });
  const { failed, aborted, failuresNotRedrivable } = Object(later.executionCounts);
  expect(failuresNotRedrivable).toBe(failed + aborted);
});
