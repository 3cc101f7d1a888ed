import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askAll } from './age/ask.ts';
import { type Age, ages, makeAged } from './age/folder.ts';
import { residentMbOf, type StartedInstance, startOn } from './age/instance.ts';
import { comparePrices } from './age/price.ts';
import type { Bar, BenchmarkOptions, Result, Row } from './benchmark.ts';
import { median, rounded } from './figures.ts';

export const name = 'age';
export const about = 'starts, memory and answers on data folders of a day, a month and a year, against a fresh one';

const starts = 3;
const timesEach = 300;
/** STFs that are played to learn what one more takes. */
const furtherStfs = 200;
const firstFurtherRun = 30_001;

type Started = Pick<StartedInstance, 'readyMs' | 'listensMs' | 'longestPauseMs'>;

/** Starts papilio on both folders in turns and stops it again. The first start of each folder folds its log and is not counted. */
const startsOf = async (folders: readonly string[]): Promise<Started[][]> => {
  const found = folders.map((): Started[] => []);
  for (let time = 0; time <= starts; time++) {
    for (const [at, folder] of folders.entries()) {
      const { house, ...started } = await startOn(folder);
      await house.stop();
      if (time > 0) found[at]?.push(started);
    }
  }
  return found;
};

const middle = (some: readonly Started[], of: keyof Started): number => rounded(median(some.map((one) => one[of])));

/** Compares one age with a fresh folder: starts in turns, then both at once, asked in turns. */
const compare = async (
  age: Age,
  folders: readonly [fresh: string, aged: string],
  { times, ...played }: { readonly times: number; readonly stfs: number; readonly run: number },
) => {
  const [fresh = [], aged = []] = await startsOf(folders);
  const running = [await startOn(folders[0]), await startOn(folders[1])] as const;
  const asked = await askAll(
    running.map(({ port }) => port),
    times,
  );
  const frontMb = running.map(({ house }) => rounded(residentMbOf(house.pid('front'))));
  const further = await comparePrices(age.name, running, folders, played);
  for (const { house } of running) await house.stop();
  const rows = [...asked].map(
    ([what, [young, old]]): Row => ({
      'asked for': what,
      'fresh p50 ms': rounded(young?.p50Ms ?? 0),
      'p50 ms': rounded(old?.p50Ms ?? 0),
      'fresh p99 ms': rounded(young?.p99Ms ?? 0),
      'p99 ms': rounded(old?.p99Ms ?? 0),
      kB: rounded((old?.bytes ?? 0) / 1000),
      HTTP: old?.status ?? 0,
    }),
  );
  const slowest = Math.max(...[...asked.values()].map(([young, old]) => (old?.p99Ms ?? 0) / (young?.p99Ms ?? 1)));
  const start: Row = {
    age: age.name,
    'fresh ready ms': middle(fresh, 'readyMs'),
    'ready ms': middle(aged, 'readyMs'),
    'listens ms': middle(aged, 'listensMs'),
    'longest pause ms': middle(aged, 'longestPauseMs'),
    'fresh front MB': frontMb[0] ?? 0,
    'front MB': frontMb[1] ?? 0,
    ...further.row,
  };
  const bars: Bar[] = [
    {
      what: `${age.name}: start to ready beyond a fresh folder's`,
      measured: rounded(Number(start['ready ms']) - Number(start['fresh ready ms'])),
      unit: 'ms',
      atMost: 3000,
    },
    { what: `${age.name}: memory of the front`, measured: frontMb[1] ?? 0, unit: 'MB', atMost: 200 },
    {
      what: `${age.name}: p99 of the slowest answer, against a fresh folder's`,
      measured: rounded(slowest),
      unit: '×',
      atMost: 2,
    },
    {
      what: `${age.name}: longest pause of the front at a start`,
      measured: Number(start['longest pause ms']),
      unit: 'ms',
      atMost: 100,
    },
    ...further.bars,
  ];
  return { start, rows, bars };
};

/** Makes a folder of each age and compares it with a fresh one. Below scale 1 the folders are smaller, and only a day's is made. */
export const run = async ({ scale, say }: BenchmarkOptions): Promise<Result> => {
  const scratch = mkdtempSync(join(tmpdir(), 'papilio-age-'));
  const made = ages
    .filter(({ name: age }) => scale >= 1 || age === 'fresh' || age === 'day')
    .map((age) => ({
      ...age,
      stfs: age.name === 'fresh' ? age.stfs : Math.round(age.stfs * Math.min(1, scale)),
      executions: Math.round(age.executions * Math.min(1, scale)),
    }));
  const [fresh, ...older] = made;
  const tables: Record<string, readonly Row[]> = {};
  const bars: Bar[] = [];
  const startRows: Row[] = [];
  try {
    if (fresh === undefined) throw new RangeError('no ages');
    const freshFolder = join(scratch, fresh.name);
    await makeAged(freshFolder, fresh, say);
    for (const age of older) {
      const folder = join(scratch, age.name);
      const beganMs = performance.now();
      await makeAged(folder, age, say);
      say(`${age.name}: made in ${rounded((performance.now() - beganMs) / 1000)} s`);
      const found = await compare(age, [freshFolder, folder], {
        times: Math.max(20, Math.round(timesEach * scale)),
        stfs: Math.max(20, Math.round(furtherStfs * Math.min(1, scale))),
        run: firstFurtherRun + older.indexOf(age),
      });
      startRows.push(found.start);
      tables[`answers: ${age.name}`] = found.rows;
      bars.push(...found.bars);
      rmSync(folder, { recursive: true, force: true });
    }
    return {
      tables: { 'starts, the median of three': startRows, ...tables },
      bars,
      notes: older.map(({ name: age, stfs, isReal }) => `${age}: ${stfs} STFs; ${isReal}`),
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 3 });
  }
};
