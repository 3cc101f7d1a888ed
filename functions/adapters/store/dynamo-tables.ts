import { type CreateTableCommandInput, type DynamoDB, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { isNamed } from '#lib/is-named';
import { type StoreTable, type StoreTableName, storeTables } from '#schema/store-table';
import { dynamoErrorOf } from './dynamo-errors.ts';
import { addMissingIndexes, attributesOf, indexOf, keySchema } from './dynamo-indexes.ts';

/** The names of a store's tables. */
export type TableNames = Readonly<Record<StoreTableName, string>>;

const readyWithinS = 120;

/** The call that creates a table, made from its definition. */
export const createTableInput = (TableName: string, table: StoreTable): CreateTableCommandInput => {
  const GlobalSecondaryIndexes = Object.values(table.indexes).map(indexOf);
  return {
    TableName,
    AttributeDefinitions: attributesOf(table),
    KeySchema: keySchema(table.key),
    BillingMode: 'PAY_PER_REQUEST',
    ...(GlobalSecondaryIndexes.length > 0 && { GlobalSecondaryIndexes }),
  };
};

const hasTtl = async (ddb: DynamoDB, TableName: string, attribute: string): Promise<boolean> =>
  (await ddb.describeTimeToLive({ TableName })).TimeToLiveDescription?.AttributeName === attribute;

const setTtl = async (ddb: DynamoDB, TableName: string, attribute: string): Promise<void> => {
  if (await hasTtl(ddb, TableName, attribute)) return;
  try {
    await ddb.updateTimeToLive({ TableName, TimeToLiveSpecification: { AttributeName: attribute, Enabled: true } });
  } catch (thrown) {
    // A try that was cut off had done it, and DynamoDB refuses to do it again.
    if (!isNamed(thrown, 'ValidationException') || !(await hasTtl(ddb, TableName, attribute))) throw thrown;
  }
};

/** Creates a table that is not there, and adds the indexes that one lacks which an earlier papilio made. */
export const createTable = async (ddb: DynamoDB, name: string, table: StoreTable): Promise<void> => {
  try {
    await ddb.createTable(createTableInput(name, table));
  } catch (thrown) {
    // Somebody was first, or an earlier try was cut off: that is as well.
    if (!isNamed(thrown, 'ResourceInUseException')) throw thrown;
  }
  await waitUntilTableExists({ client: ddb, maxWaitTime: readyWithinS, minDelay: 1, maxDelay: 5 }, { TableName: name });
  await addMissingIndexes(ddb, name, table);
  if (table.ttl !== undefined) await setTtl(ddb, name, table.ttl);
};

/** Brings the tables of a plane to their definition, for emulators; on AWS it is the business of stacks. */
export const createDynamoTables = async (ddb: DynamoDB, names: TableNames): Promise<void> => {
  for (const [name, table] of [
    [names.records, storeTables.records],
    [names.log, storeTables.log],
  ] as const) {
    try {
      await createTable(ddb, name, table);
    } catch (thrown) {
      throw dynamoErrorOf(thrown, name);
    }
  }
};
