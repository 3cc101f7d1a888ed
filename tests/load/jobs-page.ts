import { statSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { join } from 'node:path';
import { JobPage } from '#schema/view';
import { aFolder } from '../builders/a-folder.ts';
import { aRandom } from '../builders/random.ts';
import type { BenchmarkOptions, Result, Row } from './benchmark.ts';
import { quantile, rounded } from './figures.ts';
import { madeAt, runOf, writeJobs } from './jobs-page-jobs.ts';
import { type BenchFront, startFront } from './live/front.ts';
import { watchUsage } from './usage.ts';

export const name = 'jobs-page';
export const about = 'a page of 100 out of 1,000,000 jobs over HTTP, by what is asked for';

const jobsAll = 1_000_000;
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

/** Pages at random places, every second one the page after another. */
const rowOf = async (
  { port, pid }: BenchFront,
  [what, query]: (typeof questions)[number],
  { count, pages }: { readonly count: number; readonly pages: number },
): Promise<Row & { readonly 'p99 ms': number }> => {
  const random = aRandom(7);
  const asked: Asked[] = [];
  const stop = watchUsage({ front: () => pid });
  while (asked.length < pages) {
    const wish = query(random(), count);
    const first = await page(port, wish);
    asked.push(first);
    if (first.next !== undefined) asked.push(await page(port, `${wish}&cursor=${first.next}`));
  }
  const samples = stop();
  const cpuS = (samples.at(-1)?.front?.cpuS ?? 0) - (samples[0]?.front?.cpuS ?? 0);
  const spans = asked.map(({ spanMs }) => spanMs);
  const sum = (of: (one: Asked) => number): number => asked.reduce((all, one) => all + of(one), 0);
  return {
    'asked for': what,
    'p50 ms': rounded(quantile(spans, 0.5)),
    'p99 ms': rounded(quantile(spans, 0.99)),
    'CPU ms a page': rounded((cpuS * 1000) / asked.length),
    'jobs a page': rounded(sum(({ items }) => items) / asked.length),
    'kB a page': rounded(sum(({ bytes }) => bytes) / asked.length / 1000),
  };
};

/** Writes the jobs, starts a front on them, and asks it for pages, one after the other. */
export const run = async ({ scale, say }: BenchmarkOptions): Promise<Result> => {
  const count = Math.max(10_000, Math.round(jobsAll * Math.min(1, scale)));
  const pages = Math.max(40, Math.round(pagesEach * scale));
  using folder = aFolder();
  await writeJobs(folder.path, count, say);
  const front = await startFront(folder.path);
  try {
    for (const question of questions) await rowOf(front, question, { count, pages: 20 });
    const rows: (Row & { readonly 'p99 ms': number })[] = [];
    for (const question of questions) {
      say(String(question[0]));
      rows.push(await rowOf(front, question, { count, pages }));
    }
    const indexed = rows.slice(0, 8);
    return {
      tables: { [`pages of ${limit} out of ${count} jobs`]: rows },
      bars: [
        {
          what: 'a page by what has an index, p99 of the slowest',
          measured: Math.max(...indexed.map((row) => row['p99 ms'])),
          unit: 'ms',
          atMost: 100,
        },
        {
          what: 'a page by what has none, p99 of the slowest',
          measured: Math.max(...rows.slice(8).map((row) => row['p99 ms'])),
          unit: 'ms',
          atMost: 500,
        },
      ],
      notes: [
        `the file has ${rounded(statSync(join(folder.path, 'work', 'store.db')).size / 1e6)} MB and is in the page cache`,
        'the client is another process on the same machine, with one connection; its parsing does not count',
        'a page by what has no index looks at 2,000 jobs at most, and may be short',
      ],
    };
  } finally {
    await front.kill();
    agent.destroy();
  }
};
