import { statSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { JobPage } from '#schema/view';
import { aFolder } from '../builders/a-folder.ts';
import { aRandom } from '../builders/random.ts';
import type { Bar, BenchmarkOptions, Result, Row } from './benchmark.ts';
import { quantile, rounded } from './figures.ts';
import { madeAt, runOf, writeJobs } from './jobs-page-jobs.ts';
import { type BenchFront, startFront } from './live/front.ts';
import { type Sample, watchUsage } from './usage.ts';

export const name = 'jobs-page';
export const about = 'a page of 100 out of 1,000,000 jobs over HTTP, by what is asked for';

const jobsAll = 1_000_000;
const fewJobs = 20_000;
const pagesEach = 200;
const limit = 100;

/** What is asked for; a random number from 0 to 1 says where in time. */
const questions: readonly (readonly [what: string, query: (where: number, count: number) => string])[] = [
  ['the latest', () => ''],
  ['all, anywhere in time', (where, count) => `until=${madeAt(Math.floor(where * count))}`],
  ['all, the oldest first', (where, count) => `sort=created&since=${madeAt(Math.floor(where * count))}`],
  ['a state (2 % of all)', (where, count) => `state=failed&until=${madeAt(Math.floor(where * count))}`],
  ['a facility (10 %)', (where, count) => `facility=site-3&until=${madeAt(Math.floor(where * count))}`],
  ['state and facility', (where, count) => `state=failed&facility=site-3&until=${madeAt(Math.floor(where * count))}`],
  ['those under way', () => 'state=submitted'],
  ['a run', (where) => `run=prod_run_00${runOf(Math.floor(where * 10))}`],
  ['a run and a state, without an index', (where) => `run=prod_run_00${runOf(Math.floor(where * 10))}&state=failed`],
  ['an owner (0.1 %), without an index', (where, count) => `owner=anna&until=${madeAt(Math.floor(where * count))}`],
];

/** Of the questions, those that an index answers come first. */
const indexedQuestions = 8;

const agent = new Agent({ keepAlive: true, maxSockets: 1 });

const ask = (port: number, path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const request = get({ port, path, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () =>
        response.statusCode === 200 ? resolve(text) : reject(new Error(`${path}: ${response.statusCode} ${text}`)),
      );
    });
    request.on('error', reject);
  });

type Asked = { readonly spanMs: number; readonly items: number; readonly bytes: number; readonly next?: string };

const page = async (port: number, query: string): Promise<Asked> => {
  const beganMs = performance.now();
  const text = await ask(port, `/v1/jobs?limit=${limit}${query === '' ? '' : `&${query}`}`);
  const spanMs = performance.now() - beganMs;
  const { items, next } = JobPage.parse(JSON.parse(text));
  return { spanMs, items: items.length, bytes: text.length, ...(next !== undefined && { next }) };
};

/** A front with its jobs, and what it was asked. */
type Shelf = { readonly front: BenchFront; readonly count: number; readonly asked: Asked[] };

/** One page at a random place, and the page after it. */
const askOnce = async ({ front, count, asked }: Shelf, question: Question, where: number): Promise<void> => {
  const wish = question[1](where, count);
  const first = await page(front.port, wish);
  asked.push(first);
  if (first.next !== undefined) asked.push(await page(front.port, `${wish}&cursor=${first.next}`));
};

const cpuMsOf = (samples: readonly Sample[], name: string): number =>
  ((samples.at(-1)?.[name]?.cpuS ?? 0) - (samples[0]?.[name]?.cpuS ?? 0)) * 1000;
const p99Of = ({ asked }: Shelf): number =>
  quantile(
    asked.map(({ spanMs }) => spanMs),
    0.99,
  );

