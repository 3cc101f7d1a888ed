import type { DynamoDB } from '@aws-sdk/client-dynamodb';
import dynamoose from 'dynamoose';
import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import type { Pause } from '#lib/pause';
import type { IndexName, Key } from '#ports/store';
import { storeTables } from '#schema/store-table';
import { dynamoErrorOf, triesPerCall } from './dynamo-errors.ts';
import { type Bounds, rowOf } from './dynamo-row.ts';
import type { Row } from './record.ts';

const keysPerCall = 100;
const callsAtOnce = 4;

/** A key as DynamoDB starts from it: the record's, and with an index that of the index. */
export type StartKey = Readonly<Record<string, string>>;

/** One call of a query. */
export type TableQuery = {
  readonly index: IndexName | undefined;
  readonly pk: string;
  readonly bounds: Bounds;
  readonly newestFirst: boolean;
  readonly limit: number;
  readonly startAt: StartKey | undefined;
};

/** Reads of one table, by its model. */
export type DynamoTable = {
  readonly name: string;
  readonly get: (key: Key) => Promise<Row | undefined>;
  /** Those of the keys that are there, in no order. */
  readonly getMany: (keys: readonly Key[]) => Promise<Row[]>;
  readonly query: (query: TableQuery) => Promise<{ readonly rows: Row[]; readonly next: StartKey | undefined }>;
  /** Records in the table's own order, from one call. */
  readonly scan: (limit: number, startAt?: StartKey) => Promise<Row[]>;
  /** Keys of records that expired by then, from one call of a scan. */
  readonly expired: (nowMs: number, startAt?: StartKey) => Promise<{ keys: Key[]; next: StartKey | undefined }>;
};

const StoredKey = z.object({ pk: z.string(), sk: z.string() });
const Start = z.record(z.string(), z.string()).optional();

const { indexes } = storeTables.records;

const indexed = (index: IndexName) => {
  const { name, sk: rangeKey } = indexes[index];
  return { type: String, index: { name, type: 'global', rangeKey, project: true } } as const;
};

/** The one generic model, for records and log alike; an instance of its own for each, never the global client. */
const createModel = (ddb: DynamoDB, name: string) => {
  const instance = new dynamoose.Instance();
  instance.aws.ddb.set(ddb);
  const schema = new dynamoose.Schema(
    {
      pk: { type: String, hashKey: true },
      sk: { type: String, rangeKey: true },
      version: Number,
      doc: String,
      expiresMs: Number,
      expiresS: Number,
      i1Pk: indexed('i1'),
      i1Sk: String,
      i2Pk: indexed('i2'),
      i2Sk: String,
    },
    { saveUnknown: false },
  );
  const model = dynamoose.model(name, schema);
  // Deploying is the business of stacks: here nothing is created, changed or waited for.
  new instance.Table(name, [model], { create: false, update: false, waitForActive: false });
  return model;
};

type Model = ReturnType<typeof createModel>;

const chunksOf = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, at) => items.slice(at * size, (at + 1) * size));

/** Does one thing with each of many, some at a time. */
export const forEachOf = async <T>(items: readonly T[], act: (item: T) => Promise<void>): Promise<void> => {
  const rest = items.values();
  const work = async (): Promise<void> => {
    for (const item of rest) await act(item);
  };
  await Promise.all(Array.from({ length: Math.min(callsAtOnce, items.length) }, work));
};

/** Keys that DynamoDB left for later are asked again, a bounded number of times. */
const getAll = async (model: Model, name: string, asked: readonly Key[], pause: Pause): Promise<Row[]> => {
  const rows: Row[] = [];
  let keys: Key[] = [...asked];
  for (let tries = 0; keys.length > 0; tries++) {
    if (tries === triesPerCall)
      throw new PapilioError('store-unavailable', `table ${name}: ${keys.length} keys stayed unprocessed`);
    if (tries > 0) await pause(tries);
    const found = await model.batchGet(keys, { return: 'items', consistent: true });
    rows.push(...found.map((item) => rowOf({ ...item })));
    keys = found.unprocessedKeys.map((key) => StoredKey.parse({ ...key }));
  }
  return rows;
};

const queryOf = (model: Model, { index, pk, bounds, newestFirst, limit, startAt }: TableQuery) => {
  const key = index === undefined ? storeTables.records.key : indexes[index];
  let query = model.query(key.pk).eq(pk);
  const { from, to } = bounds;
  if (from !== undefined && to !== undefined) query = query.where(key.sk).between(from, to);
  else if (from !== undefined) query = query.where(key.sk).ge(from);
  else if (to !== undefined) query = query.where(key.sk).le(to);
  query = query.limit(limit).sort(newestFirst ? 'descending' : 'ascending');
  if (startAt !== undefined) query = query.startAt({ ...startAt });
  // An index cannot be read consistently, and the port does not promise it.
  return index === undefined ? query.consistent() : query.using(indexes[index].name);
};

/** Opens a table by its name; whether it is there shows with the first call. */
export const openDynamoTable = (ddb: DynamoDB, name: string, pause: Pause): DynamoTable => {
  const model = createModel(ddb, name);
  const asking = async <T>(ask: () => Promise<T>): Promise<T> => {
    try {
      return await ask();
    } catch (thrown) {
      throw dynamoErrorOf(thrown, name);
    }
  };
  return {
    name,
    get: (key) =>
      asking(async () => {
        const item: unknown = await model.get({ pk: key.pk, sk: key.sk }, { return: 'item', consistent: true });
        return item === undefined ? undefined : rowOf({ ...Object(item) });
      }),
    getMany: async (keys) => {
      const rows: Row[] = [];
      await forEachOf(chunksOf(keys, keysPerCall), async (chunk) => {
        rows.push(...(await asking(() => getAll(model, name, chunk, pause))));
      });
      return rows;
    },
    query: (query) =>
      asking(async () => {
        const page = await queryOf(model, query).exec();
        return { rows: page.map((item) => rowOf({ ...item })), next: Start.parse(page.lastKey) };
      }),
    scan: (limit, startAt) =>
      asking(async () => {
        const scan = model.scan().limit(limit).consistent();
        const page = await (startAt === undefined ? scan : scan.startAt({ ...startAt })).exec();
        return page.map((item) => rowOf({ ...item }));
      }),
    expired: (nowMs, startAt) =>
      asking(async () => {
        const scan = model.scan('expiresMs').le(nowMs).attributes(['pk', 'sk']);
        const page = await (startAt === undefined ? scan : scan.startAt({ ...startAt })).exec();
        return { keys: page.map((item) => StoredKey.parse({ ...item })), next: Start.parse(page.lastKey) };
      }),
  };
};
