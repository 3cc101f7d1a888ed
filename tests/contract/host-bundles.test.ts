import { mkdirSync, readdirSync, readFileSync, truncateSync, utimesSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { catalog } from '../../functions/catalog.ts';
import { bundleBudgetKb } from '../../local/host/bundle/budget.ts';
import { bundleFunction, bundleFunctions, createChecksums } from '../../local/host/bundle/bundle.ts';
import { bundleFile, type Ingredient } from '../../local/host/bundle/recipe.ts';
import { runsAlone, specOf } from '../../local/host/catalogue-host.ts';
import { joinRunners } from '../../local/host/joined-runner.ts';
import { aFolder } from '../builders/a-folder.ts';
import { aFunctionHost, aFunctionSpec, answerIn } from '../builders/a-function-host.ts';

const all: readonly Ingredient[] = Object.entries(catalog).map(([name, entry]) => ({ name, entry }));
const budgets: Readonly<Record<string, number>> = bundleBudgetKb;
const holdStf: Ingredient = { name: 'hold-stf', entry: catalog['hold-stf'] };

describe('the bundles of functions', () => {
  test('there is one a function, none larger than its budget, and no budget much larger than its bundle', async () => {
    const codes = await bundleFunctions(all);
    expect([...codes.keys()].sort()).toEqual(Object.keys(catalog).sort());
    const over = [...codes.values()].filter(({ name, sizeBytes }) => sizeBytes > (budgets[name] ?? 0) * 1000);
    expect(over.map(({ name, sizeBytes }) => `${name}: ${sizeBytes} bytes`)).toEqual([]);
    const loose = [...codes.values()].filter(({ name, sizeBytes }) => sizeBytes < (budgets[name] ?? 0) * 1000 * 0.8);
    expect(loose.map(({ name, sizeBytes }) => `${name}: ${sizeBytes} bytes`)).toEqual([]);
  });

  test('the same sources make the same bytes, and what has not changed is not made again', async () => {
    using one = aFolder();
    using other = aFolder();
    const first = await bundleFunction(holdStf, createChecksums(), one.path);
    const second = await bundleFunction(holdStf, createChecksums(), other.path);
    const bytesOf = ({ folder }: { readonly folder: string }) => readFileSync(join(folder, bundleFile));
    expect(bytesOf(first).equals(bytesOf(second))).toBe(true);
    expect(second.sha256).toBe(first.sha256);
    expect(await bundleFunction(holdStf, createChecksums(), one.path)).toEqual(first);
  });

  test('a bundle that a crash has cut short is made again', async () => {
    using cache = aFolder();
    const { folder } = await bundleFunction(holdStf, createChecksums(), cache.path);
    const path = join(folder, bundleFile);
    const whole = readFileSync(path);
    truncateSync(path, 1000);
    expect((await bundleFunction(holdStf, createChecksums(), cache.path)).folder).toBe(folder);
    expect(readFileSync(path).equals(whole)).toBe(true);
    expect(readdirSync(join(cache.path, holdStf.name)).sort()).toEqual([basename(folder), 'manifest.json'].sort());
  });

  test('bundles of 30 days ago go when a new one is made, except the latest three', async () => {
    using cache = aFolder();
    const own = join(cache.path, holdStf.name);
    for (let day = 25; day < 40; day++) {
      const old = join(own, `of-${day}-days`);
      mkdirSync(old, { recursive: true });
      utimesSync(old, Date.now() / 1e3 - day * 86_400, Date.now() / 1e3 - day * 86_400);
    }
    const { folder } = await bundleFunction(holdStf, createChecksums(), cache.path);
    const young = [25, 26, 27, 28, 29].map((day) => `of-${day}-days`);
    expect(readdirSync(own).sort()).toEqual([basename(folder), 'manifest.json', ...young].sort());
  });

  test('a function carries the adapters that its catalogue entry names and no other', async () => {
    const codes = await bundleFunctions(all);
    const marks = { objects: /MinIO/, queues: /AmazonSQS/, machines: /AWSStepFunctions/ };
    for (const { name, entry } of all) {
      const text = readFileSync(join(codes.get(name)?.folder ?? '', bundleFile), 'utf8');
      const uses: readonly string[] = entry.uses;
      const carried = Object.entries(marks).flatMap(([port, mark]) => (mark.test(text) ? [port] : []));
      expect([name, carried]).toEqual([name, Object.keys(marks).filter((port) => uses.includes(port))]);
    }
  });

  test('the catalogue says how a function is deployed; a single writer stays single', () => {
    expect(specOf('assign-jobs', catalog['assign-jobs'], { A: 'b' })).toMatchObject({
      memoryMb: 512,
      timeoutS: 30,
      concurrency: 1,
      environment: { A: 'b', PAPILIO_PLANE: 'work' },
      labels: { area: 'brokerage', plane: 'work' },
    });
    expect(specOf('archive-stf', catalog['archive-stf'], {}).concurrency).toBe(8);
    expect(runsAlone(catalog['submit-bundle'])).toBe(false);
    expect(runsAlone(catalog['archive-stf'])).toBe(true);
  });
});

test('several runners are one: a function runs where the first knows it', async () => {
  await using one = aFunctionHost({ functions: [aFunctionSpec({ name: 'a', environment: { SECRET: 'one' } })] });
  await using other = aFunctionHost({
    functions: ['a', 'b'].map((name) => aFunctionSpec({ name, environment: { SECRET: 'other' } })),
  });
  const runner = joinRunners([one.host, other.host]);
  const invoke = (name: string) => runner.invoke({ name, payload: '{}', requestId: 'r' });
  expect(answerIn(await invoke('a'))).toMatchObject({ secret: 'one' });
  expect(answerIn(await invoke('b'))).toMatchObject({ secret: 'other' });
  expect(await invoke('c')).toEqual({ kind: 'refused', refusal: { reason: 'missing' } });
  expect(runner.list().map(({ spec }) => [spec.name, spec.environment.SECRET])).toEqual([
    ['a', 'one'],
    ['b', 'other'],
  ]);
  expect(runner.logs('b').map(({ text }) => text)).toContain('START RequestId: r Version: $LATEST');
  expect(runner.logs('c')).toEqual([]);
});
