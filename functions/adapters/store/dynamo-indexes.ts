import type { DynamoDB } from '@aws-sdk/client-dynamodb';
import { PapilioError } from '#lib/errors';
import { type Pause, pauseByChance } from '#lib/pause';
import type { StoreTable } from '#schema/store-table';

type KeyPair = { readonly pk: string; readonly sk: string };
type Index = StoreTable['indexes'][string];

/** A key in the words of CreateTable. */
export const keySchema = ({ pk, sk }: KeyPair) => [
  { AttributeName: pk, KeyType: 'HASH' as const },
  { AttributeName: sk, KeyType: 'RANGE' as const },
];

/** An index in the words of CreateTable: it holds whole records. */
export const indexOf = (index: Index) => ({
  IndexName: index.name,
  KeySchema: keySchema(index),
  Projection: { ProjectionType: 'ALL' as const },
});

/** The attributes that a table's key and indexes are made of, all of them text. */
export const attributesOf = ({ key, indexes }: StoreTable) => {
  const names = new Set([key, ...Object.values(indexes)].flatMap(({ pk, sk }) => [pk, sk]));
  return [...names].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const }));
};

/** How often a table is looked at until an index is filled, about a second apart. */
const looks = 300;
/** What DynamoDB says while the table is being changed, by others or by an earlier try: it is looked at again. */
const busy: ReadonlySet<string> = new Set(['ResourceInUseException', 'LimitExceededException']);

const statesOf = async (ddb: DynamoDB, TableName: string): Promise<ReadonlyMap<string, string>> => {
  const { Table } = await ddb.describeTable({ TableName });
  const found = Table?.GlobalSecondaryIndexes ?? [];
  const isWhole = Table?.TableStatus === 'ACTIVE';
  return new Map(found.map(({ IndexName = '', IndexStatus = '' }) => [IndexName, isWhole ? IndexStatus : 'UPDATING']));
};

const addIndex = async (ddb: DynamoDB, TableName: string, table: StoreTable, index: Index): Promise<void> => {
  const { key } = table;
  const AttributeDefinitions = attributesOf({ key, indexes: table.indexes });
  try {
    await ddb.updateTable({
      TableName,
      AttributeDefinitions,
      GlobalSecondaryIndexUpdates: [{ Create: indexOf(index) }],
    });
  } catch (thrown) {
    if (!(thrown instanceof Error && busy.has(thrown.name))) throw thrown;
  }
};

/**
 * Adds the indexes of a definition that a table lacks, one after the other, and returns when all are filled. Reads and
 * writes go on meanwhile. @throws store-unavailable if it takes too long
 */
export const addMissingIndexes = async (
  ddb: DynamoDB,
  name: string,
  table: StoreTable,
  pause: Pause = pauseByChance,
): Promise<void> => {
  const wanted = Object.values(table.indexes);
  for (let look = 1; look <= looks; look++) {
    const states = await statesOf(ddb, name);
    const lacking = wanted.filter((index) => !states.has(index.name));
    const isBusy = [...states.values()].some((state) => state !== 'ACTIVE');
    const [next] = lacking;
    if (next === undefined && !isBusy) return;
    // DynamoDB fills one index at a time.
    if (next !== undefined && !isBusy) await addIndex(ddb, name, table, next);
    await pause(look);
  }
  throw new PapilioError('store-unavailable', `table ${name}: an index is still being filled`);
};
