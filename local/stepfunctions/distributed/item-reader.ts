import * as z from 'zod';
import { StateFailure } from '../failure.ts';
import type { Json } from '../json.ts';
import type { ReadRequest } from './map-request.ts';
import type { Objects } from './objects.ts';
import { csvRows } from './readers/csv.ts';
import { jsonArray } from './readers/json-array.ts';
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

/** The items in the text of one file. */
const itemsIn = (text: AsyncIterable<string>, config: Config): AsyncIterable<Json> => {
  if (config.inputType === 'CSV') return csvRows(text, config.delimiter, config.headers);
  return config.inputType === 'JSONL' ? jsonLines(text) : jsonArray(text, config.pointer);
};

/** An S3 Inventory: the rows of all its files, under the names that its manifest gives. */
async function* inventory(objects: Objects, text: AsyncIterable<string>): AsyncGenerator<Json> {
  let whole = '';
  for await (const piece of text) whole += piece;
  const { destinationBucket, fileFormat, fileSchema, files } = Inventory.parse(JSON.parse(whole));
  if (fileFormat !== 'CSV') throw new Error(`An inventory of format ${fileFormat} is not supported; use CSV`);
  const headers = fileSchema.split(',').map((name) => name.trim());
  const bucket = destinationBucket.slice(destinationBucket.lastIndexOf(':') + 1);
  for (const { key } of files) yield* csvRows(textOf(plain(objects.read(bucket, key))), ',', headers);
}

/** What Athena has unloaded: its manifest names a file a line. */
async function* unloaded(objects: Objects, text: AsyncIterable<string>, config: Config): AsyncGenerator<Json> {
  for await (const line of linesOf(text)) {
    const [, bucket = '', key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(line.trim()) ?? [];
    if (bucket !== '') yield* itemsIn(textOf(plain(objects.read(bucket, key))), config);
  }
}

async function* listed(objects: Objects, { parameters, config }: ReadRequest): AsyncGenerator<Json> {
  const { Bucket, Prefix } = Folder.parse(parameters);
  for await (const object of objects.list(Bucket, Prefix)) {
    if (!config.isFlattened) yield { ...object };
    else if (!object.Key.endsWith('/')) yield* itemsIn(textOf(objects.read(Bucket, object.Key)), config);
  }
}

const sourceOf = (objects: Objects, request: ReadRequest): AsyncIterable<Json> => {
  const { config, parameters } = request;
  if (request.resource === 'listObjectsV2') return listed(objects, request);
  const { Bucket, Key } = Place.parse(parameters);
  const text = textOf(objects.read(Bucket, Key));
  if (config.manifestType === 'ATHENA_DATA') return unloaded(objects, text, config);
  return config.inputType === 'MANIFEST' ? inventory(objects, text) : itemsIn(text, config);
};

const failed = (reason: string): StateFailure => new StateFailure('States.ItemReaderFailed', reason);

/** The items that an ItemReader names, as a stream. @throws StateFailure States.ItemReaderFailed */
export async function* readItems(objects: Objects | undefined, request: ReadRequest): AsyncGenerator<Json> {
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
