import { expect, test } from 'vitest';
import { catalog } from '../../../../functions/catalog.ts';
import type { InvokeFunction } from '../../../../local/engine/part.ts';
import { createInPlaneRunner } from '../../../../local/plane/in-plane-runner.ts';
import { fakeClock } from '../../../builders/fake-clock.ts';

const aRunner = (invoke: InvokeFunction) => createInPlaneRunner({ plane: 'work', catalog, invoke, clock: fakeClock() });
const aCall = (name: string, payload: string) => ({ name, payload, requestId: 'r' });

test('a function of the plane is called with the event, and its answer is text', async () => {
  const runner = aRunner(async ({ functionName, payload }) => ({ ok: true, payload: { functionName, payload } }));
  const outcome = await runner.invoke(aCall('plan-merge', '{"runId":"r"}'));
  expect(outcome).toMatchObject({
    kind: 'answered',
    payload: JSON.stringify({ functionName: 'plan-merge', payload: { runId: 'r' } }),
  });
});

test('an error of the function is told as Lambda tells it', async () => {
  const runner = aRunner(async () => ({ ok: false, errorType: 'Transient', errorMessage: '[store-full] no' }));
  expect(await runner.invoke(aCall('plan-merge', '{}'))).toMatchObject({
    kind: 'failed',
    functionError: 'Unhandled',
    payload: JSON.stringify({ errorType: 'Transient', errorMessage: '[store-full] no' }),
  });
});

test('the same event is the same call, so that one which stops the loop twice is known again', async () => {
  const ids: string[] = [];
  const runner = aRunner(async ({ invocationId }) => {
    ids.push(invocationId);
    return { ok: true, payload: null };
  });
  for (const payload of ['{"a":1}', '{"a":1}', '{"a":2}']) await runner.invoke(aCall('plan-merge', payload));
  expect(ids[1]).toBe(ids[0]);
  expect(ids[2]).not.toBe(ids[0]);
});

test('what is no function of the plane, or no JSON, is refused and begins nothing', async () => {
  const runner = aRunner(() => Promise.reject(new Error('it began')));
  expect(await runner.invoke(aCall('archive-stf', '{}'))).toMatchObject({ refusal: { reason: 'missing' } });
  expect(await runner.invoke(aCall('constructor', '{}'))).toMatchObject({ refusal: { reason: 'missing' } });
  expect(await runner.invoke(aCall('plan-merge', '{'))).toMatchObject({ refusal: { reason: 'not-json' } });
});

test('an answer that is larger than Lambda gives is an error', async () => {
  const runner = aRunner(async () => ({ ok: true, payload: 'x'.repeat(6_291_557) }));
  const outcome = await runner.invoke(aCall('plan-merge', '{}'));
  expect(outcome).toMatchObject({
    kind: 'failed',
    payload: expect.stringContaining('Function.ResponseSizeTooLarge'),
  });
});

test('it lists the functions of its plane and no other', () => {
  const names = aRunner(async () => ({ ok: true, payload: null }))
    .list()
    .map(({ spec }) => spec.name);
  expect(names).toContain('plan-merge');
  expect(names).not.toContain('archive-stf');
});
