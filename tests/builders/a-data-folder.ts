import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSqliteStore } from '../../functions/adapters/store/sqlite.ts';
import { startOf } from '../../local/engine/lock.ts';
import { anEvent } from './an-event.ts';
import { fakeClock } from './fake-clock.ts';

/** Fills a folder with what a house has in it while it is down: two stores with some events. */
export const fillDataFolder = async (folder: string, events = 200, source?: string): Promise<void> => {
  for (const plane of ['archive', 'work']) {
    mkdirSync(join(folder, plane), { recursive: true });
    const { store } = await openSqliteStore({ path: join(folder, plane, 'store.db'), clock: fakeClock() });
    const all = Array.from({ length: events }, (_, at) =>
      anEvent({ version: at + 1, ...(source === undefined ? {} : { source }) }),
    );
    await store.transact({ writes: [], events: all });
    await store.close();
  }
};

/** Has this process hold a lock or name plate of a folder. */
export const holdPlate = async (folder: string, file: string): Promise<void> => {
  const startedAt = await startOf(process.pid);
  writeFileSync(join(folder, file), JSON.stringify({ pid: process.pid, startedAt }));
};
