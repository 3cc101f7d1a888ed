import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Deps } from '#lib/deps';
import type { Handler } from '#lib/function';
import { silentLog } from '#lib/log';
import { type CatalogEntry, catalog } from '../../../../functions/catalog.ts';
import { createCall, loadFunctions } from '../../../../local/plane/functions.ts';
import { openGuard } from '../../../../local/plane/guard.ts';
import { trackCalls } from '../../../../local/plane/in-hand.ts';
import { createInvoke } from '../../../../local/plane/invoke.ts';
import { fakeClock } from '../../../builders/fake-clock.ts';

const entry: CatalogEntry = {
  area: 'jobs',
  plane: 'work',
  memoryMb: 128,
  timeoutS: 3,
  trigger: { kind: 'machine' },
  isPerFacility: false,
  uses: [],
};

const aPlane = (handler: Handler) => {
  const folder = mkdtempSync(join(tmpdir(), 'papilio-functions-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const clock = fakeClock();
  const guard = openGuard({ folder, endedBy: 'other', clock, log: silentLog });
  const functions = async () => new Map([['settle-word', { name: 'settle-word', entry, handler }]]);
  const call = createCall({ functions, guard, clock });
  const invoke = createInvoke(call);
  const request = {
    functionName: 'settle-word',
    payload: {},
    invocationId: 'step-1',
    signal: new AbortController().signal,
  };
  return {
    clock,
    call,
    invoke: (functionName = 'settle-word', more: Partial<Parameters<typeof invoke>[0]> = {}) =>
      invoke({ ...request, functionName, ...more }),
  };
};

const noDeps = () => Promise.reject<Deps>(new Error('nothing was called'));
const functionsFolder = new URL('../../../../functions/', import.meta.url);

test('every function of the catalogue is found in its plane', async () => {
  for (const plane of ['archive', 'work'] as const) {
    const found = await loadFunctions({ plane, catalog, folder: functionsFolder, deps: noDeps });
    const wanted = Object.entries(catalog).flatMap(([name, { plane: its }]) => (its === plane ? [name] : []));
    expect([...found.keys()].sort()).toEqual(wanted.sort());
  }
});

test('a function sees its name, its request and the time that it has left', async () => {
  const { invoke, clock } = aPlane(async (_, context) => {
    const { functionName, awsRequestId, getRemainingTimeInMillis } = {
      functionName: '',
      awsRequestId: '',
      getRemainingTimeInMillis: () => 0,
      ...context,
    };
    await clock.advance(1_000);
    return { functionName, awsRequestId, leftMs: getRemainingTimeInMillis() };
  });
  expect(await invoke()).toEqual({
    ok: true,
    payload: { functionName: 'settle-word', awsRequestId: 'step-1', leftMs: 2_000 },
  });
});

test('a function that takes too long ends as in Lambda', async () => {
  const { invoke, clock } = aPlane(() => new Promise(() => undefined));
  const answer = invoke('arn:aws:lambda:us-east-1:000000000002:function:settle-word');
  await clock.whenTimers(1);
  await clock.advance(3_000);
  expect(await answer).toEqual({
    ok: false,
    errorType: 'Sandbox.Timedout',
    errorMessage: 'RequestId: step-1 Error: Task timed out after 3.00 seconds',
  });
});

test('an error reaches the state machine by its kind, also one that is thrown at once', async () => {
  const { invoke } = aPlane(() => {
    throw new Error('the sky fell');
  });
  expect(await invoke()).toMatchObject({
    ok: false,
    errorType: 'Bug',
    errorMessage: expect.stringContaining('the sky fell'),
  });
});

test('a function or version that nobody has is named as Lambda does', async () => {
  const { invoke } = aPlane(async () => undefined);
  const missing = { ok: false, errorType: 'Lambda.ResourceNotFoundException' };
  expect(await invoke('no-such')).toMatchObject({ ...missing, errorMessage: 'Function not found: no-such' });
  const other = await invoke('settle-word', { qualifier: '7' });
  expect(other).toMatchObject({ ...missing, errorMessage: 'Function not found: settle-word:7' });
});

test('nobody is told how a run for an event ended, and a dry run is none', async () => {
  let runs = 0;
  const { invoke } = aPlane(async () => {
    runs += 1;
    throw new Error('the sky fell');
  });
  expect(await invoke('settle-word', { invocationType: 'Event' })).toEqual({ ok: true, payload: '' });
  expect(await invoke('settle-word', { invocationType: 'DryRun' })).toEqual({ ok: true, payload: '' });
  expect(runs).toBe(1);
});

test('a plane that stops finishes what it has in hand and begins nothing', async () => {
  const work = Promise.withResolvers<string>();
  const begun: string[] = [];
  const { call, drain } = trackCalls(async (name) => {
    begun.push(name);
    return work.promise;
  });
  const first = call('first', {}, ['1']);
  const drained = drain();
  void call('second', {}, ['2']);
  work.resolve('done');
  await drained;
  expect(await first).toBe('done');
  expect(begun).toEqual(['first']);
});
