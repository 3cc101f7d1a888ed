import type { DatabaseSync } from 'node:sqlite';
import { PapilioError } from '#lib/errors';
import { turn } from '#lib/turn';
import type { Clock } from '#ports/clock';
import type { EventLog } from '#ports/event-log';
import type { Item, Key, Store } from '#ports/store';
import { encodeEvent } from '../event-log/chain.ts';
import { defaultSealPolicy, type SealPolicy } from '../event-log/sealer.ts';
import { createLogReader, segmentFolderOf } from '../event-log/sqlite.ts';
import { createWaiters } from '../event-log/waiters.ts';
import { checkQuery } from './cursor.ts';
import { checkKey, type EncodedWrite, encodeItem, encodeWrites } from './record.ts';
import { createWriterClient, type WriterClient } from './sqlite-client.ts';
import { openForReading, openForWriting, storeErrorOf } from './sqlite-file.ts';
import type { Sealed } from './sqlite-messages.ts';
import { createReader } from './sqlite-reader.ts';
import { createScanner } from './sqlite-scan.ts';

/** What the sqlite store is opened with. */
export type SqliteStoreOptions = {
  /** The file, relative to the working directory or absolute. */
  readonly path: string;
  readonly clock: Clock;
  /** Opens a file that another process writes: nothing can be written, and the log's `wait` looks only once. */
  readonly readOnly?: boolean;
  /** The database refuses to grow beyond it with `store-full`; without it the disk is the limit. */
  readonly quotaBytes?: number;
  /** Length of the WAL at which it is copied into the database, between two groups; default 16 MB: one commit in thousands waits some ms. */
  readonly checkpointBytes?: number;
  /** How much of the log stays in rows, and how large a segment is. */
  readonly seal?: SealPolicy;
  /** Called after each run that moved old events into segments, or could not. */
  readonly onSealed?: (sealed: Sealed) => void;
};

type StoreAndLog = { readonly store: Store; readonly log: EventLog };

const sweepEveryMs = 60_000;
const putManyChunk = 200;
const getManyChunk = 500;

const chunksOf = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));

/** Runs a read and gives SQLite's errors a name. */
const createReads = (db: DatabaseSync, { path, clock }: SqliteStoreOptions) => {
  const reader = createReader(db, path);
  const reading = async <T>(read: () => T): Promise<T> => {
    try {
      return read();
    } catch (error) {
      throw db.isOpen ? storeErrorOf(error, path) : new PapilioError('store-unavailable', `${path} is closed`, error);
    }
  };
  const get = (key: Key): Item | undefined => {
    checkKey(key);
    return reader.get(key, clock.nowMs());
  };
  const getMany = async (keys: readonly Key[]): Promise<(Item | undefined)[]> => {
    const items: (Item | undefined)[] = [];
    for (const chunk of chunksOf(keys, getManyChunk)) {
      if (items.length > 0) await turn();
      items.push(...(await reading(() => chunk.map(get))));
    }
    return items;
  };
  const scanner = createScanner(db, path);
  const store: Pick<Store, 'get' | 'getMany' | 'query' | 'scan'> = {
    get: (key) => reading(() => get(key)),
    getMany,
    query: (query) => reading(() => reader.query(checkQuery(query), clock.nowMs())),
    scan: (limit, after) => reading(() => scanner(limit, after)),
  };
  return { store, reading };
};

const createWrites = (writer: WriterClient, clock: Clock): Pick<Store, 'transact' | 'putMany'> => ({
  transact: async ({ writes, events }) => {
    const request = { nowMs: clock.nowMs(), writes: encodeWrites(writes), events: events.map(encodeEvent) };
    return { seq: await writer.commit(request) };
  },
  putMany: async (items) => {
    const writes = items.map((item): EncodedWrite => ({ op: 'put', ifVersion: undefined, row: encodeItem(item) }));
    const commit = (chunk: EncodedWrite[]) => writer.commit({ nowMs: clock.nowMs(), writes: chunk, events: [] });
    await Promise.all(chunksOf(writes, putManyChunk).map(commit));
  },
});

/** Asks for a sweep once a minute, and again at once while there is more. */
const createSweeper = (clock: Clock, sweep: (nowMs: number) => void) => {
  let cancel = (): void => {};
  const start = (): void => {
    cancel();
    cancel = clock.at(clock.nowMs() + sweepEveryMs, () => sweep(clock.nowMs()));
  };
  const onSwept = (isSwept: boolean): void => (isSwept ? start() : sweep(clock.nowMs()));
  return { start, onSwept, stop: () => cancel() };
};

const openReadOnly = (options: SqliteStoreOptions): StoreAndLog => {
  const db = openForReading(options.path);
  const { store: reads, reading } = createReads(db, options);
  const logReader = createLogReader(db, segmentFolderOf(options.path));
  const refuse = async (): Promise<never> => {
    throw new PapilioError('bug', `${options.path} was opened to read only; its own plane writes it`);
  };
  const close = async (): Promise<void> => {
    logReader.close();
    db.close();
  };
  const store: Store = { ...reads, transact: refuse, putMany: refuse, close };
  const head = () => reading(logReader.head);
  // Another process's commits are told by its socket; the file is looked at once, never polled.
  const log: EventLog = {
    head,
    wait: head,
    read: (after, limit) => reading(() => logReader.read(after, limit)),
    ofSubject: (query) => reading(() => logReader.ofSubject(query)),
    verify: logReader.verify,
  };
  return { store, log };
};

const openWritable = (options: SqliteStoreOptions): StoreAndLog => {
  const { path, clock, quotaBytes, checkpointBytes = 16_000_000, seal = defaultSealPolicy } = options;
  const { onSealed = () => undefined } = options;
  // Makes the file, or says here and now what is wrong with it.
  openForWriting(path, quotaBytes).close();
  const db = openForReading(path);
  const { store: reads, reading } = createReads(db, options);
  const logReader = createLogReader(db, segmentFolderOf(options.path));
  let head = logReader.head();
  const waiters = createWaiters(clock, () => head);
  const onHead = (seq: number): void => {
    if (seq <= head) return;
    head = seq;
    waiters.wake(seq);
  };
  const sweeper = createSweeper(clock, (nowMs) => writer.sweep(nowMs));
  const writer = createWriterClient(
    { path, quotaBytes, checkpointBytes, seal },
    { onHead, onSwept: sweeper.onSwept, onSealed },
  );
  sweeper.start();
  const close = async (): Promise<void> => {
    sweeper.stop();
    waiters.close();
    logReader.close();
    // The writer closes last: the last connection copies the WAL into the database and removes it.
    if (db.isOpen) db.close();
    await writer.close();
  };
  const store: Store = { ...reads, ...createWrites(writer, clock), close };
  const log: EventLog = {
    head: async () => head,
    wait: waiters.wait,
    read: (after, limit) => reading(() => logReader.read(after, limit)),
    ofSubject: (query) => reading(() => logReader.ofSubject(query)),
    verify: logReader.verify,
  };
  return { store, log };
};

/**
 * Opens a plane's store and its event log on one SQLite file: this thread reads, a thread of its own writes.
 * @throws store-foreign for a file that is not ours; store-unavailable if it cannot be opened.
 */
export const openSqliteStore = async (options: SqliteStoreOptions): Promise<StoreAndLog> =>
  options.readOnly ? openReadOnly(options) : openWritable(options);
