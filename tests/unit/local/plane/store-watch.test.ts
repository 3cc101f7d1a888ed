import { expect, test } from 'vitest';
import { PapilioError } from '#lib/errors';
import { createMemoryStore } from '../../../../functions/adapters/store/memory.ts';
import { watchStore } from '../../../../local/plane/store-watch.ts';
import { fakeClock } from '../../../builders/fake-clock.ts';

/** A watched store whose writes fail with what the test says. */
const aStore = () => {
  const clock = fakeClock();
  const { store } = createMemoryStore({ clock });
  const now: { failure: PapilioError | undefined } = { failure: undefined };
  const watched = watchStore(
    {
      ...store,
      transact: (transaction) => (now.failure ? Promise.reject(now.failure) : store.transact(transaction)),
      putMany: (items) => (now.failure ? Promise.reject(now.failure) : store.putMany(items)),
    },
    clock,
  );
  const put = () => watched.store.putMany([{ pk: 'a', sk: 'b', doc: {} }]);
  const transact = () => watched.store.transact({ writes: [], events: [] });
  return { clock, now, watched, put, transact };
};

test('a store that refuses writes is named since the first, until one succeeds', async () => {
  const { clock, now, watched, put, transact } = aStore();
  await put();
  expect(watched.trouble()).toBeUndefined();
  now.failure = new PapilioError('store-unavailable', 'archive/store.db: disk I/O error');
  const since = new Date(clock.nowMs()).toISOString();
  await expect(put()).rejects.toThrow('disk I/O error');
  await clock.advance(30_000);
  await expect(transact()).rejects.toThrow('disk I/O error');
  expect(watched.trouble()).toEqual({ since, reason: 'archive/store.db: disk I/O error' });
  now.failure = undefined;
  await put();
  expect(watched.trouble()).toBeUndefined();
});

test('a refusal that nothing repeats for a minute is over', async () => {
  const { clock, now, watched, put } = aStore();
  now.failure = new PapilioError('store-full', 'work/store.db: database or disk is full');
  await expect(put()).rejects.toThrow('full');
  await clock.advance(61_000);
  expect(watched.trouble()).toBeUndefined();
});

test('a conflict is no trouble of the store', async () => {
  const { now, watched, put } = aStore();
  now.failure = new PapilioError('store-conflict', 'a changed');
  await expect(put()).rejects.toThrow('a changed');
  expect(watched.trouble()).toBeUndefined();
});
