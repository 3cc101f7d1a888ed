import { join } from 'node:path';
import { systemClock } from '#lib/system-clock';
import { openSqliteStore } from '../../functions/adapters/store/sqlite.ts';
import { aFolder } from '../builders/a-folder.ts';
import { anEvent } from '../builders/an-event.ts';
import type { BenchmarkOptions, Result, Row } from './benchmark.ts';
import { quantile } from './figures.ts';
import { openPlainBatch, openPlainSqlite, type StorePeer, syncedAppends } from './store-peers.ts';

export const name = 'store';
export const about =
  'puts, conditional updates and gets of the store against plain node:sqlite with the same durability';

const rounds = 3;
const roundFullMs = 300;
const doc = { run: 102363, state: 'physics', substate: 'run', text: 'x'.repeat(400) };

/** Papilio's store as a peer; with events, each write also adds one to the log. */
const openOurs = async (path: string, withEvents: boolean): Promise<StorePeer> => {
  const { store } = await openSqliteStore({ path, clock: systemClock });
  const write = async (sk: string, ifVersion: number): Promise<void> => {
    const events = withEvents ? [anEvent({ subject: sk, version: ifVersion + 1 })] : [];
    await store.transact({ writes: [{ op: 'put', pk: 'bench', sk, ifVersion, doc }], events });
  };
  const get = async (sk: string): Promise<unknown> => (await store.get({ pk: 'bench', sk }))?.doc;
  return { name: withEvents ? 'papilio, record and event' : 'papilio, record', write, get, close: store.close };
};

type Operation = (peer: StorePeer, caller: number, call: number) => Promise<unknown>;

const operationsFor = (round: string): Readonly<Record<string, Operation>> => ({
  put: (peer, caller, call) => peer.write(`${round}-${caller}-${call}`, 0),
  // The first call of a caller creates its record, the next ones change it, each on the version before.
  'conditional update': (peer, caller, call) => peer.write(`u-${round}-${caller}`, call),
  get: (peer, caller) => peer.get(`u-${round}-${caller}`),
});

/** Lets `callers` call one after the other, each, for the length of a round. */
const measure = async (peer: StorePeer, callers: number, operation: Operation, roundMs: number) => {
  const spansMs: number[] = [];
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  const callOn = async (_: unknown, caller: number): Promise<void> => {
    for (let call = 0; performance.now() - startedAt < roundMs; call++) {
      const calledAt = performance.now();
      await operation(peer, caller, call);
      spansMs.push(performance.now() - calledAt);
      // Peers that answer without a wait must let the clock and the others have their turn too.
      if (call % 64 === 63) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all(Array.from({ length: callers }, callOn));
  const elapsedMs = performance.now() - startedAt;
  const cpu = process.cpuUsage(cpuBefore);
  return {
    rateHz: (spansMs.length / elapsedMs) * 1000,
    p50Ms: quantile(spansMs, 0.5),
    p99Ms: quantile(spansMs, 0.99),
    cpuMsPerThousand: (cpu.user + cpu.system) / spansMs.length,
  };
};

type Measured = Awaited<ReturnType<typeof measure>>;

const medianOf = (measured: readonly Measured[], field: keyof Measured): number =>
  quantile(
    measured.map((one) => one[field]),
    0.5,
  );

const rowOf = (operation: string, callers: number, peer: string, measured: readonly Measured[]): Row => ({
  operation,
  callers,
  peer,
  'calls/s': Math.round(medianOf(measured, 'rateHz')),
  'p50 ms': Number(medianOf(measured, 'p50Ms').toFixed(3)),
  'p99 ms': Number(medianOf(measured, 'p99Ms').toFixed(3)),
  'CPU ms of 1000': Number(medianOf(measured, 'cpuMsPerThousand').toFixed(1)),
});

const openPeers = async (folder: string): Promise<StorePeer[]> => [
  await openOurs(join(folder, 'records.db'), false),
  await openOurs(join(folder, 'events.db'), true),
  openPlainSqlite(join(folder, 'plain.db')),
  openPlainBatch(join(folder, 'batch.db')),
];

/** All operations with a number of callers, the peers taking turns in each round. */
const runWith = async (peers: readonly StorePeer[], callers: number, roundMs: number): Promise<Row[]> => {
  const measured = new Map<string, Measured[]>();
  // Round 0 warms up and is thrown away.
  for (let round = 0; round <= rounds; round++) {
    for (const [name, operation] of Object.entries(operationsFor(`${callers}-${round}`))) {
      for (const peer of peers) {
        const result = await measure(peer, callers, operation, roundMs);
        const place = `${name}|${peer.name}`;
        if (round > 0) measured.set(place, [...(measured.get(place) ?? []), result]);
      }
    }
  }
  return [...measured].map(([place, results]) => {
    const [operation = '', peer = ''] = place.split('|');
    return rowOf(operation, callers, peer, results);
  });
};

const diskRow = (callers: number, path: string, forMs: number): Row => {
  const spansMs = syncedAppends(path, forMs);
  return {
    'before the rounds of': `${callers} callers`,
    'appends/s': Math.round((spansMs.length / forMs) * 1000),
    'p50 ms': Number(quantile(spansMs, 0.5).toFixed(3)),
    'p99 ms': Number(quantile(spansMs, 0.99).toFixed(3)),
  };
};

/** The store against plain node:sqlite with the same durability, for 1, 16 and 256 callers at once. */
export const run = async ({ scale, say }: BenchmarkOptions): Promise<Result> => {
  using folder = aFolder();
  const peers = await openPeers(folder.path);
  const rows: Row[] = [];
  const disk: Row[] = [];
  for (const callers of [1, 16, 256]) {
    say(`${callers} callers`);
    disk.push(diskRow(callers, join(folder.path, 'append'), roundFullMs * scale));
    rows.push(...(await runWith(peers, callers, roundFullMs * scale)));
  }
  for (const peer of peers) await peer.close();
  return {
    tables: { 'calls of the store (medians of three rounds)': rows, 'the disk itself, a synced append of 4 kB': disk },
    bars: [],
    notes: [
      'one caller waits for one sync a call: its rate is that of the disk in that moment, whoever else syncs it',
      'all are durable: WAL with synchronous=FULL, synced before a call is answered',
      "plain sqlite commits on the serving thread, whose loop stands still meanwhile; papilio's writer is a thread of its own",
    ],
  };
};
