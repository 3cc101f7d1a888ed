import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { type Engine, openEngine } from '../../local/engine/engine.ts';
import { folderObjects } from '../../local/engine/folder-objects.ts';
import { aDistributedMap } from '../builders/a-distributed-map.ts';
import { aFolder } from '../builders/a-folder.ts';
import type { BenchmarkOptions, Result, Row } from './benchmark.ts';
import { rounded } from './figures.ts';

export const name = 'distributed-map';
export const about =
  'a million items in batches of a thousand, and a tenth of them one by one: time, and memory as it goes';

const items = 1_000_000;
const atOnce = 50;
const roleArn = 'arn:aws:iam::111111111111:role/any';
const everyMs = 20;

const Created = z.object({ stateMachineArn: z.string() });
const Started = z.object({ executionArn: z.string() });
const Described = z.object({ status: z.string() });

const writeItems = async (root: string, count: number): Promise<void> => {
  await mkdir(join(root, 'b'));
  async function* pieces(): AsyncGenerator<string> {
    for (let at = 0; at < count; at++) yield `${at === 0 ? '[' : ','}{"stf":${at},"tfFirst":"${at * 1000}"}`;
    yield ']';
  }
  await folderObjects(root).write('b', 'stfs.json', pieces());
};

const start = async ({ call }: Engine, batch: number): Promise<string> => {
  const definition = aDistributedMap(
    { Type: 'Pass', Result: { ok: true } },
    {
      MaxConcurrency: atOnce,
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        ReaderConfig: { InputType: 'JSON' },
        Parameters: { Bucket: 'b', Key: 'stfs.json' },
      },
      ...(batch > 1 && { ItemBatcher: { MaxItemsPerBatch: batch } }),
      ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'b', Prefix: 'out' } },
    },
  );
  const machine = { name: 'maps', definition: JSON.stringify(definition), roleArn };
  const { stateMachineArn } = Created.parse(await call('sfn', 'CreateStateMachine', machine));
  return Started.parse(await call('sfn', 'StartExecution', { stateMachineArn })).executionArn;
};

const runOne = async (
  count: number,
  batch: number,
): Promise<Row & { readonly heapMb: number; readonly items: number }> => {
  using scratch = aFolder();
  const root = scratch.path;
  await writeItems(root, count);
  const invoke = async () => ({ ok: true, payload: null }) as const;
  const folder = join(root, 'engine');
  const engine = await openEngine({ folder, account: '111111111111', invoke, objects: folderObjects(root) });
  const startedMs = performance.now();
  const cpu = process.cpuUsage();
  const heapBefore = process.memoryUsage().heapUsed;
  const executionArn = await start(engine, batch);
  let heapPeak = heapBefore;
  let status = 'RUNNING';
  while (status === 'RUNNING') {
    await new Promise((resolve) => setTimeout(resolve, everyMs));
    heapPeak = Math.max(heapPeak, process.memoryUsage().heapUsed);
    ({ status } = Described.parse(await engine.call('sfn', 'DescribeExecution', { executionArn })));
  }
  const wallS = (performance.now() - startedMs) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  await engine.close();
  if (status !== 'SUCCEEDED') throw new Error(`the map run of the benchmark ended ${status}`);
  return {
    items: count,
    'items a child': batch,
    children: Math.ceil(count / batch),
    'wall s': rounded(wallS),
    'items/s': rounded(count / wallS),
    'CPU µs an item': rounded((user + system) / count),
    heapMb: rounded((heapPeak - heapBefore) / 1e6),
  };
};

/** Runs both map runs, results written to files included. */
export const run = async ({ scale, say }: BenchmarkOptions): Promise<Result> => {
  const count = Math.max(10_000, Math.round(items * scale));
  say(`${count} items in batches of 1,000`);
  const batched = await runOne(count, 1000);
  say(`${count / 10} items, each a child`);
  const single = await runOne(count / 10, 1);
  return {
    tables: { 'map runs over a file of JSON, results written to files': [batched, single] },
    bars: [
      { what: 'heap that a million items in batches take at most', measured: batched.heapMb, unit: 'MB', atMost: 150 },
    ],
    notes: [
      'heapMb is the highest of the whole process above its start, garbage included; the file has 40 MB of items',
    ],
  };
};
