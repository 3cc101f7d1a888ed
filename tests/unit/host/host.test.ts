import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import * as z from 'zod';
import type { InvocationOutcome } from '../../../local/host/runner.ts';
import { aFunctionHost, aFunctionSpec, answerIn, processState } from '../../builders/a-function-host.ts';
import { fakeClock } from '../../builders/fake-clock.ts';

const Counted = z.object({ calls: z.int(), pid: z.int() });
const refusalIn = (outcome: InvocationOutcome) => (outcome.kind === 'refused' ? outcome.refusal : undefined);

describe('who may run', () => {
  test('a function has at most the instances that it may have', async () => {
    await using given = aFunctionHost({ functions: [aFunctionSpec({ concurrency: 2 })], limits: { waitS: 0 } });
    const hold = { act: 'hold', path: join(given.folder, 'open') };
    const held = [given.call(hold), given.call(hold)];
    expect(refusalIn(await given.call({}))).toEqual({ reason: 'throttled', limit: 'function', retryAfterS: 1 });
    expect(given.host.describe('behave')).toMatchObject({
      instances: 2,
      busy: 2,
      counts: { throttles: 1, coldStarts: 2 },
    });
    await given.host.close(0);
    expect((await Promise.all(held)).map(({ kind }) => kind)).toEqual(['failed', 'failed']);
  });

  test('a host has at most the instances that it may have, and ends one without work for one that is needed', async () => {
    const functions = [aFunctionSpec({ name: 'one' }), aFunctionSpec({ name: 'other' })];
    await using given = aFunctionHost({ functions, limits: { waitS: 0, instances: 1 } });
    const first = Counted.parse(answerIn(await given.call({ act: 'count' }, 'one')));
    const second = Counted.parse(answerIn(await given.call({ act: 'count' }, 'other')));
    expect(second.calls).toBe(1);
    await vi.waitFor(() => expect(processState(first.pid)).toBeUndefined());
    const held = given.call({ act: 'hold', path: join(given.folder, 'open') }, 'other');
    expect(refusalIn(await given.call({}, 'one'))).toMatchObject({ reason: 'throttled', limit: 'host' });
    await given.host.close(0);
    expect((await held).kind).toBe('failed');
  });

  test('a call waits for its time and no longer, and only so many wait', async () => {
    const clock = fakeClock();
    const functions = [aFunctionSpec({ concurrency: 1, timeoutS: 1000 })];
    await using given = aFunctionHost({ functions, clock, limits: { waitS: 30, waiting: 2 } });
    await given.call({ act: 'count' });
    const held = given.call({ act: 'hold', path: join(given.folder, 'open') });
    const waiting = [given.call({}), given.call({})];
    expect(refusalIn(await given.call({}))).toMatchObject({ reason: 'throttled' });
    await clock.advance(30_000);
    expect((await Promise.all(waiting)).map(refusalIn)).toMatchObject([
      { reason: 'throttled' },
      { reason: 'throttled' },
    ]);
    await given.host.close(0);
    expect((await held).kind).toBe('failed');
  });

  test('those that wait hold only so many bytes together, and who comes when they have gone may wait again', async () => {
    const functions = [aFunctionSpec({ concurrency: 1 })];
    await using given = aFunctionHost({ functions, limits: { waitingBytes: 1000 } });
    const path = join(given.folder, 'open');
    const large = { of: 'x'.repeat(600) };
    const held = given.call({ act: 'hold', path });
    const first = given.call(large);
    expect(refusalIn(await given.call(large))).toMatchObject({ reason: 'throttled', limit: 'function' });
    const small = given.call({});
    writeFileSync(path, '');
    expect((await Promise.all([held, first, small])).map(({ kind }) => kind)).toEqual(Array(3).fill('answered'));
    const again = given.call({ act: 'hold', path });
    expect((await Promise.all([again, given.call(large)])).map(({ kind }) => kind)).toEqual(Array(2).fill('answered'));
  });
});

