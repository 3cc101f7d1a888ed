import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../functions/adapters/store/memory.ts';
import { openSqliteStore } from '../../functions/adapters/store/sqlite.ts';
import { aFolder } from '../builders/a-folder.ts';
import { fakeClock } from '../builders/fake-clock.ts';
import { withStaleIndex } from '../builders/stale-index.ts';
import { type Open, storeSuite } from './store-suite.ts';

const memory: Open = async () => {
  const clock = fakeClock();
  const { store, log } = createMemoryStore({ clock });
  return { store, log, clock, catchUp: async () => {}, close: store.close };
};

const sqlite: Open = async () => {
  const clock = fakeClock();
  const folder = aFolder();
  const { store, log } = await openSqliteStore({ path: join(folder.path, 'store.db'), clock });
  const close = async (): Promise<void> => {
    await store.close();
    folder[Symbol.dispose]();
  };
  return { store, log, clock, catchUp: async () => {}, close };
};

/** The same store behind an index that lags. */
const stale =
  (open: Open, seed: number): Open =>
  async () => {
    const opened = await open();
    const store = withStaleIndex(opened.store, { clock: opened.clock, seed });
    return { ...opened, store, catchUp: store.catchUp };
  };

storeSuite('memory', memory);
storeSuite('sqlite', sqlite);
storeSuite('memory, stale index', stale(memory, 1));
storeSuite('sqlite, stale index', stale(sqlite, 2));

describe.each([
  ['memory', memory],
  ['sqlite', sqlite],
])('behind a stale index (%s)', (_, open) => {
  const fill = async (seed: number) => {
    const opened = await stale(open, seed)();
    const seen: { byKey: unknown; primary: number; index: number }[] = [];
    for (let at = 0; at < 30; at++) {
      const key = { pk: 'prod_run', sk: String(at).padStart(3, '0') };
      const indexes = { i1: { pk: 'open', sk: key.sk } };
      await opened.store.transact({ writes: [{ op: 'put', ...key, ifVersion: 0, doc: {}, indexes }], events: [] });
      const primary = (await opened.store.query({ pk: 'prod_run' })).items.length;
      const index = (await opened.store.query({ index: 'i1', pk: 'open' })).items.length;
      seen.push({ byKey: (await opened.store.get(key))?.version, primary, index });
    }
    await opened.close();
    return seen;
  };

  test('reads by key and of the primary order are fresh, reads of an index lag and never go back', async () => {
    const seen = await fill(3);
    expect(seen.map(({ byKey }) => byKey)).toEqual(seen.map(() => 1));
    expect(seen.map(({ primary }) => primary)).toEqual(seen.map((_, at) => at + 1));
    const lags = seen.map(({ index }, at) => at + 1 - index);
    expect(Math.min(...lags)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...lags)).toBeGreaterThan(3);
    const counts = seen.map(({ index }) => index);
    expect(counts).toEqual(counts.toSorted((a, b) => a - b));
  });

  test('the same seed lags in the same way', async () => {
    expect(await fill(5)).toEqual(await fill(5));
  });
});
