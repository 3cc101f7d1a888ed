import { join } from 'node:path';
import { openSqliteStore } from '../../functions/adapters/store/sqlite.ts';
import { systemClock } from '../../local/engine/system-clock.ts';
import { aFolder } from '../builders/a-folder.ts';
import { anEvent } from '../builders/an-event.ts';
import { openPlainBatch, openPlainSqlite, type StorePeer } from './store-peers.ts';

/** One line of the result: medians over the rounds. */
export type StoreRow = {
  readonly operation: string;
  readonly callers: number;
  readonly peer: string;
  readonly rateHz: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU time of all threads for 1,000 calls. */
  readonly cpuMsPerThousand: number;
};

const rounds = 3;
const roundMs = 300;
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

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.floor((sorted.length - 1) * share)] ?? 0;

/** Lets `callers` call one after the other, each, for the length of a round. */
const measure = async (peer: StorePeer, callers: number, operation: Operation) => {
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
  spansMs.sort((a, b) => a - b);
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
    measured.map((one) => one[field]).sort((a, b) => a - b),
    0.5,
  );

const rowOf = (operation: string, callers: number, peer: string, measured: readonly Measured[]): StoreRow => ({
  operation,
  callers,
  peer,
  rateHz: Math.round(medianOf(measured, 'rateHz')),
  p50Ms: Number(medianOf(measured, 'p50Ms').toFixed(3)),
  p99Ms: Number(medianOf(measured, 'p99Ms').toFixed(3)),
  cpuMsPerThousand: Number(medianOf(measured, 'cpuMsPerThousand').toFixed(1)),
});

const openPeers = async (folder: string): Promise<StorePeer[]> => [
  await openOurs(join(folder, 'records.db'), false),
  await openOurs(join(folder, 'events.db'), true),
  openPlainSqlite(join(folder, 'plain.db')),
  openPlainBatch(join(folder, 'batch.db')),
];

/** All operations with a number of callers, the peers taking turns in each round. */
const runWith = async (peers: readonly StorePeer[], callers: number): Promise<StoreRow[]> => {
  const measured = new Map<string, Measured[]>();
  // Round 0 warms up and is thrown away.
  for (let round = 0; round <= rounds; round++) {
    for (const [name, operation] of Object.entries(operationsFor(`${callers}-${round}`))) {
      for (const peer of peers) {
        const result = await measure(peer, callers, operation);
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

/** The store against plain node:sqlite with the same durability, for 1, 16 and 256 callers at once. */
export const run = async (): Promise<StoreRow[]> => {
  using folder = aFolder();
  const peers = await openPeers(folder.path);
  const rows: StoreRow[] = [];
  for (const callers of [1, 16, 256]) rows.push(...(await runWith(peers, callers)));
  for (const peer of peers) await peer.close();
  return rows;
};
