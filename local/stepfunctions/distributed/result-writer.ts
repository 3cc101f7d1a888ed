import { StateFailure } from '../failure.ts';
import type { Host } from '../host.ts';
import type { Json } from '../json.ts';
import type { Execution } from '../registry.ts';
import { resultsOf } from './collect-results.ts';
import type { WriteRequest } from './map-request.ts';
import { type MapRun, mapRunArn } from './map-run.ts';
import type { Objects } from './objects.ts';

/** AWS begins another file before this size, in bytes. */
const FILE_BYTES = 5 * 10 ** 9;

/** Which children each file is for. */
const FILES = {
  FAILED: ['FAILED', 'TIMED_OUT', 'ABORTED'],
  PENDING: ['RUNNING'],
  SUCCEEDED: ['SUCCEEDED'],
} as const;

const statusOf = ({ outcome }: Execution): string => outcome?.status ?? 'RUNNING';

type Export = { readonly host: Host; readonly objects: Objects; readonly writer: WriteRequest };
type ResultFile = { readonly Key: string; readonly Size: number };

/** The results of children, the last one first, up to the size of a file; `left` keeps those of the next. */
async function* textsOf({ host, writer }: Export, left: Execution[]): AsyncGenerator<string> {
  let sizeBytes = 0;
  for (let child = left.pop(); child; child = sizeBytes < FILE_BYTES ? left.pop() : undefined) {
    for (const result of await resultsOf(host, child, writer.transformation)) {
      const text = JSON.stringify(result);
      yield text;
      sizeBytes += text.length + 1;
    }
  }
}

async function* lines(texts: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const text of texts) yield `${text}\n`;
}

async function* array(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let before = '[';
  for await (const text of texts) {
    yield before + text;
    before = ',';
  }
  yield before === '[' ? '[]' : ']';
}

const writeFiles = async (
  parts: Export,
  bucket: string,
  keyOf: (n: number) => string,
  left: Execution[],
): Promise<ResultFile[]> => {
  const files: ResultFile[] = [];
  while (left.length > 0) {
    const Key = keyOf(files.length);
    const texts = textsOf(parts, left);
    const file = parts.writer.outputType === 'JSONL' ? lines(texts) : array(texts);
    files.push({ Key, Size: await parts.objects.write(bucket, Key, file) });
  }
  return files;
};

async function* one(text: string): AsyncGenerator<string> {
  yield text;
}

/**
 * Writes the children's results by their status, one after the other, then the manifest that names the files. A repeat
 * after a crash writes the same files again.
 * @throws StateFailure States.ResultWriterFailed
 */
export const writeResults = async (host: Host, run: MapRun, writer: WriteRequest): Promise<Json> => {
  const { objects, journal } = host.context;
  const { bucket, prefix } = writer.target ?? { bucket: '', prefix: '' };
  const folder = `${prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`}${run.id}`;
  try {
    if (!objects) throw new Error('This engine has no objects');
    await journal.synced();
    const parts: Export = { host, objects, writer };
    const files: Record<string, ResultFile[]> = {};
    for (const [name, statuses] of Object.entries(FILES)) {
      const left = [...run.children].filter((child) => statuses.some((status) => status === statusOf(child))).reverse();
      const suffix = writer.outputType === 'JSONL' ? 'jsonl' : 'json';
      files[name] = await writeFiles(parts, bucket, (n) => `${folder}/${name}_${n}.${suffix}`, left);
    }
    const manifest = { DestinationBucket: bucket, MapRunArn: mapRunArn(run), ResultFiles: files };
    const Key = `${folder}/manifest.json`;
    await objects.write(bucket, Key, one(JSON.stringify(manifest)));
    return { MapRunArn: mapRunArn(run), ResultWriterDetails: { Bucket: bucket, Key } };
  } catch (error) {
    throw new StateFailure('States.ResultWriterFailed', error instanceof Error ? error.message : String(error), true);
  }
};
