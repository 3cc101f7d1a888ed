import type { AttributeValue, DynamoDB, ScanCommandInput, UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { indexesOfRecord } from '#lib/records';
import type { Item, Key } from '#ports/store';
import { storeLayout } from '#schema/store-table';
import type { LogTable } from '../event-log/dynamo-items.ts';
import { keyOf } from './dynamo-commit.ts';
import { dynamoErrorOf, triesPerCall } from './dynamo-errors.ts';
import { indexAttributesOf, rowOf } from './dynamo-row.ts';
import { forEachOf } from './dynamo-table.ts';
import { decodeRow, encodeItem, nameOf } from './record.ts';

/** The rules by which index keys are made. */
export type IndexRules = {
  /** Their number: records that say a lower one get their keys anew. */
  readonly layout: number;
  /** The attributes of a record's index keys; one that it shall not have is undefined. */
  readonly attributesOf: (item: Item) => Readonly<Record<string, { readonly S: string } | undefined>>;
};

/** The rules of this papilio; a record of a kind that it does not know keeps the keys that it has. */
export const ownIndexRules: IndexRules = {
  layout: storeLayout,
  attributesOf: (item) => {
    const indexes = indexesOfRecord(item);
    return indexes === undefined ? {} : indexAttributesOf(encodeItem({ ...item, indexes }));
  },
};

/** What is gone through: a table of records, and that of the log, in which it is kept how far it has come. */
export type Reindexed = {
  readonly ddb: DynamoDB;
  readonly table: string;
  readonly log: Pick<LogTable, 'getMany' | 'commit'>;
  readonly rules: IndexRules;
  /** Asked before each page. */
  readonly isStopped?: () => boolean;
};

const Position = z.object({
  layout: z.int().min(0),
  after: z.record(z.string(), z.string()).optional(),
  isDone: z.boolean(),
});
type Position = z.infer<typeof Position>;

const positionKey = { pk: 'reindex', sk: 'records' } as const;
const itemsPerPage = 100;
const Stored = z.record(z.string(), z.object({ S: z.string().optional(), N: z.string().optional() }));

/** A stored item as a record: papilio's have texts and numbers only. */
const itemOf = (stored: Readonly<Record<string, AttributeValue>>): Item => {
  const values = Object.entries(Stored.parse(stored)).map(([name, { S, N }]) => [name, S ?? Number(N)] as const);
  return decodeRow(rowOf(Object.fromEntries(values)));
};

/** Gives a record its keys if it is still at that version, which stays: nothing new is said of it. */
const rewriteOf = (TableName: string, item: Item, rules: IndexRules): UpdateItemCommandInput => {
  const attributes = Object.entries(rules.attributesOf(item));
  const sets = ['#layout = :layout'];
  const removes: string[] = [];
  const names: Record<string, string> = { '#layout': 'layout', '#version': 'version' };
  const values: Record<string, AttributeValue> = {
    ':layout': { N: String(rules.layout) },
    ':version': { N: String(item.version) },
  };
  for (const [name, value] of attributes) {
    names[`#${name}`] = name;
    if (value === undefined) removes.push(`#${name}`);
    else {
      sets.push(`#${name} = :${name}`);
      values[`:${name}`] = value;
    }
  }
  return {
    TableName,
    Key: keyOf(item),
    UpdateExpression: `SET ${sets.join(', ')}${removes.length === 0 ? '' : ` REMOVE ${removes.join(', ')}`}`,
    ConditionExpression: '#version = :version',
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  };
};

/** Rewrites one record; if somebody changes it meanwhile, what it is then. */
const rewrite = async ({ ddb, table, rules }: Reindexed, key: Key, read: Item | undefined): Promise<void> => {
  let item = read;
  for (let tries = 0; item !== undefined && tries < triesPerCall; tries++) {
    try {
      await ddb.updateItem(rewriteOf(table, item, rules));
      return;
    } catch (thrown) {
      if (!(thrown instanceof Error && thrown.name === 'ConditionalCheckFailedException')) throw thrown;
    }
    const { Item: now } = await ddb.getItem({ TableName: table, Key: keyOf(key), ConsistentRead: true });
    item = now === undefined ? undefined : itemOf(now);
  }
  if (item !== undefined)
    throw new PapilioError('store-unavailable', `table ${table}: others write ${nameOf(key)} all the time`);
};

const pageAfter = (table: string, layout: number, after: Position['after']): ScanCommandInput => ({
  TableName: table,
  Limit: itemsPerPage,
  ConsistentRead: true,
  FilterExpression: 'attribute_not_exists(#layout) OR #layout < :layout',
  ExpressionAttributeNames: { '#layout': 'layout' },
  ExpressionAttributeValues: { ':layout': { N: String(layout) } },
  ...(after !== undefined && {
    ExclusiveStartKey: Object.fromEntries(Object.entries(after).map(([name, text]) => [name, { S: text }])),
  }),
});

const startKey = (last: Readonly<Record<string, AttributeValue>> | undefined): Pick<Position, 'after'> =>
  last === undefined
    ? {}
    : { after: Object.fromEntries(Object.entries(Stored.parse(last)).map(([name, { S = '' }]) => [name, S])) };

const readPosition = async ({ log, rules }: Reindexed): Promise<{ position: Position; version: number }> => {
  const [kept] = await log.getMany([positionKey]);
  const position = kept === undefined ? undefined : Position.parse(JSON.parse(kept.doc));
  const isOfThese = position?.layout === rules.layout;
  return { position: isOfThese ? position : { layout: rules.layout, isDone: false }, version: kept?.version ?? 0 };
};

/** Keeps how far it has come; false if somebody else has gone on meanwhile. */
const keep = ({ log }: Reindexed, position: Position, version: number): Promise<boolean> =>
  log.commit([{ op: 'put', ifVersion: version, row: { ...positionKey, doc: JSON.stringify(position) } }]);

/** One page: its records rewritten, and then the position behind it. Returns how many there were and whether it was the last. */
const step = async (work: Reindexed): Promise<{ readonly rewritten: number; readonly isDone: boolean }> => {
  const { ddb, table, rules } = work;
  const { position, version } = await readPosition(work);
  if (position.isDone) return { rewritten: 0, isDone: true };
  const { Items = [], LastEvaluatedKey: last } = await ddb.scan(pageAfter(table, rules.layout, position.after));
  const items = Items.map(itemOf);
  await forEachOf(items, (item) => rewrite(work, item, item));
  const isDone = last === undefined;
  const isKept = await keep(work, { layout: rules.layout, isDone, ...startKey(last) }, version);
  return { rewritten: items.length, isDone: isDone && isKept };
};

/**
 * Gives all records of lower layouts their index keys by the rules of today, while everybody reads and writes. It goes on
 * where it or another stopped or died. What an earlier papilio writes behind it stays as it wrote it: `again` begins a
 * further pass, once the last of them is gone. Returns how many records got their keys. @throws store-unavailable
 */
export const reindexTable = async (work: Reindexed, { again = false } = {}): Promise<number> => {
  try {
    if (again) {
      const { version } = await readPosition(work);
      await keep(work, { layout: work.rules.layout, isDone: false }, version);
    }
    let sum = 0;
    for (let isDone = false; !isDone && work.isStopped?.() !== true; ) {
      const { rewritten, isDone: isLast } = await step(work);
      sum += rewritten;
      isDone = isLast;
    }
    return sum;
  } catch (thrown) {
    throw dynamoErrorOf(thrown, work.table);
  }
};

/** Goes through a table beside all else; what it does not come to is left to the next opening. */
export const startReindex = (work: Omit<Reindexed, 'isStopped'>): { readonly stop: () => Promise<void> } => {
  let isStopped = false;
  const running = reindexTable({ ...work, isStopped: () => isStopped }).catch(() => {});
  return {
    stop: async () => {
      isStopped = true;
      await running;
    },
  };
};
