import * as z from 'zod';
import type { Event } from '#schema/event';
import { frontOf } from '../../local/supervisor/front-client.ts';
import type { House } from '../../local/supervisor/house.ts';
import type { BenchmarkOptions, Result, Row } from './benchmark.ts';
import { median, quantile, rounded } from './figures.ts';
import { replay } from './replay.ts';
import { type Sample, watchUsage } from './usage.ts';

export const name = 'stream';
export const about =
  'a stream of 1 MB STFs through the whole house: latencies, CPU, memory, and the highest rate that holds';

/** Messages come each 0.6 s at speed 1. */
const stfEveryS = 0.6;
/** STF/s: by duration, and if 100 Gb/s are recorded in files of 2 GB. */
const mainRate = 6.25;
const mainS = 600;
const rampRates = [1.67, 3, 4.5, 6.25, 9, 13, 20, 30, 45] as const;
const rampS = 45;
const processes = ['archive', 'work', 'front', 'bridge'] as const;
const Timed = z.looseObject({ receivedAt: z.iso.datetime() });

type Held = {
  readonly rate: number;
  readonly stfs: number;
  readonly archivedMs: readonly number[];
  readonly processedMs: readonly number[];
  readonly samples: readonly Sample[];
  readonly wallS: number;
  /** STF/s, from the first message's receipt to the last one's. */
  readonly played: number;
  /** Archived and processed when the last message was in the queues. */
  readonly atEnd: { readonly archived: number; readonly processed: number };
};

const playedOf = (events: readonly Event[]): number => {
  const atMs = events
    .filter(({ type }) => type === 'stf.archived')
    .map(({ data }) => Date.parse(Timed.parse(data).receivedAt));
  return ((atMs.length - 1) * 1000) / (Math.max(...atMs) - Math.min(...atMs));
};

const latenciesOf = (events: readonly Event[], type: string): number[] =>
  events
    .filter((event) => event.type === type)
    .map((event) => Date.parse(event.time) - Date.parse(Timed.parse(event.data).receivedAt));

/** Plays so many STFs at a rate through a house of its own; everything is archived and processed at its end. */
const hold = async (rate: number, stfs: number): Promise<Held> => {
  let watch = (): readonly Sample[] => [];
  let [startedMs, endedMs] = [0, 0];
  const begin = async (house: House): Promise<void> => {
    startedMs = performance.now();
    watch = watchUsage(Object.fromEntries(processes.map((each) => [each, () => house.pid(each)])));
  };
  let samples: readonly Sample[] = [];
  const end = async (house: House): Promise<void> => {
    endedMs = performance.now();
    samples = watch();
    await (await frontOf(house.folder)).quiet();
  };
  const told = await replay({ stfs, speed: rate * stfEveryS, before: begin, after: end });
  const until = ({ type, time }: Event, wanted: string) => type === wanted && time <= told.endedAt;
  return {
    rate,
    stfs,
    archivedMs: latenciesOf(told.archive, 'stf.archived'),
    processedMs: latenciesOf(told.work, 'stf.processed'),
    samples,
    wallS: (endedMs - startedMs) / 1000,
    played: playedOf(told.archive),
    atEnd: {
      archived: told.archive.filter((event) => until(event, 'stf.archived')).length,
      processed: told.work.filter((event) => until(event, 'stf.processed')).length,
    },
  };
};

const rowOf = (held: Held): Row => ({
  'STF/s asked': held.rate,
  'STF/s played': rounded(held.played),
  STFs: held.stfs,
  'archived p50 ms': rounded(quantile(held.archivedMs, 0.5)),
  'archived p99 ms': rounded(quantile(held.archivedMs, 0.99)),
  'first result p50 ms': rounded(quantile(held.processedMs, 0.5)),
  'first result p99 ms': rounded(quantile(held.processedMs, 0.99)),
  'archived at the end': held.atEnd.archived,
  'processed at the end': held.atEnd.processed,
  'CPU cores': rounded(processes.reduce((sum, each) => sum + cpuOf(held.samples, each), 0) / held.wallS),
});

/** The bridge starts with the first message and ends with the last one. */
const cpuOf = (samples: readonly Sample[], process: string): number =>
  (samples.findLast((sample) => sample[process])?.[process]?.cpuS ?? 0) - (samples[0]?.[process]?.cpuS ?? 0);

const memoryRow = (samples: readonly Sample[], process: string, wallS: number): Row => {
  const resident = samples.flatMap((sample) => (sample[process] === undefined ? [] : [sample[process].residentMb]));
  const quarter = Math.ceil(resident.length / 4);
  return {
    process,
    'CPU cores, payloads with it': rounded(cpuOf(samples, process) / wallS),
    'MB, second quarter': rounded(median(resident.slice(quarter, 2 * quarter))),
    'MB, last quarter': rounded(median(resident.slice(-quarter))),
    'MB, most': rounded(Math.max(...resident)),
  };
};

/** A rate holds if nearly all that was announced is processed when the last message is in: no backlog builds up. */
const holds = ({ stfs, rate, played, atEnd }: Held): boolean => atEnd.processed >= 0.95 * stfs && played >= 0.95 * rate;

const ramp = async (say: BenchmarkOptions['say'], scale: number): Promise<Held[]> => {
  const held: Held[] = [];
  for (const rate of rampRates) {
    say(`${rate} STF/s`);
    const next = await hold(rate, Math.max(20, Math.round(rate * rampS * scale)));
    held.push(next);
    if (!holds(next)) break;
  }
  return held;
};

/** Ten minutes at 6.25 STF/s, then ever higher rates until a backlog builds up. */
export const run = async ({ scale, say }: BenchmarkOptions): Promise<Result> => {
  const stfs = Math.max(40, Math.round(mainRate * mainS * scale));
  say(`${stfs} STFs at ${mainRate} STF/s`);
  const main = await hold(mainRate, stfs);
  const steps = await ramp(say, scale);
  const highest = Math.max(0, ...steps.filter(holds).map(({ rate }) => rate));
  const memory = processes.map((each) => memoryRow(main.samples, each, main.wallS));
  const growth = memory.map((row) => Number(row['MB, last quarter']) / Math.max(1, Number(row['MB, second quarter'])));
  return {
    tables: { [`${mainRate} STF/s`]: [rowOf(main)], 'its processes': memory, 'rising rates': steps.map(rowOf) },
    bars: [
      { what: 'message → archived, p99', measured: rounded(quantile(main.archivedMs, 0.99)), unit: 'ms', atMost: 1000 },
      {
        what: 'message → first result, p99',
        measured: rounded(quantile(main.processedMs, 0.99)),
        unit: 'ms',
        atMost: 10_000,
      },
      {
        what: 'memory, last against second quarter, the worst process',
        measured: rounded(Math.max(...growth)),
        unit: '×',
        atMost: 1.3,
      },
      { what: 'highest rate of the ladder without a backlog', measured: highest, unit: 'STF/s', atLeast: mainRate },
    ],
    notes: [
      'the bridge makes the files that it announces, so its CPU is the simulation’s',
      'a rate holds if 95 % are processed when the last message is in the queues, and the messages came at that rate',
    ],
  };
};
