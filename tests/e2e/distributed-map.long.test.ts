import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, onTestFinished, test, vi } from 'vitest';
import * as z from 'zod';
import { folderObjects } from '../../local/engine/folder-objects.ts';
import type { Call } from '../../local/engine/protocol.ts';
import { aDistributedMap } from '../builders/a-distributed-map.ts';
import { aFolder, anEngine } from '../builders/an-engine.ts';

const ITEMS = 1_000_000;
const BATCH = 1000;
const roleArn = 'arn:aws:iam::111111111111:role/any';

const Listed = z.object({
  executions: z.array(z.object({ executionArn: z.string(), itemCount: z.number(), status: z.string() })),
  nextToken: z.string().optional(),
});
const MapRuns = z.object({ mapRuns: z.array(z.object({ mapRunArn: z.string() })).length(1) });
const Numbers = z.record(z.string(), z.number());
const Counts = z.object({ status: z.string(), itemCounts: Numbers, executionCounts: Numbers });

setFlagsFromString('--expose-gc');
const collectGarbage: unknown = runInNewContext('gc');

const liveHeapMb = (): number => {
  if (typeof collectGarbage === 'function') collectGarbage();
  return process.memoryUsage().heapUsed / 1e6;
};

/** What this test needs of an engine, in this process or in one of its own. */
type Called = { readonly call: Call };

/** An engine as a process, to be killed. */
const anEngineProcess = async (
  data: string,
  objects: string,
): Promise<Called & { readonly kill: () => Promise<void> }> => {
  const program = fileURLToPath(new URL('../../local/engine.ts', import.meta.url));
  const child = spawn(process.execPath, [program, '--port', '0', '--data', data, '--objects', objects]);
  const exited = once(child, 'exit');
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
  };
  onTestFinished(kill);
  const [line] = await once(createInterface(child.stdout), 'line');
  const address = /http:\S+/.exec(String(line))?.[0] ?? '';
  const call: Call = async (_service, operation, input) => {
    const headers = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `AWSStepFunctions.${operation}` };
    const response = await fetch(address, { method: 'POST', headers, body: JSON.stringify(input) });
    if (!response.ok) throw new Error(`${operation}: ${await response.text()}`);
    return z.looseObject({}).parse(await response.json());
  };
  return { call, kill };
};

/** A bucket with one file of a million items. */
const bucketOf = async (): Promise<string> => {
  const root = await aFolder();
  await mkdir(join(root, 'b'));
  async function* pieces(): AsyncGenerator<string> {
    for (let at = 0; at < ITEMS; at += 1) yield `${at === 0 ? '[' : ','}{"stf":${at},"tfFirst":"${at * 1000}"}`;
    yield ']';
  }
  await folderObjects(root).write('b', 'stfs.json', pieces());
  return root;
};

const start = async (engine: Called, name: string, state: object, fields: object = {}): Promise<string> => {
  const definition = aDistributedMap(state, {
    ItemReader: {
      Resource: 'arn:aws:states:::s3:getObject',
      ReaderConfig: { InputType: 'JSON' },
      Parameters: { Bucket: 'b', Key: 'stfs.json' },
    },
    ItemBatcher: { MaxItemsPerBatch: BATCH },
    ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'b', Prefix: 'out' } },
    ...fields,
  });
  const machine = { name, definition: JSON.stringify(definition), roleArn };
  const { stateMachineArn } = z
    .object({ stateMachineArn: z.string() })
    .parse(await engine.call('sfn', 'CreateStateMachine', machine));
  const started = await engine.call('sfn', 'StartExecution', { stateMachineArn });
  return z.object({ executionArn: z.string() }).parse(started).executionArn;
};

const mapRunOf = async (engine: Called, executionArn: string): Promise<string> => {
  const { mapRuns } = MapRuns.parse(await engine.call('sfn', 'ListMapRuns', { executionArn }));
  return mapRuns[0]?.mapRunArn ?? '';
};

const countsOf = async (engine: Called, mapRunArn: string): Promise<z.infer<typeof Counts>> =>
  Counts.parse(await engine.call('sfn', 'DescribeMapRun', { mapRunArn }));

/** Every child of a map run, page by page. */
async function* childrenOf(engine: Called, mapRunArn: string) {
  for (let nextToken: string | undefined, isFirst = true; isFirst || nextToken !== undefined; isFirst = false) {
    const page = Listed.parse(
      await engine.call('sfn', 'ListExecutions', { mapRunArn, ...(nextToken && { nextToken }) }),
    );
    yield* page.executions;
    nextToken = page.nextToken;
  }
}

