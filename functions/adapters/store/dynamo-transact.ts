import { randomUUID } from 'node:crypto';
import { PapilioError } from '#lib/errors';
import type { Clock } from '#ports/clock';
import type { Transaction } from '#ports/store';
import { encodeEvent } from '../event-log/chain.ts';
import type { DynamoLog } from '../event-log/dynamo.ts';
import { type LogWrite, pendingWrite } from '../event-log/dynamo-items.ts';
import { type Commit, checkTransactionSize, type Failed, type TableWrite, transactItemOf } from './dynamo-commit.ts';
import type { TableNames } from './dynamo-tables.ts';
import { type EncodedWrite, encodeWrites, mismatchOf } from './record.ts';

/** What the events of one transaction may have in all: a segment of the log takes it as one item too. */
const eventsLimitBytes = 390_000;

const noIndexes = { expiresMs: null, i1Pk: null, i1Sk: null, i2Pk: null, i2Sk: null } as const;

/** A write of the log's table, as a record without expiry and indexes. */
export const logWriteOf = (write: LogWrite): EncodedWrite =>
  write.op === 'put' ? { ...write, row: { ...write.row, ...noIndexes, version: 0 } } : write;

const mismatches = (writes: readonly EncodedWrite[], failed: readonly Failed[]): string =>
  failed
    .flatMap(({ at, found }) => {
      const write = writes[at];
      return write === undefined ? [] : [mismatchOf(write.row, write.ifVersion ?? 0, found ?? 0)];
    })
    .join('; ');

/** Transactions of records with their events: the last item lays the events down for the log. */
export const createTransact = (
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
