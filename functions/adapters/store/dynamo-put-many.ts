import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { PapilioError } from '#lib/errors';
import { type Commit, transactItemOf, updateItemOf } from './dynamo-commit.ts';
import { triesPerCall } from './dynamo-errors.ts';
import { forEachOf } from './dynamo-table.ts';
import { nameOf, type Row } from './record.ts';

const rowsPerCall = 100;
const bytesPerCall = 3_500_000;

/** Cuts rows into calls, none with a key twice: a key's second row is written after the first. */
export const roundsOf = (rows: readonly Row[]): Row[][][] => {
  const times = new Map<string, number>();
  const rounds: Row[][] = [];
  for (const row of rows) {
    const key = `${row.pk}\0${row.sk}`;
    const round = times.get(key) ?? 0;
    times.set(key, round + 1);
    rounds[round] = [...(rounds[round] ?? []), row];
  }
  return rounds.map(callsOf);
};

const callsOf = (rows: readonly Row[]): Row[][] => {
  const calls: Row[][] = [];
  let sizeBytes = 0;
  for (const row of rows) {
    const length = Buffer.byteLength(row.doc) + 4096;
    const last = calls.at(-1);
    if (last && last.length < rowsPerCall && sizeBytes + length <= bytesPerCall) {
      last.push(row);
      sizeBytes += length;
    } else {
      calls.push([row]);
      sizeBytes = length;
    }
  }
  return calls;
};

/** One call, again until each row has met what it was written for: a record, or one that expired and is replaced. */
const putCall = async (commit: Commit, table: string, call: readonly Row[], nowMs: number): Promise<void> => {
  const stale = new Set<Row>();
  const write = (row: Row): TransactWriteItem =>
    stale.has(row)
      ? transactItemOf({ table, write: { op: 'put', ifVersion: 0, row } }, nowMs)
      : updateItemOf(table, row, nowMs);
  for (let tries = 0; tries < triesPerCall; tries++) {
    const failed = await commit(call.map(write), nowMs);
    if (failed.length === 0) return;
    for (const row of failed.flatMap(({ at }) => call[at] ?? [])) {
      // One that is not expired any more was replaced by another meanwhile: it is a record like any other.
      if (!stale.delete(row)) stale.add(row);
    }
  }
  const names = call.slice(0, 1).map(nameOf).join();
  throw new PapilioError('store-unavailable', `table ${table}: others write ${names} all the time`);
};

/**
 * Writes rows whatever is there, each at one version more than it finds. DynamoDB's own batches cannot count versions,
 * and one that is sent again would count twice; so these are transactions, whose tokens make them happen once.
 */
export const putRows = async (commit: Commit, table: string, rows: readonly Row[], nowMs: number): Promise<void> => {
  for (const calls of roundsOf(rows)) await forEachOf(calls, (call) => putCall(commit, table, call, nowMs));
};
