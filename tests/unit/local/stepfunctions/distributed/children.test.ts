import { expect, test } from 'vitest';
import { aDistributedMap, mapRunOf } from '../../../../builders/a-distributed-map.ts';
import { aStatesPart, functionArn } from '../../../../builders/a-states-part.ts';

const pass = { Type: 'Pass' };
const call = { Type: 'Task', Resource: functionArn('f') };

test('ItemSelector sees the item, its index and the input; the Map is its state', async () => {
  const states = aStatesPart();
  const selector = {
    'n.$': '$$.Map.Item.Index',
    'v.$': '$$.Map.Item.Value',
    'all.$': '$.s',
    'state.$': '$$.State.Name',
  };
  const arn = await states.run(aDistributedMap(pass, { ItemsPath: '$.l', ItemSelector: selector }), { l: ['a'], s: 9 });
  expect(await states.output(arn)).toEqual([{ n: 0, v: 'a', all: 9, state: 'Each' }]);
});

test('an item that cannot be selected fails the Map, and the children with it', async () => {
  const states = aStatesPart();
  const fields = { ItemSelector: { 'v.$': '$$.Map.Item.Value.k' }, MaxConcurrency: 2 };
  const arn = await states.run(aDistributedMap(call, fields), [{ k: 1 }, {}]);
  await states.settle();
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED' });
  expect(states.invocations[0]?.signal.aborted).toBe(true);
});

test('a child knows itself by the label of its Map', async () => {
  const states = aStatesPart();
  const parameters = {
    'id.$': '$$.Execution.Id',
    'machine.$': '$$.StateMachine.Name',
    'input.$': '$$.Execution.Input',
  };
  const arn = await states.run(aDistributedMap({ ...pass, Parameters: parameters }), ['a']);
  expect(await states.output(arn)).toEqual([
    { id: expect.stringMatching(/:execution:m1\/each:[-0-9a-f]{36}$/), machine: 'm1/each', input: 'a' },
  ]);
});

test('a distributed Map inside a child of another one has its own map run', async () => {
  const states = aStatesPart();
  const inner = {
    Type: 'Map',
    Label: 'inner',
    ItemProcessor: {
      ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
      StartAt: 'Deep',
      States: { Deep: { ...pass, End: true } },
    },
  };
  const arn = await states.run(aDistributedMap(inner), [[1, 2], [3]]);
  await states.settle();
  expect(await states.output(arn)).toEqual([[1, 2], [3]]);
});

test('an express child ends after five minutes', async () => {
  const states = aStatesPart();
  const arn = await states.run(aDistributedMap({ Type: 'Wait', Seconds: 301 }, {}, 'EXPRESS'), [1]);
  await states.clock.advance(300_000);
  await states.settle();
  expect(await states.describe(arn)).toMatchObject({ error: 'States.ExceedToleratedFailureThreshold' });
  expect(await states.call('DescribeMapRun', { mapRunArn: await mapRunOf(states, arn) })).toMatchObject({
    executionCounts: { timedOut: 1 },
  });
});

test('a result that is too large fails the Map', async () => {
  const states = aStatesPart();
  const arn = await states.run(aDistributedMap({ ...pass, Result: 'x'.repeat(3000) }), Array(100).fill(0));
  await states.settle();
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });
});

test('nothing to do is done', async () => {
  const states = aStatesPart();
  expect(await states.output(await states.run(aDistributedMap(pass), []))).toEqual([]);
});