test('hosts beside each other do not end what is the other one’s, whatever it is called', async () => {
  await using one = aFunctionHost();
  await using other = aFunctionHost();
  const { pid } = Counted.parse(answerIn(await one.call({ act: 'count' })));
  expect((await other.call({ act: 'exit', code: 1 })).kind).toBe('failed');
  expect(Counted.parse(answerIn(await one.call({ act: 'count' })))).toEqual({ calls: 2, pid });
});

describe('who has nothing to do', () => {
  test('is frozen first and ended later', async () => {
    const clock = fakeClock();
    await using given = aFunctionHost({ clock, limits: { freezeAfterS: 5, idleS: 300 } });
    const { pid } = Counted.parse(answerIn(await given.call({ act: 'count' })));
    expect(processState(pid)).not.toBe('T');
    await clock.advance(6_000);
    await vi.waitFor(() => expect(processState(pid)).toBe('T'));
    expect(Counted.parse(answerIn(await given.call({ act: 'count' })))).toEqual({ calls: 2, pid });
    await clock.advance(299_000);
    expect(given.host.describe('behave')?.instances).toBe(1);
    await clock.advance(2_000);
    expect(given.host.describe('behave')?.instances).toBe(0);
    await vi.waitFor(() => expect(processState(pid)).toBeUndefined());
  });

  test('is given no call once it has died', async () => {
    await using given = aFunctionHost();
    const { pid } = Counted.parse(answerIn(await given.call({ act: 'count' })));
    process.kill(pid, 'SIGKILL');
    // Called as soon as this process has heard of its end.
    while (existsSync(`/proc/${pid}`)) await setImmediate();
    expect(Counted.parse(answerIn(await given.call({ act: 'count' }))).calls).toBe(1);
  });

  test('is not kept in a greater number than the host has room for', async () => {
    await using given = aFunctionHost({ limits: { instances: 2 } });
    expect(await given.host.scale('behave', 4)).toEqual({ ok: true });
    expect(given.host.describe('behave')?.instances).toBe(2);
  });

  test('is kept where so many are to be kept', async () => {
    const clock = fakeClock();
    await using given = aFunctionHost({ clock, limits: { idleS: 60 } });
    expect(await given.host.scale('behave', 2)).toEqual({ ok: true });
    await vi.waitFor(() => expect(given.host.describe('behave')).toMatchObject({ instances: 2, busy: 0 }), 10_000);
    await clock.advance(120_000);
    expect(given.host.describe('behave')?.instances).toBe(2);
    expect(Counted.parse(answerIn(await given.call({ act: 'count' }))).calls).toBe(1);
    expect(given.host.describe('behave')?.counts.coldStarts).toBe(0);
  });
});

