import { type CreateTableCommandInput, type DynamoDB, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import { type StoreTable, type StoreTableName, storeTables } from '#schema/store-table';
import { dynamoErrorOf } from './dynamo-errors.ts';

/** The names of a store's tables. */
export type TableNames = Readonly<Record<StoreTableName, string>>;

const readyWithinS = 120;

const keySchema = ({ pk, sk }: { readonly pk: string; readonly sk: string }) => [
  { AttributeName: pk, KeyType: 'HASH' as const },
  { AttributeName: sk, KeyType: 'RANGE' as const },
];

/** The call that creates a table, made from its definition. */
export const createTableInput = (TableName: string, { key, indexes }: StoreTable): CreateTableCommandInput => {
  const keys = [key, ...Object.values(indexes)];
  const attributes = new Set(keys.flatMap(({ pk, sk }) => [pk, sk]));
  const GlobalSecondaryIndexes = Object.values(indexes).map((index) => ({
    IndexName: index.name,
    KeySchema: keySchema(index),
    Projection: { ProjectionType: 'ALL' as const },
  }));
  return {
    TableName,
    AttributeDefinitions: [...attributes].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
    KeySchema: keySchema(key),
    BillingMode: 'PAY_PER_REQUEST',
    ...(GlobalSecondaryIndexes.length > 0 && { GlobalSecondaryIndexes }),
  };
};

const isNamed = (thrown: unknown, name: string): boolean => thrown instanceof Error && thrown.name === name;

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

const createTable = async (ddb: DynamoDB, name: string, table: StoreTable): Promise<void> => {
  try {
    await ddb.createTable(createTableInput(name, table));
  } catch (thrown) {
    // Somebody was first, or an earlier try was cut off: that is as well.
    if (!isNamed(thrown, 'ResourceInUseException')) throw thrown;
  }
  await waitUntilTableExists({ client: ddb, maxWaitTime: readyWithinS, minDelay: 1, maxDelay: 5 }, { TableName: name });
  if (table.ttl !== undefined) await setTtl(ddb, name, table.ttl);
};

/** Creates the tables of a plane that are not there, for emulators; on AWS it is the business of stacks. */
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
