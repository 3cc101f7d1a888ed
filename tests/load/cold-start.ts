import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '#lib/system-clock';
import { catalog } from '../../functions/catalog.ts';
import { bundleFunctions } from '../../local/host/bundle/bundle.ts';
import { runsAlone, specOf } from '../../local/host/catalogue-host.ts';
import type { FunctionCode } from '../../local/host/function-code.ts';
import { createFunctionLog } from '../../local/host/function-log.ts';
import { Instance } from '../../local/host/instance/instance.ts';
import type { FunctionSpec } from '../../local/host/runner.ts';
import { awsRuntimeClient, ownRuntimeClient, type RuntimeClient } from '../../local/host/runtime/runtime-client.ts';
import { aFolder } from '../builders/a-folder.ts';
import { aFunctionSpec, whereabouts } from '../builders/a-function-host.ts';
import type { BenchmarkOptions, Result, Row } from './benchmark.ts';
import { median, rounded } from './figures.ts';

export const name = 'cold-start';
export const about =
  'from the start of an instance until it waits for its first event, for the bundle of each function';

const turns = 5;

type Started = { readonly spec: FunctionSpec; readonly code: FunctionCode };

/** How long an instance takes until it waits; it is ended then. @throws if it ends before */
const coldMs = async ({ spec, code }: Started, client: RuntimeClient, compileCache?: string): Promise<number> => {
  const log = createFunctionLog();
  const beganMs = performance.now();
  const ready = Promise.withResolvers<number>();
  const instance = new Instance({
    id: `${spec.name}-cold`,
    host: 'cold-start',
    spec,
    code,
    log,
    clock: systemClock,
    whereabouts,
    client,
    compileCache,
    initTimeoutS: 60,
    onIdle: () => ready.resolve(performance.now() - beganMs),
    onEnd: () =>
      ready.reject(
        new Error(
          `${spec.name}: ${log
            .read()
            .map(({ text }) => text)
            .join('\n')}`,
        ),
      ),
  });
  const tookMs = await ready.promise;
  instance.end();
  await instance.gone;
  return tookMs;
};

const emptyFunction = (folder: string): Started => {
  const home = join(folder, 'empty');
  mkdirSync(home);
  writeFileSync(join(home, 'index.mjs'), 'export const handler = async (event) => event;');
  const code = { name: 'empty', folder: home, handler: 'index.handler', sha256: '00', sizeBytes: 50 };
  return { spec: aFunctionSpec({ name: 'empty', code: 'empty' }), code };
};

type Cold = { readonly plain: number; readonly compiled: number };

/** Turn by turn, all functions in each, so that what else the machine does falls on all of them. */
const measure = async (all: readonly Started[], client: RuntimeClient, cache: string, count: number) => {
  const found = new Map<string, Cold[]>(all.map(({ spec }) => [spec.name, []]));
  for (let turn = 0; turn <= count; turn += 1) {
    for (const one of all) {
      const plain = await coldMs(one, client);
      const compiled = await coldMs(one, client, cache);
      // The first turn reads from the disk, and compiles, what the others find.
      if (turn > 0) found.get(one.spec.name)?.push({ plain, compiled });
    }
  }
  return found;
};

export const run = async ({ scale, say }: BenchmarkOptions): Promise<Result> => {
  using folder = aFolder();
  const client = awsRuntimeClient() ?? ownRuntimeClient;
  const entries = Object.entries(catalog).filter(([, entry]) => runsAlone(entry));
  const codes = await bundleFunctions(entries.map(([function_, entry]) => ({ name: function_, entry })));
  const started = entries.flatMap(([function_, entry]): readonly Started[] => {
    const code = codes.get(function_);
    return code === undefined ? [] : [{ spec: specOf(function_, entry, {}), code }];
  });
  const all = [emptyFunction(folder.path), ...started];
  const count = Math.max(1, Math.round(turns * scale));
  say(`${count} turns of ${all.length} functions, each with and without what V8 compiled before`);
  const found = await measure(all, client, join(folder.path, 'compiled'), count);
  const of = (function_: string, field: keyof Cold) => median((found.get(function_) ?? []).map((one) => one[field]));
  const rows: readonly Row[] = all
    .map(({ spec, code }) => ({
      function: spec.name,
      'bundle kB': Math.ceil(code.sizeBytes / 1000),
      'cold ms': rounded(of(spec.name, 'plain')),
      'compiled before, ms': rounded(of(spec.name, 'compiled')),
    }))
    .sort((one, other) => one['bundle kB'] - other['bundle kB']);
  const compiled = started.map(({ spec }) => of(spec.name, 'compiled') / of('empty', 'compiled'));
  return {
    tables: { 'until the first event can be taken': rows },
    bars: [
      {
        what: 'the middle one of the functions, compiled before, against one that does nothing',
        measured: rounded(median(compiled)),
        unit: '×',
        atMost: 3,
      },
      {
        what: 'the slowest, likewise',
        measured: rounded(Math.max(...compiled)),
        unit: '×',
        atMost: 3,
        isStretch: true,
      },
    ],
    notes: [`under ${client.title}; adapters are evaluated by the first call and not in these figures`],
  };
};
