import { join } from 'node:path';
import type { Event } from '#schema/event';
import { EventPage } from '#schema/view';
import { reset } from '../../local/stack/down.ts';
import { type StackFile, stackPath } from '../../local/stack/stack-file.ts';
import { bringUp } from '../../local/stack/up.ts';
import { frontOf } from '../../local/supervisor/front-client.ts';
import type { House } from '../../local/supervisor/house.ts';
import { aFolder } from '../builders/a-folder.ts';
import type { BenchmarkOptions, Result, Row } from './benchmark.ts';
import { quantile, rounded } from './figures.ts';
import { playThrough } from './replay.ts';
import { between, storiesOf } from './stories.ts';
import { type Sample, watchUsage } from './usage.ts';

export const name = 'places';
export const about =
  'the first path embedded, on ministack and on LocalStack: STFs a second, latencies and CPU, in one run';

/** One STF each 0.6 s to read latencies, and all at once to read how many there are a second. */
const paced = { stfs: 30, warmStfs: 10, speed: 1 };
const atOnce = { stfs: 40, speed: 1_000 };
const processes = ['archive', 'work', 'front', 'bridge'] as const;
type Kind = StackFile['kind'] | 'embedded';

/** All events that the front tells of. */
const eventsOf = async (house: House): Promise<readonly Event[]> => {
  const { baseUrl, token } = await frontOf(house.folder);
  const events: Event[] = [];
  for (let after = ''; ; ) {
    const query = `limit=1000${after === '' ? '' : `&after=${after}`}`;
    const answer = await fetch(`${baseUrl}/v1/events?${query}`, { headers: { authorization: `Bearer ${token}` } });
    const { items, next } = EventPage.parse(await answer.json());
    if (items.length === 0) return events;
    events.push(...items);
    after = next;
  }
};

const cpuOf = (samples: readonly Sample[], names: readonly string[]): number => {
  const at = (sample: Sample | undefined) => names.reduce((sum, each) => sum + (sample?.[each]?.cpuS ?? 0), 0);
  return at(samples.at(-1)) - at(samples[0]);
};

/** Plays a run and gives what the logs tell of it, and what papilio and the services took of the CPU meanwhile, in seconds. */
const play = async (pace: typeof paced | typeof atOnce, stack: StackFile | undefined) => {
  let watch = (): readonly Sample[] => [];
  const parts = stack?.parts ?? [];
  const place = stack === undefined ? {} : { PAPILIO_STACK: stackPath(stack.folder) };
  const before = async (house: House): Promise<void> => {
    const own = processes.map((each) => [each, () => house.pid(each)] as const);
    const others = parts.map(({ name: part, pid }) => [part, () => pid] as const);
    watch = watchUsage(Object.fromEntries([...own, ...others]));
  };
  const house = { environment: { PAPILIO_LOCAL_SLOTS: '8', ...place } };
  const { events, samples } = await playThrough({ ...pace, house, before }, async (playing) => {
    await (await frontOf(playing.folder)).quiet();
    return { samples: watch(), events: await eventsOf(playing) };
  });
  const services = parts.map(({ name: part }) => part);
  return { stories: storiesOf(events), papilioS: cpuOf(samples, processes), servicesS: cpuOf(samples, services) };
};

/** Every stack belongs to one run: what a run leaves behind in it is no burden to the next. */
const playOn = async (kind: Kind, pace: typeof paced | typeof atOnce, { say }: BenchmarkOptions) => {
  if (kind === 'embedded') return play(pace, undefined);
  using scratch = aFolder();
  const folder = join(scratch.path, 'stack');
  const about = { instance: 'dev-local', wing: 'bnl', region: 'us-east-1' } as const;
  const stack = await bringUp({ folder, kind, ...about, say });
  try {
    return await play(pace, stack);
  } finally {
    await reset(folder, say);
  }
};

const measure = async (kind: Kind, options: BenchmarkOptions): Promise<Row> => {
  const sized = { ...paced, stfs: Math.max(10, Math.round(paced.stfs * options.scale)) + paced.warmStfs };
  options.say(`${kind}: ${sized.stfs} STFs, one each 0.6 s, then ${atOnce.stfs} at once`);
  const steady = await playOn(kind, sized, options);
  const warm = steady.stories.slice(paced.warmStfs);
  const rush = await playOn(kind, atOnce, options);
  const ends = rush.stories.flatMap((story) => story.get('processed') ?? []);
  const begins = rush.stories.flatMap((story) => story.get('received') ?? []);
  const archived = between(warm, 'received', 'archived');
  const processed = between(warm, 'received', 'processed');
  return {
    place: kind,
    'STFs/s': rounded((ends.length * 1000) / (Math.max(...ends) - Math.min(...begins))),
    'archived p50 ms': rounded(quantile(archived, 0.5)),
    'archived p99 ms': rounded(quantile(archived, 0.99)),
    'processed p50 ms': rounded(quantile(processed, 0.5)),
    'processed p99 ms': rounded(quantile(processed, 0.99)),
    'papilio CPU ms/STF': rounded((steady.papilioS * 1000) / sized.stfs),
    'services CPU ms/STF': rounded((steady.servicesS * 1000) / sized.stfs),
    STFs: processed.length,
  };
};

/** The same run in each place, one place after the other. */
export const run = async (options: BenchmarkOptions): Promise<Result> => {
  const rows: Row[] = [];
  for (const kind of ['embedded', 'ministack', 'localstack'] as const) rows.push(await measure(kind, options));
  return {
    tables: { 'message → archived, message → first result': rows },
    bars: [],
    notes: [
      `latencies are of the STFs at a steady pace after ${paced.warmStfs} others; STFs/s of ${atOnce.stfs} whose messages come at once, from the first message to the last result`,
      'papilio’s CPU has its payloads in it; the services are the emulator, DynamoDB Local and MinIO; both include starting to work and what idles',
      'ministack and LocalStack emulate AWS; they say what the path costs papilio there, not how fast AWS is',
    ],
  };
};
