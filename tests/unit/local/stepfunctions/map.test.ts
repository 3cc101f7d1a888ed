import { expect, test } from 'vitest';
import { aStatesPart, functionArn, machineOf } from '../../../builders/a-states-part.ts';

const map = (state: object, fields: object = {}) =>
  machineOf({
    Each: {
      Type: 'Map',
      ItemProcessor: { StartAt: 'One', States: { One: { ...state, End: true } } },
      ...fields,
      End: true,
    },
  });
const call = { Type: 'Task', Resource: functionArn('f') };

test('its result has the order of its items', async () => {
  const states = aStatesPart();
  const arn = await states.run(map({ Type: 'Wait', SecondsPath: '$' }, { ItemsPath: '$.list' }), { list: [3, 1, 2] });
  await states.clock.advance(3000);
  expect(await states.output(arn)).toEqual([3, 1, 2]);
});

test('an empty array gives an empty array', async () => {
  const states = aStatesPart();
  expect(await states.output(await states.run(map(call), []))).toEqual([]);
});

test('ItemSelector sees the item and the input', async () => {
  const states = aStatesPart();
  const selector = { 'n.$': '$$.Map.Item.Index', 'v.$': '$$.Map.Item.Value.k', 'all.$': '$.s' };
  const arn = await states.run(map({ Type: 'Pass' }, { ItemsPath: '$.l', ItemSelector: selector }), {
    l: [{ k: 'a' }],
    s: 9,
  });
  expect(await states.output(arn)).toEqual([{ n: 0, v: 'a', all: 9 }]);
});

test('never more items than MaxConcurrency are at work', async () => {
  const states = aStatesPart();
  const arn = await states.run(map(call, { MaxConcurrency: 2 }), [1, 2, 3, 4, 5]);
  for (let done = 0; done < 5; done++) {
    expect(states.invocations).toHaveLength(Math.min(5, done + 2));
    states.invocations[done]?.succeed(done);
    await states.settle();
  }
  expect(await states.output(arn)).toEqual([0, 1, 2, 3, 4]);
});

test('five thousand items one after the other do not exhaust the stack', async () => {
  const states = aStatesPart();
  const items = Array.from({ length: 5000 }, (_, at) => at);
  const arn = await states.run(map({ Type: 'Pass' }, { MaxConcurrency: 1 }), items);
  expect(await states.output(arn)).toEqual(items);
});

test('one failed item ends the others and fails the state', async () => {
  const states = aStatesPart();
  const arn = await states.run(map(call), [1, 2]);
  states.invocations[0]?.fail('Broken', 'b');
  await states.settle();
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED', error: 'Broken' });
  expect((await states.history(arn)).map(({ type }) => type)).toEqual([
    'ExecutionStarted',
    'MapStateEntered',
    'MapStateStarted',
    'MapIterationStarted',
    'MapIterationStarted',
    ...['TaskStateEntered', 'LambdaFunctionScheduled', 'LambdaFunctionStarted'],
    ...['TaskStateEntered', 'LambdaFunctionScheduled', 'LambdaFunctionStarted'],
    'LambdaFunctionFailed',
    'MapIterationFailed',
    'TaskStateAborted',
    'MapIterationAborted',
    'MapStateFailed',
    'ExecutionFailed',
  ]);
});

test('so many failures are tolerated, and no more', async () => {
  const outcome = async (failures: number) => {
    const states = aStatesPart();
    const arn = await states.run(map(call, { ToleratedFailureCount: 1 }), [1, 2, 3]);
    for (const [at, invocation] of states.invocations.entries()) {
      if (at < failures) invocation.fail('Broken');
      else invocation.succeed(at);
      await states.settle();
    }
    return states.describe(arn);
  };
  expect(await outcome(1)).toMatchObject({ status: 'SUCCEEDED', output: '[1,2]' });
  expect(await outcome(2)).toMatchObject({ status: 'FAILED', error: 'States.ExceedToleratedFailureThreshold' });
});

test('what is no array fails the execution', async () => {
  const states = aStatesPart();
  const arn = await states.run(map(call), { a: 1 });
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
});

test('a retry of the whole map starts its items anew, after its own event', async () => {
  const states = aStatesPart();
  const retry = [{ ErrorEquals: ['Broken'], MaxAttempts: 1 }];
  const arn = await states.run(map(call, { Retry: retry }), [1, 2]);
  states.invocations[1]?.fail('Broken');
  await states.settle();
  await states.clock.advance(1000);
  expect(states.invocations.map(({ payload }) => payload)).toEqual([1, 2, 1, 2]);
  states.invocations[3]?.succeed('b');
  states.invocations[2]?.succeed('a');
  await states.settle();
  expect(await states.output(arn)).toEqual(['a', 'b']);
  const events = await states.history(arn);
  const begun = events.filter(({ type }) => type === 'MapStateStarted').map(({ id }) => id);
  const iterations = events
    .filter(({ type }) => type === 'MapIterationStarted')
    .map(({ previousEventId }) => previousEventId);
  expect(iterations).toEqual([begun[0], begun[0], begun[1], begun[1]]);
});

test('an item that cannot be made ends the others', async () => {
  const states = aStatesPart();
  const selector = { 'v.$': '$$.Map.Item.Value.k' };
  const arn = await states.run(map(call, { ItemSelector: selector, MaxConcurrency: 2 }), [{ k: 1 }, { k: 2 }, {}]);
  states.invocations[0]?.succeed(1);
  await states.settle();
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  expect(states.invocations[1]?.signal.aborted).toBe(true);
});
