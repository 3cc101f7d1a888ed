import { randomUUID } from 'node:crypto';
import { DynamoDB, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { answeringWithin } from '#lib/answering-within';
import { PapilioError } from '#lib/errors';
import { type Pause, pauseByChance } from '#lib/pause';
import type { Clock } from '#ports/clock';
import type { EventLog } from '#ports/event-log';
import type { Item, Key, Store } from '#ports/store';
import { createDynamoLog } from '../event-log/dynamo.ts';
import type { LogTable } from '../event-log/dynamo-items.ts';
import { checkQuery } from './cursor.ts';
import { type Commit, createCommit, transactItemOf } from './dynamo-commit.ts';
import { putRows } from './dynamo-put-many.ts';
import { queryPage } from './dynamo-query.ts';
import { ownIndexRules, startReindex } from './dynamo-reindex.ts';
import { isLive } from './dynamo-row.ts';
import { checkScanCursor, scanEntryOf } from './dynamo-scan.ts';
import { createDynamoSweeper, sweepTable } from './dynamo-sweep.ts';
import { type DynamoTable, openDynamoTable } from './dynamo-table.ts';
import { createDynamoTables, type TableNames } from './dynamo-tables.ts';
import { createTransact, logWriteOf } from './dynamo-transact.ts';
import { checkKey, decodeRow, encodeItem, type Row } from './record.ts';

/** What the dynamo store is opened with. */
export type DynamoStoreOptions = {
  /** How DynamoDB is reached: region, endpoint, credentials. */
  readonly aws: DynamoDBClientConfig;
  readonly tables: TableNames;
  readonly clock: Clock;
  /** Creates tables and indexes that are not there, and gives records of lower layouts their index keys: for planes on emulators. */
  readonly createTables?: boolean;
  /** Removes expired records once a minute, where no TTL does. */
  readonly sweep?: boolean;
  readonly pause?: Pause;
};

/** What the SDK tries by itself: throttling, errors of the service, cut connections. */
const maxAttempts = 6;
const requestHandler = answeringWithin(5_000);

/** The log's table as its log knows it. */
export const logTableOf = (table: DynamoTable, commit: Commit): LogTable => ({
  getMany: table.getMany,
  page: async (pk, after, limit) => {
    const startAt = after === undefined ? undefined : { pk, sk: after };
    const bounds = {};
    const { rows, next } = await table.query({ index: undefined, pk, bounds, newestFirst: false, limit, startAt });
    return { items: rows, isMore: next !== undefined };
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
    scan: async (limit: number, after?: string) => {
      const start = after === undefined ? undefined : checkScanCursor(after);
      return (await table.scan(limit, start)).map((row) => scanEntryOf(row, table.name));
    },
    query: async (query: Parameters<Store['query']>[0]) => queryPage(table, checkQuery(query), clock.nowMs()),
  } satisfies Partial<Store>;
};

/** Lets calls through until it is closed, and closes when the last of them has ended. */
const createDoor = (name: string) => {
  const inside = new Set<Promise<unknown>>();
  let isClosed = false;
  return {
    through: async <T>(act: () => Promise<T>): Promise<T> => {
      if (isClosed) throw new PapilioError('store-unavailable', `the store on ${name} is closed`);
      const call = act();
      inside.add(call);
      try {
        return await call;
      } finally {
        inside.delete(call);
      }
    },
    close: async (): Promise<void> => {
      isClosed = true;
      await Promise.allSettled(inside);
    },
  };
};

/** Opens what is there. @throws store-unavailable if a table does not answer. */
const openOn = async (ddb: DynamoDB, { tables, clock, createTables, pause = pauseByChance }: DynamoStoreOptions) => {
  if (createTables) await createDynamoTables(ddb, tables);
  const records = openDynamoTable(ddb, tables.records, pause);
  const commit = createCommit(ddb, pause);
  const table = logTableOf(openDynamoTable(ddb, tables.log, pause), commit);
  const log = createDynamoLog({ table, clock, name: randomUUID(), pause });
  // Sequences what a process left behind, and says here and now if the tables are not there.
  await log.settle();
  await records.get({ pk: 'open', sk: 'open' });
  return { records, commit, log, table };
};

/** Opens a plane's store and its event log on DynamoDB. @throws store-unavailable if its tables do not answer. */
export const openDynamoStore = async (options: DynamoStoreOptions): Promise<{ store: Store; log: EventLog }> => {
  const { aws, tables, clock, sweep = false, createTables = false } = options;
  const ddb = new DynamoDB({ maxAttempts, requestHandler, ...aws });
  const { records, commit, log, table } = await openOn(ddb, options).catch((thrown: unknown) => {
    ddb.destroy();
    throw thrown;
  });
  const sweeper = sweep ? createDynamoSweeper(clock, (nowMs) => sweepTable(ddb, records, nowMs)) : undefined;
  const reindexing = createTables
    ? startReindex({ ddb, table: tables.records, log: table, rules: ownIndexRules })
    : undefined;
  const { through, close: closeDoor } = createDoor(tables.records);
  const reads = createReads(records, clock);
  const transact = createTransact(tables, { clock, commit, log });
  const store: Store = {
    get: (key) => through(() => reads.get(key)),
    getMany: (keys) => through(() => reads.getMany(keys)),
    query: (query) => through(() => reads.query(query)),
    scan: (limit, after) => through(() => reads.scan(limit, after)),
    transact: (transaction) => through(() => transact(transaction)),
    putMany: (items) => through(async () => putRows(commit, tables.records, items.map(encodeItem), clock.nowMs())),
    close: async () => {
      sweeper?.stop();
      log.close();
      await Promise.all([closeDoor(), reindexing?.stop()]);
      ddb.destroy();
    },
  };
  const read: EventLog['read'] = (afterSeq, limit) => through(() => log.read(afterSeq, limit));
  const ofSubject: EventLog['ofSubject'] = (query) => through(() => log.ofSubject(query));
  return {
    store,
    log: { wait: log.wait, head: () => through(log.head), read, ofSubject, verify: () => through(log.verify) },
  };
};
