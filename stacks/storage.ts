import { type StoreOwner, type StoreTable, storeTableName, storeTables } from '#schema/store-table';

type Index = { readonly hashKey: string; readonly rangeKey: string };

/** The arguments of SST's component `sst.aws.Dynamo`, as far as papilio gives them. */
export type DynamoArgs = {
  readonly fields: Readonly<Record<string, 'string'>>;
  readonly primaryIndex: Index;
  readonly globalIndexes: Readonly<Record<string, Index & { readonly projection: 'all' }>>;
  readonly ttl?: string;
  readonly deletionProtection: true;
  readonly transform: { readonly table: { readonly name: string; readonly pointInTimeRecovery: { enabled: true } } };
};

const indexOf = ({ pk, sk }: { readonly pk: string; readonly sk: string }): Index => ({ hashKey: pk, rangeKey: sk });

const argsOf = (name: string, { key, indexes, ttl }: StoreTable): DynamoArgs => {
  const attributes = [key, ...Object.values(indexes)].flatMap(({ pk, sk }) => [pk, sk]);
  const globalIndexes = Object.values(indexes).map(
    (index) => [index.name, { ...indexOf(index), projection: 'all' }] as const,
  );
  return {
    fields: Object.fromEntries(attributes.map((attribute) => [attribute, 'string'])),
    primaryIndex: indexOf(key),
    globalIndexes: Object.fromEntries(globalIndexes),
    ...(ttl !== undefined && { ttl }),
    deletionProtection: true,
    transform: { table: { name, pointInTimeRecovery: { enabled: true } } },
  };
};

/** The tables of a plane's store, as SST deploys them; from the definition by which the dynamo adapter reads and writes. */
export const storage = (place: StoreOwner): { readonly records: DynamoArgs; readonly log: DynamoArgs } => ({
  records: argsOf(storeTableName(place, 'records'), storeTables.records),
  log: argsOf(storeTableName(place, 'log'), storeTables.log),
});
