import { randomUUID } from 'node:crypto';
import {
  type AttributeValue,
  type CancellationReason,
  type DynamoDB,
  TransactionCanceledException,
  type TransactWriteItem,
} from '@aws-sdk/client-dynamodb';
import { PapilioError } from '#lib/errors';
import type { Pause } from '#lib/pause';
import type { Key } from '#ports/store';
import { dynamoErrorOf, passing, passingReasons, triesPerCall } from './dynamo-errors.ts';
import { attributesOf, isLive, itemOf } from './dynamo-row.ts';
import type { EncodedWrite, Row } from './record.ts';

/** What DynamoDB takes in one transaction. */
const transactionLimitBytes = 4_000_000;

/** One conditional write of a transaction, and the table that it goes to. */
export type TableWrite = { readonly table: string; readonly write: EncodedWrite };

/** A condition that did not hold, by the place of its write. `found` is undefined if the answer did not say what was there. */
export type Failed = { readonly at: number; readonly found: number | undefined };

/** Commits transactions: every condition holds and all is written, or nothing is. */
export type Commit = (items: readonly TransactWriteItem[], nowMs: number) => Promise<readonly Failed[]>;

const names = { '#v': 'version', '#e': 'expiresMs' } as const;

/** The condition that a record is there at a version, 0 that there is none; an expired one is none. */
const conditionOf = (ifVersion: number, nowMs: number) => {
  const now = { ':now': { N: String(nowMs) } };
  const failing = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
  if (ifVersion === 0) {
    const ConditionExpression = 'attribute_not_exists(#v) OR #e <= :now';
    return { ConditionExpression, ExpressionAttributeNames: names, ExpressionAttributeValues: now, ...failing };
  }
  const values = { ...now, ':v': { N: String(ifVersion) } };
  const ConditionExpression = '#v = :v AND (attribute_not_exists(#e) OR #e > :now)';
  return { ConditionExpression, ExpressionAttributeNames: names, ExpressionAttributeValues: values, ...failing };
};

/** A key in DynamoDB's form. */
export const keyOf = ({ pk, sk }: Key) => ({ pk: { S: pk }, sk: { S: sk } });

/** Sets what a record has and removes what it has not; what a later papilio has written beside stays. */
const changesOf = (row: Row) => {
  const sets: string[] = [];
  const removes: string[] = [];
  const attributeNames: Record<string, string> = { ...names };
  const values: Record<string, AttributeValue> = {};
  for (const [name, value] of Object.entries(attributesOf(row))) {
    attributeNames[`#${name}`] = name;
    if (value === undefined) removes.push(`#${name}`);
    else {
      sets.push(`#${name} = :${name}`);
      values[`:${name}`] = value;
    }
  }
  const expression = (version: string): string =>
    `SET ${[`#v = ${version}`, ...sets].join(', ')}${removes.length === 0 ? '' : ` REMOVE ${removes.join(', ')}`}`;
  return { expression, attributeNames, values };
};

/** A record that is written for the first time is put; one that is there is changed, so that it keeps what only others know. */
const putItemOf = (table: string, row: Row, ifVersion: number, nowMs: number): TransactWriteItem => {
  const condition = { TableName: table, ...conditionOf(ifVersion, nowMs) };
  if (ifVersion === 0) return { Put: { Item: itemOf(row, 1), ...condition } };
  const { expression, attributeNames, values } = changesOf(row);
  return {
    Update: {
      ...condition,
      Key: keyOf(row),
      UpdateExpression: expression(':next'),
      ExpressionAttributeNames: attributeNames,
      ExpressionAttributeValues: {
        ...condition.ExpressionAttributeValues,
        ...values,
        ':next': { N: String(ifVersion + 1) },
      },
    },
  };
};

/** A write of a transaction as DynamoDB takes it. */
export const transactItemOf = ({ table, write }: TableWrite, nowMs: number): TransactWriteItem => {
  if (write.op === 'put') return putItemOf(table, write.row, write.ifVersion ?? 0, nowMs);
  const condition = { TableName: table, ...conditionOf(write.ifVersion, nowMs) };
  const Key = keyOf(write.row);
  return write.op === 'delete' ? { Delete: { Key, ...condition } } : { ConditionCheck: { Key, ...condition } };
};

