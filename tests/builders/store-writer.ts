// Run as its own process, to be killed: writes records with events, eight at a time, and prints each acknowledged one.

import { systemClock } from '#lib/system-clock';
import { openSqliteStore } from '../../functions/adapters/store/sqlite.ts';
import { anEvent } from './an-event.ts';

const [path = '', round = ''] = process.argv.slice(2);
const { store } = await openSqliteStore({ path, clock: systemClock, checkpointBytes: 100_000 });

const writeForever = async (caller: number): Promise<never> => {
  for (let at = 0; ; at++) {
    const sk = `${round}-${caller}-${at}`;
    const write = { op: 'put', pk: 'prod_stf', sk, ifVersion: 0, doc: { text: 'x'.repeat(300) } } as const;
    await store.transact({ writes: [write], events: [anEvent({ subject: sk })] });
    process.stdout.write(`${sk}\n`);
  }
};

await Promise.all(Array.from({ length: 8 }, (_, caller) => writeForever(caller)));
