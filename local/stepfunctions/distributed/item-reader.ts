import * as z from 'zod';
import { StateFailure } from '../failure.ts';
import type { Json } from '../json.ts';
import type { MapRequest, ReadRequest } from './map-request.ts';
import type { Objects } from './objects.ts';
import { csvRows } from './readers/csv.ts';
import { type Element, jsonElements } from './readers/json-elements.ts';
import { jsonLines, linesOf } from './readers/lines.ts';
import { plain, textOf } from './readers/text.ts';

type Config = ReadRequest['config'];

const Place = z.object({ Bucket: z.string(), Key: z.string() });
const Folder = z.object({ Bucket: z.string(), Prefix: z.string().default('') });
const Inventory = z.object({
  destinationBucket: z.string(),
  fileFormat: z.string(),
  fileSchema: z.string(),
  files: z.array(z.object({ key: z.string() })),
});

/** An item, with the address of the object that it comes from, if it comes from one. */
export type ReadItem = Element & { readonly source: string | undefined };

async function* each(values: AsyncIterable<Json>): AsyncGenerator<Element> {
  for await (const value of values) yield { value };
}

const elementsIn = (text: AsyncIterable<string>, config: Config): AsyncIterable<Element> => {
  if (config.inputType === 'CSV') return each(csvRows(text, config.delimiter, config.headers));
  return config.inputType === 'JSONL' ? each(jsonLines(text)) : jsonElements(text, config.pointer);
};

const textAt = (objects: Objects, bucket: string, key: string): AsyncIterable<string> =>
  textOf(plain(objects.read(bucket, key)));

/** The items of one object. */
async function* itemsAt(objects: Objects, bucket: string, key: string, config: Config): AsyncGenerator<ReadItem> {
  const source = `s3://${bucket}/${key}`;
  for await (const element of elementsIn(textAt(objects, bucket, key), config)) yield { ...element, source };
}

/** An S3 Inventory: the rows of all its files, under the names that its manifest gives. */
async function* inventory(objects: Objects, text: AsyncIterable<string>): AsyncGenerator<ReadItem> {
  let whole = '';
  for await (const piece of text) whole += piece;
  const { destinationBucket, fileFormat, fileSchema, files } = Inventory.parse(JSON.parse(whole));
  if (fileFormat !== 'CSV') throw new Error(`An inventory of format ${fileFormat} is not supported; use CSV`);
  const headers = fileSchema.split(',').map((name) => name.trim());
  const bucket = destinationBucket.slice(destinationBucket.lastIndexOf(':') + 1);
  for (const { key } of files) {
    const source = `s3://${bucket}/${key}`;
    for await (const value of csvRows(textAt(objects, bucket, key), ',', headers)) yield { value, source };
  }
}

/** What Athena has unloaded: its manifest names a file a line. */
async function* unloaded(objects: Objects, text: AsyncIterable<string>, config: Config): AsyncGenerator<ReadItem> {
  for await (const line of linesOf(text)) {
    const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(line.trim()) ?? [];
    if (bucket !== '') yield* itemsAt(objects, bucket, key, config);
  }
}

async function* listed(objects: Objects, { parameters, config }: ReadRequest): AsyncGenerator<ReadItem> {
  const { Bucket, Prefix } = Folder.parse(parameters);
  for await (const object of objects.list(Bucket, Prefix)) {
    if (!config.isFlattened) yield { value: { ...object }, source: `s3://${Bucket}` };
    else if (!object.Key.endsWith('/')) yield* itemsAt(objects, Bucket, object.Key, config);
  }
}

const sourceOf = (objects: Objects, request: ReadRequest): AsyncIterable<ReadItem> => {
  const { config, parameters } = request;
  if (request.resource === 'listObjectsV2') return listed(objects, request);
  const { Bucket, Key } = Place.parse(parameters);
  if (config.manifestType === 'ATHENA_DATA') return unloaded(objects, textAt(objects, Bucket, Key), config);
  if (config.inputType === 'MANIFEST') return inventory(objects, textAt(objects, Bucket, Key));
  return itemsAt(objects, Bucket, Key, config);
};

const failed = (reason: string): StateFailure => new StateFailure('States.ItemReaderFailed', reason);

/** The items that an ItemReader names, as a stream. */
async function* readItems(objects: Objects | undefined, request: ReadRequest): AsyncGenerator<ReadItem> {
  if (!objects) throw failed('This engine has no objects to read from');
  const most = request.maxItems || Number.POSITIVE_INFINITY;
  let count = 0;
  const iterator = (async function* () {
    yield* sourceOf(objects, request);
  })();
  for (;;) {
    const next = await iterator.next().catch((error: unknown) => {
      throw failed(error instanceof Error ? error.message : String(error));
    });
    if (next.done) return;
    yield next.value;
    count += 1;
    if (count < most) continue;
    await iterator.return(undefined);
    return;
  }
}

/** The items of a map run: those of its ItemReader or of its input. @throws StateFailure States.ItemReaderFailed */
export async function* itemsOfRequest(objects: Objects | undefined, request: MapRequest): AsyncGenerator<ReadItem> {
  const { items = [], keys, reader } = request;
  if (reader) yield* readItems(objects, reader);
  for (const [at, value] of items.entries()) yield { value, key: keys?.[at], source: undefined };
}