describe('what is deployed', () => {
  test('can be added, replaced and removed while others run', async () => {
    await using given = aFunctionHost();
    expect(await given.host.deploy(aFunctionSpec())).toEqual({ ok: false, problem: 'exists' });
    expect(await given.host.deploy(aFunctionSpec({ name: 'new', code: 'nowhere' }))).toEqual({
      ok: false,
      problem: 'unknown-code',
    });
    expect(await given.host.deploy(aFunctionSpec({ name: '../new' }))).toEqual({ ok: false, problem: 'invalid' });
    expect(await given.host.deploy(aFunctionSpec({ name: 'new', environment: { SECRET: 'a' } }))).toEqual({ ok: true });
    expect(answerIn(await given.call({}, 'new'))).toMatchObject({ functionName: 'new', secret: 'a' });
    expect(await given.host.update(aFunctionSpec({ name: 'new', environment: { SECRET: 'b' } }))).toEqual({ ok: true });
    expect(answerIn(await given.call({}, 'new'))).toMatchObject({ secret: 'b' });
    expect(await given.host.remove('new')).toEqual({ ok: true });
    expect(refusalIn(await given.call({}, 'new'))).toEqual({ reason: 'missing' });
    expect(await given.host.remove('new')).toEqual({ ok: false, problem: 'missing' });
    expect(await given.host.update(aFunctionSpec({ name: 'new' }))).toEqual({ ok: false, problem: 'missing' });
    expect(given.host.list().map(({ spec }) => spec.name)).toEqual(['behave']);
  });

  test('ends a call that runs on what it was begun with, and those that wait go on with the new', async () => {
    const functions = [aFunctionSpec({ concurrency: 1, environment: { SECRET: 'old' } })];
    await using given = aFunctionHost({ functions });
    const { pid } = Counted.parse(answerIn(await given.call({ act: 'count' })));
    const gate = join(given.folder, 'open');
    const held = given.call({ act: 'hold', path: gate });
    const waiting = given.call({});
    await given.host.update(aFunctionSpec({ environment: { SECRET: 'new' } }));
    expect(answerIn(await waiting)).toMatchObject({ secret: 'new' });
    expect(processState(pid)).toBeDefined();
    writeFileSync(gate, '');
    expect(answerIn(await held)).toBe(pid);
    await vi.waitFor(() => expect(processState(pid)).toBeUndefined());
  });

  test('goes on with the log and the counts of what it takes the place of', async () => {
    await using given = aFunctionHost();
    await given.call({ act: 'say', lines: ['before'] });
    const heard: string[] = [];
    given.host.followLogs('behave', ({ text }) => void heard.push(text));
    await given.host.update(aFunctionSpec());
    await given.call({ act: 'say', lines: ['after'] });
    expect(given.host.describe('behave')).toMatchObject({ counts: { invocations: 2, coldStarts: 2 } });
    expect(heard.join()).toContain('after');
    expect(
      given.host
        .logs('behave')
        .map(({ text }) => text)
        .join(),
    ).toMatch(/before.*after/);
  });

  test('answers nothing while it is scaled to none', async () => {
    await using given = aFunctionHost();
    await given.call({ act: 'count' });
    expect(await given.host.scale('behave', 0)).toEqual({ ok: true });
    expect(given.host.describe('behave')).toMatchObject({ instances: 0, isEnabled: false });
    expect(refusalIn(await given.call({}))).toMatchObject({ reason: 'throttled', limit: 'function' });
    await given.host.scale('behave', 1);
    expect((await given.call({})).kind).toBe('answered');
    expect(await given.host.scale('behave', -1)).toEqual({ ok: false, problem: 'invalid' });
    expect(await given.host.scale('nobody', 1)).toEqual({ ok: false, problem: 'missing' });
  });
});

test('what cannot be an event is not run', async () => {
  await using given = aFunctionHost();
  const invoke = (payload: string) => given.host.invoke({ name: 'behave', payload, requestId: 'r' });
  expect(refusalIn(await invoke('{'))).toMatchObject({ reason: 'not-json' });
  expect(refusalIn(await invoke(''))).toMatchObject({ reason: 'not-json' });
  expect(refusalIn(await invoke(JSON.stringify('x'.repeat(6_291_455))))).toEqual({
    reason: 'too-large',
    limitBytes: 6_291_456,
  });
  expect(given.host.describe('behave')?.counts.invocations).toBe(0);
});

test('a host that ends lets calls end first, if it is asked to', async () => {
  const given = aFunctionHost();
  const gate = join(given.folder, 'open');
  const held = given.call({ act: 'hold', path: gate });
  await vi.waitFor(() => expect(given.host.describe('behave')?.busy).toBe(1));
  const closed = given.host.close(60_000);
  expect(refusalIn(await given.call({}))).toEqual({ reason: 'closing' });
  writeFileSync(gate, '');
  expect((await held).kind).toBe('answered');
  await closed;
  await given[Symbol.asyncDispose]();
});
