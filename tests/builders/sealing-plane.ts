// Run as its own process, to be killed: opens a long log, which it seals, commits events meanwhile, and prints each.

import { systemClock } from '#lib/system-clock';
import { openSqliteStore } from '../../functions/adapters/store/sqlite.ts';
import { anEvent } from './an-event.ts';

const [path = ''] = process.argv.slice(2);
const { store } = await openSqliteStore({ path, clock: systemClock });
const pk = `prod_run_${process.pid}`;

for (let version = 1; ; version++) {
  const write = { op: 'put', pk, sk: 'run', ifVersion: version - 1, doc: {} } as const;
  await store.transact({ writes: [write], events: [anEvent({ subject: pk, version })] });
  process.stdout.write(`${version}\n`);
}
