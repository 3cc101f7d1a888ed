import { frontOf } from '../../local/supervisor/front-client.ts';
import type { BenchmarkOptions, Result, Row } from './benchmark.ts';
import { quantile, rounded } from './figures.ts';
import { replay } from './replay.ts';
import { between, type Moment, moments, type Story, storiesOf } from './stories.ts';

export const name = 'path';
export const about = "from the DAQ's message to the payload's process, by hop, through the whole house with free slots";

const stfs = 100;
const warmStfs = 200;

const rowOf = (stories: readonly Story[], from: Moment, to: Moment): Row => {
  const hop = between(stories, from, to);
  const whole = between(stories, 'received', to);
  return {
    from,
    to,
    'p50 ms': rounded(quantile(hop, 0.5)),
    'p99 ms': rounded(quantile(hop, 0.99)),
    'since received p50': rounded(quantile(whole, 0.5)),
    'since received p99': rounded(quantile(whole, 0.99)),
    STFs: hop.length,
  };
};

const p50Of = (stories: readonly Story[]): number =>
  rounded(quantile(between(stories, 'received', 'process started'), 0.5));

/** Plays a run at its own pace, with a slot free for each STF, and reads the hops from the event logs. */
export const run = async ({ scale, say }: BenchmarkOptions): Promise<Result> => {
  const count = Math.max(10, Math.round(stfs * scale));
  say(`plays ${warmStfs} STFs, one each 0.15 s, then ${count}, one each 0.6 s: ${Math.round(count * 0.6) + 40} s`);
  const { work, archive } = await replay({
    stfs: warmStfs + count,
    warmStfs,
    speed: 1,
    house: { environment: { PAPILIO_LOCAL_SLOTS: '8' } },
    after: async (house) => (await frontOf(house.folder)).quiet(),
  });
  const stories = storiesOf([...archive, ...work]);
  const [first, early, warm] = [stories.slice(0, 1), stories.slice(1, 30), stories.slice(warmStfs)];
  const pairs = moments.slice(1).map((to, at): readonly [Moment, Moment] => [moments[at] ?? 'received', to]);
  const started = between(warm, 'received', 'process started');
  const [p50, p99] = [rounded(quantile(started, 0.5)), rounded(quantile(started, 0.99))];
  return {
    tables: {
      'hops of an STF': [
        rowOf(warm, 'received', 'noted'),
        rowOf(warm, 'noted', 'archived'),
        ...pairs.map(([from, to]) => rowOf(warm, from, to)),
      ],
    },
    bars: [
      { what: 'message → payload process started, p50', measured: p50, unit: 'ms', atMost: 10 },
      { what: 'message → payload process started, p99', measured: p99, unit: 'ms', atMost: 100 },
    ],
    notes: [
      `measured are the ${warm.length} STFs after ${warmStfs} others, as in a house in service; message → payload process p50 of the very first STF ${p50Of(first)} ms, of the next ${early.length} ${p50Of(early)} ms`,
      'moments are those of the event log, whole milliseconds; received is when the bridge had the message',
      'process started is when the payload’s wrapper runs; the payload itself needs its Node’s start more, about 40 ms of CPU',
    ],
  };
};