/** An unconditional write of a record that is live or not there: its version is one more than the one it finds. */
export const updateItemOf = (table: string, row: Row, nowMs: number): TransactWriteItem => {
  const { expression, attributeNames, values } = changesOf(row);
  return {
    Update: {
      TableName: table,
      Key: keyOf(row),
      UpdateExpression: expression('if_not_exists(#v, :zero) + :one'),
      ConditionExpression: 'attribute_not_exists(#e) OR #e > :now',
      ExpressionAttributeNames: attributeNames,
      ExpressionAttributeValues: {
        ...values,
        ':zero': { N: '0' },
        ':one': { N: '1' },
        ':now': { N: String(nowMs) },
      },
    },
  };
};

/** The version of what a failed condition met; undefined if the answer has no record. */
const foundIn = ({ Item }: CancellationReason, nowMs: number): number | undefined => {
  if (Item === undefined) return undefined;
  const expiresMs = Item.expiresMs?.N === undefined ? null : Number(Item.expiresMs.N);
  return isLive({ expiresMs }, nowMs) ? Number(Item.version?.N) : 0;
};

const failedIn = (reasons: readonly CancellationReason[], nowMs: number): Failed[] =>
  reasons.flatMap((reason, at) =>
    reason.Code === 'ConditionalCheckFailed' ? [{ at, found: foundIn(reason, nowMs) }] : [],
  );

/** Says what else stopped a transaction, if it was no condition. */
const stoppedBy = (thrown: TransactionCanceledException, reasons: readonly CancellationReason[]): PapilioError => {
  const told = reasons.flatMap(({ Code, Message }) => (Code === 'None' ? [] : [`${Code}: ${Message ?? ''}`]));
  const isTooLarge = reasons.some(
    ({ Code }) => Code === 'ValidationError' || Code === 'ItemCollectionSizeLimitExceeded',
  );
  const code = isTooLarge ? 'store-item-invalid' : 'store-unavailable';
  return new PapilioError(code, `a transaction was cancelled: ${[...new Set(told)].join('; ')}`, thrown);
};

const reasonsOf = (thrown: unknown): readonly CancellationReason[] =>
  thrown instanceof TransactionCanceledException ? (thrown.CancellationReasons ?? []) : [];

const isPassing = (thrown: unknown): boolean =>
  (thrown instanceof Error && passing.has(thrown.name)) ||
  reasonsOf(thrown).some(({ Code = '' }) => passingReasons.has(Code));

/** The conditions that failed. @throws whatever else it was, as a catalogue error. */
const failedOf = (thrown: unknown, nowMs: number): Failed[] => {
  const reasons = reasonsOf(thrown);
  const failed = failedIn(reasons, nowMs);
  if (failed.length > 0) return failed;
  if (thrown instanceof TransactionCanceledException) throw stoppedBy(thrown, reasons);
  throw dynamoErrorOf(thrown, 'of a transaction');
};

/** Refuses what DynamoDB would refuse for its length, counted as it stands in the call. */
export const checkTransactionSize = (writes: readonly EncodedWrite[]): void => {
  let sizeBytes = 0;
  for (const write of writes) sizeBytes += write.op === 'put' ? Buffer.byteLength(write.row.doc) : 0;
  if (sizeBytes <= transactionLimitBytes) return;
  throw new PapilioError('store-item-invalid', `a transaction has ${sizeBytes} bytes, more than 4,000,000`);
};

/**
 * Commits transactions with one token each: a try that was cut off after DynamoDB had done it is not done twice. Those
 * that met another transaction are tried again; conditions that failed are returned.
 */
export const createCommit =
  (ddb: DynamoDB, pause: Pause): Commit =>
  async (items, nowMs) => {
    const call = { TransactItems: [...items], ClientRequestToken: randomUUID() };
    const attempt = async (tries: number): Promise<readonly Failed[]> => {
      try {
        await ddb.transactWriteItems(call);
        return [];
      } catch (thrown) {
        if (!isPassing(thrown) || tries === triesPerCall) return failedOf(thrown, nowMs);
      }
      await pause(tries);
      return attempt(tries + 1);
    };
    return attempt(1);
  };
