import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLog } from '#lib/log';
import { type EndedBy, openGuard } from '../../../../local/plane/guard.ts';
import { fakeClock } from '../../../builders/fake-clock.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'papilio-guard-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (endedBy: EndedBy) => openGuard({ folder, endedBy, clock: fakeClock(), log: silentLog });
const never = () => new Promise<void>(() => undefined);
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A plane that was ended while it handled these, all at once. */
const endedDuring = async (endedBy: EndedBy, ids: readonly string[]) => {
  const guard = open(endedBy);
  for (const id of ids) guard.run('handle-word', [id], never).catch(() => undefined);
  await turn();
};

test('what was in flight goes alone; what was not goes together', async () => {
  await endedDuring('other', ['a', 'b']);
  const guard = open('loop');
  expect(['a', 'b', 'c'].map((id) => guard.goesAlone('handle-word', id))).toEqual([true, true, false]);
  expect(guard.parked()).toEqual([]);
});

test('a suspect that ends well is no suspect any more', async () => {
  await endedDuring('other', ['a']);
  const guard = open('loop');
  await guard.run('handle-word', ['a'], async () => undefined);
  expect(guard.goesAlone('handle-word', 'a')).toBe(false);
});

test('a suspect that was alone when the loop stood still again is parked, and stays so', async () => {
  await endedDuring('other', ['a', 'b']);
  await endedDuring('loop', ['a']);
  for (const endedBy of ['loop', 'other'] as const) {
    const guard = open(endedBy);
    expect(guard.parked()).toMatchObject([{ function: 'handle-word', key: 'handle-word:a' }]);
    await expect(guard.run('handle-word', ['a'], async () => undefined)).rejects.toMatchObject({
      code: 'loop-stopped',
    });
    expect(await guard.run('handle-word', ['b'], async () => 'goes on')).toBe('goes on');
    guard.close();
  }
});

test('a crash of its own counts as a loop that stands still', async () => {
  await endedDuring('other', ['a']);
  await endedDuring('crash', ['a']);
  expect(open('crash').parked()).toHaveLength(1);
});

test('a plane that somebody else ended blames nobody, however often', async () => {
  for (let times = 0; times < 5; times++) await endedDuring('other', ['a']);
  const guard = open('other');
  expect(guard.parked()).toEqual([]);
  expect(await guard.run('handle-word', ['a'], async () => 'done')).toBe('done');
});