const statusOf = async (engine: Called, executionArn: string): Promise<string> =>
  z.object({ status: z.string() }).parse(await engine.call('sfn', 'DescribeExecution', { executionArn })).status;

test('a million items in batches of a thousand: memory stays flat, children are listed and counted one by one', async () => {
  const root = await bucketOf();
  const engine = await anEngine({ objects: folderObjects(root) });
  const pass = { Type: 'Pass', Result: { ok: true } };
  const arn = await start(engine, 'million', pass, { MaxConcurrency: 50 });
  const mapRunArn = await mapRunOf(engine, arn);
  const heapMb: number[] = [];
  while ((await statusOf(engine, arn)) === 'RUNNING') {
    const { itemCounts } = await countsOf(engine, mapRunArn);
    if ((itemCounts.succeeded ?? 0) >= ((heapMb.length + 1) * ITEMS) / 10) heapMb.push(liveHeapMb());
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(await statusOf(engine, arn)).toBe('SUCCEEDED');
  // 800,000 items would take 100 MB and more; 800 ended children take a summary each.
  expect(heapMb.length).toBeGreaterThan(5);
  expect((heapMb.at(-1) ?? 0) - (heapMb[0] ?? 0)).toBeLessThan(20);

  const children = [];
  for await (const child of childrenOf(engine, mapRunArn)) children.push(child);
  expect(new Set(children.map(({ executionArn }) => executionArn)).size).toBe(ITEMS / BATCH);
  expect(children.every(({ status, itemCount }) => status === 'SUCCEEDED' && itemCount === BATCH)).toBe(true);
  expect(await countsOf(engine, mapRunArn)).toMatchObject({
    status: 'SUCCEEDED',
    itemCounts: { succeeded: ITEMS, total: ITEMS, running: 0, pending: 0 },
    executionCounts: { succeeded: ITEMS / BATCH },
  });
});

test('the children of a million items are stopped one by one, and counted', async () => {
  const root = await bucketOf();
  const engine = await anEngine({ objects: folderObjects(root) });
  const arn = await start(engine, 'waiting', { Type: 'Wait', Seconds: 86_400 }, { ToleratedFailurePercentage: 100 });
  const mapRunArn = await mapRunOf(engine, arn);
  await vi.waitFor(async () => expect((await countsOf(engine, mapRunArn)).itemCounts.running).toBe(ITEMS), 300_000);
  for await (const { executionArn } of childrenOf(engine, mapRunArn)) {
    await engine.call('sfn', 'StopExecution', { executionArn });
  }
  await vi.waitFor(async () => expect(await statusOf(engine, arn)).toBe('SUCCEEDED'), 300_000);
  expect(await countsOf(engine, mapRunArn)).toMatchObject({ itemCounts: { aborted: ITEMS, running: 0, total: ITEMS } });
});

test('killed three times in a million items, it goes on: no item is left out, none is given to two children', async () => {
  const root = await bucketOf();
  const data = await aFolder();
  let engine = await anEngineProcess(data, root);
  const arn = await start(engine, 'killed', { Type: 'Pass', Result: { ok: true } }, { MaxConcurrency: 20 });
  const mapRunArn = await mapRunOf(engine, arn);
  for (const share of [0.2, 0.5, 0.8]) {
    const isSoFar = async () => ((await countsOf(engine, mapRunArn)).itemCounts.succeeded ?? 0) >= share * ITEMS;
    await vi.waitFor(async () => expect(await isSoFar()).toBe(true), { timeout: 300_000, interval: 5 });
    await engine.kill();
    engine = await anEngineProcess(data, root);
  }
  await vi.waitFor(async () => expect(await statusOf(engine, arn)).toBe('SUCCEEDED'), 300_000);
  const inputs = new Set<string>();
  for await (const { executionArn } of childrenOf(engine, mapRunArn)) {
    const described = await engine.call('sfn', 'DescribeExecution', { executionArn });
    inputs.add(z.object({ input: z.string() }).parse(described).input);
  }
  const firsts = [...inputs].map((input) => Number(/"stf":(\d+)/.exec(input)?.[1])).sort((a, b) => a - b);
  expect(firsts).toEqual(Array.from({ length: ITEMS / BATCH }, (_, at) => at * BATCH));
  expect(await countsOf(engine, mapRunArn)).toMatchObject({
    itemCounts: { succeeded: ITEMS, total: ITEMS },
    executionCounts: { succeeded: ITEMS / BATCH, total: ITEMS / BATCH },
  });
});
