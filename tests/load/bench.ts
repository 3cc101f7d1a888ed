import { parseArgs } from 'node:util';
import * as age from './age.ts';
import * as archiveHeld from './archive-held.ts';
import * as audit from './audit.ts';
import { type Bar, type Benchmark, isMet, type Result } from './benchmark.ts';
import * as callback from './callback.ts';
import * as checksums from './checksums.ts';
import * as cliStart from './cli-start.ts';
import * as coldStart from './cold-start.ts';
import * as definitions from './definitions.ts';
import * as distributedMap from './distributed-map.ts';
import * as emulators from './emulators.ts';
import * as engine from './engine.ts';
import * as expressions from './expressions.ts';
import * as host from './host.ts';
import * as httpPost from './http-post.ts';
import * as jobsPage from './jobs-page.ts';
import * as live from './live.ts';
import * as path from './path.ts';
import * as places from './places.ts';
import * as prepare from './prepare.ts';
import * as segments from './segments.ts';
import * as store from './store.ts';
import * as stream from './stream.ts';
import { load, type Surroundings, surroundings } from './surroundings.ts';
import * as sustained from './sustained.ts';
import { table } from './table.ts';
import * as tasks from './tasks.ts';
import * as tfIndex from './tf-index.ts';
import * as waiting from './waiting.ts';

/** `npm run bench`: lists the benchmarks; with a name, runs one and says how it stands against its bars. */
const benchmarks: readonly Benchmark[] = [
  ...[
    engine,
    definitions,
    expressions,
    distributedMap,
    tasks,
    path,
    places,
    prepare,
    stream,
    archiveHeld,
    store,
    segments,
    audit,
  ],
  ...[tfIndex, checksums, waiting, callback, sustained, emulators, live, jobsPage, httpPost, cliStart],
  ...[host, coldStart, age],
];

const usage = `npm run bench                        lists the benchmarks
npm run bench -- NAME [--json] [--scale N]
                                     runs one; N below 1 measures less, above 1 more
`;

const list = (): string =>
  `${usage}\n${table(benchmarks.map(({ name, about }) => ({ benchmark: name, measures: about })))}\n`;

const standing = (bar: Bar): string => {
  const limit = bar.atLeast === undefined ? `at most ${bar.atMost}` : `at least ${bar.atLeast}`;
  const verdict = isMet(bar) ? 'met' : 'not met';
  return `${bar.isStretch ? 'stretch' : 'bar'} ${verdict}: ${bar.what}: ${bar.measured} ${bar.unit} (${limit})`;
};

const inWords = (around: Surroundings & Ending, result: Result): string =>
  [
    `commit ${around.commit}, Node ${around.node}, ${around.machine}`,
    `started ${around.startedAt}; load ${around.loadBefore} before, ${around.loadAfter} after; ${around.wallS} s`,
    ...Object.entries(result.tables).map(([title, rows]) => `\n${title}\n${table(rows)}`),
    '',
    ...result.bars.map(standing),
    ...result.notes.map((note) => `note: ${note}`),
    '',
  ].join('\n');

type Ending = { readonly loadAfter: number; readonly wallS: number };

const run = async (benchmark: Benchmark, options: { readonly json: boolean; readonly scale: number }) => {
  const before = surroundings();
  const startedMs = performance.now();
  const say = (line: string) => process.stderr.write(`bench: ${line}\n`);
  const result = await benchmark.run({ scale: options.scale, say });
  const around = { ...before, loadAfter: load(), wallS: Math.round((performance.now() - startedMs) / 1000) };
  const bars = result.bars.map((bar) => ({ ...bar, isMet: isMet(bar) }));
  const text = options.json
    ? `${JSON.stringify({ benchmark: benchmark.name, ...around, ...result, bars })}\n`
    : inWords(around, result);
  process.stdout.write(text);
};

const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    options: { json: { type: 'boolean', default: false }, scale: { type: 'string', default: '1' } },
    allowPositionals: true,
  });
  const [name] = positionals;
  const scale = Number(values.scale);
  if (name === undefined) {
    process.stdout.write(list());
    return 0;
  }
  const benchmark = benchmarks.find((one) => one.name === name);
  if (benchmark === undefined || positionals.length > 1 || !(scale > 0)) {
    process.stderr.write(`bench: no such benchmark or scale: ${positionals.join(' ')}\n\n${list()}`);
    return 2;
  }
  await run(benchmark, { json: values.json, scale });
  return 0;
};

process.exitCode = await main();
