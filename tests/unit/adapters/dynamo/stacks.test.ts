import { describe, expect, test } from 'vitest';
import { createTableInput } from '../../../../functions/adapters/store/dynamo-tables.ts';
import { storeTableName, storeTables } from '../../../../functions/lib/schema/store-table.ts';
import { type DynamoArgs, storage } from '../../../../stacks/storage.ts';

const place = { instance: 'prod', wing: 'jlab', plane: 'archive' };

/** A table of a stack in the words of DynamoDB's CreateTable. */
const asInput = ({ fields, primaryIndex, globalIndexes, transform }: DynamoArgs) => {
  const keys = ({ hashKey, rangeKey }: { hashKey: string; rangeKey: string }) => [
    { AttributeName: hashKey, KeyType: 'HASH' },
    { AttributeName: rangeKey, KeyType: 'RANGE' },
  ];
  const indexes = Object.entries(globalIndexes).map(([IndexName, index]) => ({
    IndexName,
    KeySchema: keys(index),
    Projection: { ProjectionType: index.projection.toUpperCase() },
  }));
  return {
    TableName: transform.table.name,
    AttributeDefinitions: Object.keys(fields).map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: keys(primaryIndex),
    BillingMode: 'PAY_PER_REQUEST',
    ...(indexes.length > 0 && { GlobalSecondaryIndexes: indexes }),
  };
};

describe('the tables of a stack', () => {
  test.each(['records', 'log'] as const)('are those that the adapter knows: %s', (table) => {
    const deployed = storage(place)[table];
    expect(asInput(deployed)).toEqual(createTableInput(storeTableName(place, table), storeTables[table]));
  });

  test('let DynamoDB delete expired records, never events, and cannot be deleted by accident', () => {
    const { records, log } = storage(place);
    expect(records.ttl).toBe('expiresS');
    expect(log.ttl).toBeUndefined();
    for (const { deletionProtection, transform } of [records, log]) {
      expect(deletionProtection).toBe(true);
      expect(transform.table.pointInTimeRecovery.enabled).toBe(true);
    }
  });
});
