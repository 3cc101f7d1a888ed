import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { embedded } from '#lib/deps';
import { PapilioError } from '#lib/errors';
import { nodeDisk } from '#lib/node-disk';
import { systemClock } from '#lib/system-clock';
import type { Objects } from '#ports/objects';
import { storeTableName } from '#schema/store-table';
import { accounts, type Plane, planes } from '../../../functions/catalog.ts';
import { readOnlyDisk } from '../../plane/read-only-disk.ts';
import { openStackBuckets } from '../../plane/stack-keeping.ts';
import { awsConfigOf, readStack, type StackFile } from '../stack-file.ts';

/** A record of a plane: its noun, its key, and what it says. */
export type KeptRecord = {
  readonly plane: Plane;
  readonly noun: string;
  readonly key: string;
  readonly doc: unknown;
};

/** Size and checksums of an object, read anew from its bytes. */
export type KeptObject = { readonly key: string; readonly facts: unknown };

/** All that a papilio keeps. */
export type Kept = {
  readonly records: readonly KeptRecord[];
  readonly archive: readonly KeptObject[];
  readonly outputs: readonly KeptObject[];
};

const Row = z.object({ pk: z.string(), sk: z.string(), doc: z.string() });
const Text = z.object({ S: z.string() }).transform(({ S }) => S);
const Item = z.object({ pk: Text, sk: Text, doc: Text });
const Place = z.object({ stack: z.string().optional() });

const recordOf = (plane: Plane, { pk, sk, doc }: z.infer<typeof Row>): KeptRecord => ({
  plane,
  noun: sk,
  key: pk,
  doc: JSON.parse(doc),
});

/** The rows of a plane's store file, read beside the plane. */
const recordsInFile = (folder: string, plane: Plane): KeptRecord[] => {
  using database = new DatabaseSync(join(folder, plane, 'store.db'), { readOnly: true });
  const rows = z.array(Row).parse(database.prepare('SELECT pk, sk, doc FROM items').all());
  return rows.map((row) => recordOf(plane, row));
};

const recordsInTable = async (stack: StackFile, plane: Plane): Promise<KeptRecord[]> => {
  const client = new DynamoDBClient(awsConfigOf(stack, accounts[plane], 'dynamodb'));
  const TableName = storeTableName({ instance: stack.instance, wing: stack.wing, plane }, 'records');
  const records: KeptRecord[] = [];
  try {
    for await (const { Items = [] } of paginateScan({ client }, { TableName, ConsistentRead: true }))
      records.push(...Items.map((item) => recordOf(plane, Item.parse(item))));
    return records;
  } finally {
    client.destroy();
  }
};

const objectsIn = async (objects: Objects): Promise<KeptObject[]> => {
  const kept: KeptObject[] = [];
  for await (const key of objects.list('')) kept.push({ key, facts: await objects.verify(key) });
  return kept;
};

/** The stack of a data folder; undefined where it keeps all itself. */
const stackBehind = async (folder: string): Promise<StackFile | undefined> => {
  const { stack: path } = Place.parse(JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')));
  if (path === undefined) return undefined;
  const stack = await readStack(path);
  if (stack === undefined) throw new PapilioError('folder-gone', `there is no stack at ${path}`);
  return stack;
};

const recordsIn = async (folder: string, stack: StackFile | undefined): Promise<KeptRecord[]> => {
  if (stack === undefined) return planes.flatMap((plane) => recordsInFile(folder, plane));
  return (await Promise.all(planes.map((plane) => recordsInTable(stack, plane)))).flat();
};

const objectsInFolder = async (folder: string): Promise<Omit<Kept, 'records'>> => {
  const open = await embedded.diskObjects();
  const disk = readOnlyDisk(nodeDisk);
  const objectsOf = async (plane: Plane) => objectsIn(await open({ folder: join(folder, plane, 'objects'), disk }));
  return { archive: await objectsOf('archive'), outputs: await objectsOf('work') };
};

const objectsInStack = async (stack: StackFile): Promise<Omit<Kept, 'records'>> => {
  const { archive, outputs, close } = await openStackBuckets(stack, systemClock);
  try {
    return { archive: await objectsIn(archive), outputs: await objectsIn(outputs) };
  } finally {
    close();
  }
};

/** Reads the records that the papilio of a data folder keeps, there or in its stack. */
export const recordsBy = async (folder: string): Promise<readonly KeptRecord[]> =>
  recordsIn(folder, await stackBehind(folder));

/** Reads all that it keeps. Others may go on writing; what is read is not one moment. */
export const keptBy = async (folder: string): Promise<Kept> => {
  const stack = await stackBehind(folder);
  const objects = stack === undefined ? await objectsInFolder(folder) : await objectsInStack(stack);
  return { records: await recordsIn(folder, stack), ...objects };
};
