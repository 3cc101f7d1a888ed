/**
 * The tables of a plane's store on DynamoDB: data only, from which stacks deploy them, stack mode creates them and the
 * adapter reads them. Papilio owns them; they change only by adding.
 */
export type StoreTable = {
  /** Attributes of the partition key and the sort key, both text. */
  readonly key: { readonly pk: string; readonly sk: string };
  /** The secondary indexes; each holds whole records, of those that give both of its attributes. DynamoDB wants names of three letters or more. */
  readonly indexes: Readonly<Record<string, { readonly name: string; readonly pk: string; readonly sk: string }>>;
  /** The attribute from which on DynamoDB may delete a record, in seconds. */
  readonly ttl?: string;
};

/** What each table of a plane is for: its records, and its event log. */
export const storeTables = {
  records: {
    key: { pk: 'pk', sk: 'sk' },
    indexes: { i1: { name: 'by-i1', pk: 'i1Pk', sk: 'i1Sk' }, i2: { name: 'by-i2', pk: 'i2Pk', sk: 'i2Sk' } },
    ttl: 'expiresS',
  },
  log: { key: { pk: 'pk', sk: 'sk' }, indexes: {} },
} as const satisfies Readonly<Record<string, StoreTable>>;

/**
 * By which rules the index keys of a record were made: each write says it. Raised when a kind of record gets other index
 * keys, or a table another index: then records of lower layouts get theirs anew, while everybody goes on writing.
 */
export const storeLayout = 2;

export type StoreTableName = keyof typeof storeTables;

/** One plane of an instance at a wing: the owner of a store. */
export type StoreOwner = { readonly instance: string; readonly wing: string; readonly plane: string };

/** The name of a table of one owner: `papilio-prod-bnl-work-records`. */
export const storeTableName = ({ instance, wing, plane }: StoreOwner, table: StoreTableName): string =>
  `papilio-${instance}-${wing}-${plane}-${table}`;

/** The names of an owner's tables. */
export const storeTableNames = (owner: StoreOwner): Readonly<Record<StoreTableName, string>> => ({
  records: storeTableName(owner, 'records'),
  log: storeTableName(owner, 'log'),
});