/** Asks both fronts in turns, so that what else the machine does meets both. */
const rowOf = async (question: Question, fronts: Fronts, pages: number): Promise<Figures> => {
  const random = aRandom(7);
  const [all, few] = fronts.map(({ front, count }): Shelf => ({ front, count, asked: [] }));
  if (all === undefined || few === undefined) throw new RangeError('two fronts are compared');
  const stop = watchUsage({ all: () => all.front.pid, few: () => few.front.pid });
  while (all.asked.length < pages) {
    const where = random();
    await askOnce(all, question, where);
    await askOnce(few, question, where);
  }
  const samples = stop();
  const spans = all.asked.map(({ spanMs }) => spanMs);
  const mean = (of: (one: Asked) => number): number =>
    all.asked.reduce((sum, one) => sum + of(one), 0) / all.asked.length;
  const cpuMs = cpuMsOf(samples, 'all') / all.asked.length;
  const fewMs = cpuMsOf(samples, 'few') / few.asked.length;
  return {
    'asked for': question[0],
    'p50 ms': rounded(quantile(spans, 0.5)),
    'p99 ms': rounded(p99Of(all)),
    'p99 ms of few': rounded(p99Of(few)),
    'CPU ms': rounded(cpuMs),
    'CPU ms of few': rounded(fewMs),
    'jobs a page': rounded(mean(({ items }) => items)),
    'kB a page': rounded(mean(({ bytes }) => bytes) / 1000),
  };
};

type Question = (typeof questions)[number];
type Fronts = readonly { readonly front: BenchFront; readonly count: number }[];
type Figures = Row & Readonly<Record<'p99 ms' | 'p99 ms of few' | 'CPU ms' | 'CPU ms of few', number>>;

const barsOf = (rows: readonly Figures[]): Bar[] => {
  const indexed = rows.slice(0, indexedQuestions);
  const worst = (of: (row: Figures) => number, among = indexed): number => rounded(Math.max(...among.map(of)));
  return [
    {
      what: 'CPU of a page by an index, against the same out of few jobs, the worst',
      measured: worst((row) => row['CPU ms'] / row['CPU ms of few']),
      unit: '×',
      atMost: 2,
    },
    {
      what: 'p99 of a page by an index, against the same out of few jobs, the worst',
      measured: worst((row) => row['p99 ms'] / row['p99 ms of few']),
      unit: '×',
      atMost: 3,
    },
    {
      what: 'a page by an index, p99 of the slowest',
      measured: worst((row) => row['p99 ms']),
      unit: 'ms',
      atMost: 50,
      isStretch: true,
    },
    {
      what: 'a page by what has no index, CPU of the worst',
      measured: worst((row) => row['CPU ms'], rows.slice(indexedQuestions)),
      unit: 'ms',
      atMost: 100,
    },
  ];
};

/** Writes many jobs and few, starts a front on each, and asks both for pages, one after the other. */
export const run = async ({ scale, say }: BenchmarkOptions): Promise<Result> => {
  const count = Math.max(2 * fewJobs, Math.round(jobsAll * Math.min(1, scale)));
  const pages = Math.max(40, Math.round(pagesEach * scale));
  using many = aFolder();
  using few = aFolder();
  await writeJobs(many.path, count, say);
  await writeJobs(few.path, fewJobs, say);
  const fronts: Fronts = [
    { front: await startFront(many.path), count },
    { front: await startFront(few.path), count: fewJobs },
  ];
  try {
    for (const question of questions) await rowOf(question, fronts, 20);
    const rows: Figures[] = [];
    for (const question of questions) {
      say(question[0]);
      rows.push(await rowOf(question, fronts, pages));
    }
    return {
      tables: { [`pages of ${limit} out of ${count} jobs, and out of ${fewJobs}`]: rows },
      bars: barsOf(rows),
      notes: [
        `the file has ${rounded(statSync(join(many.path, 'work', 'store.db')).size / 1e6)} MB and is in the page cache`,
        'the client is another process on the same machine, with one connection a front; its parsing does not count',
        'a page by what has no index looks at 2,000 jobs at most, and may be short',
      ],
    };
  } finally {
    for (const { front } of fronts) await front.kill();
    agent.destroy();
  }
};
