import { randomUUID } from 'node:crypto';
import { DynamoDB, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { PapilioError } from '#lib/errors';
import type { Clock } from '#ports/clock';
import type { EventLog } from '#ports/event-log';
import type { Item, Key, Store, Transaction } from '#ports/store';
import { encodeEvent } from '../event-log/chain.ts';
import { createDynamoLog, type DynamoLog } from '../event-log/dynamo.ts';
import { type LogTable, type LogWrite, pendingWrite } from '../event-log/dynamo-items.ts';
import { checkQuery } from './cursor.ts';
import {
  type Commit,
  checkTransactionSize,
  createCommit,
  type Failed,
  type TableWrite,
  transactItemOf,
} from './dynamo-commit.ts';
import { type Pause, pauseByChance } from './dynamo-errors.ts';
import { putRows } from './dynamo-put-many.ts';
import { queryPage } from './dynamo-query.ts';
import { isLive } from './dynamo-row.ts';
import { createDynamoSweeper, sweepTable } from './dynamo-sweep.ts';
import { type DynamoTable, openDynamoTable } from './dynamo-table.ts';
import { createDynamoTables, type TableNames } from './dynamo-tables.ts';
import { checkKey, decodeRow, type EncodedWrite, encodeItem, encodeWrites, mismatchOf, type Row } from './record.ts';

/** What the dynamo store is opened with. */
export type DynamoStoreOptions = {
  /** How DynamoDB is reached: region, endpoint, credentials. */
  readonly aws: DynamoDBClientConfig;
  readonly tables: TableNames;
  readonly clock: Clock;
  /** Creates tables that are not there: for emulators. */
  readonly createTables?: boolean;
  /** Removes expired records once a minute, where no TTL does. */
  readonly sweep?: boolean;
  readonly pause?: Pause;
};

/** What the SDK tries by itself: throttling, errors of the service, cut connections. */
const maxAttempts = 6;
const requestHandler = { requestTimeout: 5_000, connectionTimeout: 2_000, throwOnRequestTimeout: true };

/** What the events of one transaction may have in all: a segment of the log takes it as one item too. */
const eventsLimitBytes = 390_000;

const noIndexes = { expiresMs: null, i1Pk: null, i1Sk: null, i2Pk: null, i2Sk: null } as const;

const logWriteOf = (write: LogWrite): EncodedWrite =>
  write.op === 'put' ? { ...write, row: { ...write.row, ...noIndexes, version: 0 } } : write;

/** The log's table as its log knows it. */
const logTableOf = (table: DynamoTable, commit: Commit): LogTable => ({
  getMany: table.getMany,
  page: async (pk, after, limit) => {
    const startAt = after === undefined ? undefined : { pk, sk: after };
    const bounds = {};
    const { rows } = await table.query({ index: undefined, pk, bounds, newestFirst: false, limit, startAt });
    return rows;
  },
  commit: async (writes) => {
    const items = writes.map((write) => transactItemOf({ table: table.name, write: logWriteOf(write) }, 0));
    return (await commit(items, 0)).length === 0;
  },
});

const createReads = (table: DynamoTable, clock: Clock) => {
  const itemOf = (row: Row | undefined): Item | undefined =>
    row !== undefined && isLive(row, clock.nowMs()) ? decodeRow(row) : undefined;
  const identity = ({ pk, sk }: Key): string => `${pk}\0${sk}`;
  return {
    get: async (key: Key) => {
      checkKey(key);
      return itemOf(await table.get(key));
    },
    getMany: async (keys: readonly Key[]) => {
      for (const key of keys) checkKey(key);
      const distinct = new Map(keys.map(({ pk, sk }) => [identity({ pk, sk }), { pk, sk }]));
      const rows = new Map((await table.getMany([...distinct.values()])).map((row) => [identity(row), row]));
      return keys.map((key) => itemOf(rows.get(identity(key))));
    },
    query: async (query: Parameters<Store['query']>[0]) => queryPage(table, checkQuery(query), clock.nowMs()),
  } satisfies Partial<Store>;
};

const mismatches = (writes: readonly EncodedWrite[], failed: readonly Failed[]): string =>
  failed
    .flatMap(({ at, found }) => {
      const write = writes[at];
      return write === undefined ? [] : [mismatchOf(write.row, write.ifVersion ?? 0, found ?? 0)];
    })
    .join('; ');

/** Transactions of records with their events: the last item lays the events down for the log. */
const createTransact = (
  tables: TableNames,
  { clock, commit, log }: { clock: Clock; commit: Commit; log: DynamoLog },
) => {
  let count = 0;
  const stamp = (): string => {
    count += 1;
    return `${String(clock.nowMs()).padStart(15, '0')}-${String(count).padStart(12, '0')}-${randomUUID()}`;
  };
  return async (transaction: Transaction): Promise<{ readonly seq: number }> => {
    const writes = encodeWrites(transaction.writes);
    const events = transaction.events.map(encodeEvent);
    const pending: EncodedWrite[] = events.length === 0 ? [] : [logWriteOf(pendingWrite(stamp(), events))];
    checkTransactionSize([...writes, ...pending]);
    checkEvents(pending);
    const all: TableWrite[] = [
      ...writes.map((write) => ({ table: tables.records, write })),
      ...pending.map((write) => ({ table: tables.log, write })),
    ];
    if (all.length === 0) return { seq: log.seen() };
    const nowMs = clock.nowMs();
    const failed = await commit(
      all.map((item) => transactItemOf(item, nowMs)),
      nowMs,
    );
    if (failed.length > 0) throw new PapilioError('store-conflict', mismatches(writes, failed));
    if (events.length === 0) return { seq: log.seen() };
    return { seq: await settled(log) };
  };
};

/** The log's end after a commit. If the log cannot go on now, whoever comes next gives the events their `seq`. */
const settled = async (log: DynamoLog): Promise<number> => {
  try {
    return await log.settle();
  } catch (thrown) {
    if (thrown instanceof PapilioError && thrown.kind === 'Transient') return log.seen();
    throw thrown;
  }
};

const checkEvents = (pending: readonly EncodedWrite[]): void => {
  for (const write of pending) {
    if (write.op !== 'put') continue;
    const sizeBytes = Buffer.byteLength(write.row.doc);
    if (sizeBytes > eventsLimitBytes)
      throw new PapilioError(
        'store-item-invalid',
        `the events of a transaction have ${sizeBytes} bytes, more than 390,000`,
      );
  }
};

/** Opens a plane's store and its event log on DynamoDB. @throws store-unavailable if its tables do not answer. */
export const openDynamoStore = async (options: DynamoStoreOptions): Promise<{ store: Store; log: EventLog }> => {
  const { aws, tables, clock, createTables = false, sweep = false, pause = pauseByChance } = options;
  const ddb = new DynamoDB({ maxAttempts, requestHandler, ...aws });
  let isClosed = false;
  const whileOpen = async <T>(act: () => Promise<T>): Promise<T> => {
    if (isClosed) throw new PapilioError('store-unavailable', `the store on ${tables.records} is closed`);
    return act();
  };
  if (createTables) await createDynamoTables(ddb, tables);
  const records = openDynamoTable(ddb, tables.records, pause);
  const commit = createCommit(ddb, pause);
  const table = logTableOf(openDynamoTable(ddb, tables.log, pause), commit);
  const log = createDynamoLog({ table, clock, name: randomUUID(), pause });
  // Sequences what a process left behind, and says here and now if the tables are not there.
  await log.settle();
  await records.get({ pk: 'open', sk: 'open' });
  const sweeper = sweep ? createDynamoSweeper(clock, (nowMs) => sweepTable(ddb, records, nowMs)) : undefined;
  const reads = createReads(records, clock);
  const transact = createTransact(tables, { clock, commit, log });
  const store: Store = {
    get: (key) => whileOpen(() => reads.get(key)),
    getMany: (keys) => whileOpen(() => reads.getMany(keys)),
    query: (query) => whileOpen(() => reads.query(query)),
    transact: (transaction) => whileOpen(() => transact(transaction)),
    putMany: (items) => whileOpen(async () => putRows(commit, tables.records, items.map(encodeItem), clock.nowMs())),
    close: async () => {
      isClosed = true;
      sweeper?.stop();
      log.close();
      ddb.destroy();
    },
  };
  const { wait } = log;
  return {
    store,
    log: {
      wait,
      head: () => whileOpen(log.head),
      read: (afterSeq, limit) => whileOpen(() => log.read(afterSeq, limit)),
      verify: () => whileOpen(log.verify),
    },
  };
};
