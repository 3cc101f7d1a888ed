import * as z from 'zod';
import type { Event } from '#schema/event';
import { frontOf } from '../../local/supervisor/front-client.ts';
import type { BenchmarkOptions, Result, Row } from './benchmark.ts';
import { quantile, rounded } from './figures.ts';
import { replay } from './replay.ts';

export const name = 'path';
export const about = "from the DAQ's message to the payload's process, by hop, through the whole house with free slots";

const stfs = 100;
const warmStfs = 200;
const Received = z.looseObject({ stfId: z.string(), receivedAt: z.string() });
const Created = z.looseObject({ stfId: z.string() });
const Assigned = z.looseObject({ requestedAt: z.string() });
const Settled = z.looseObject({ startedAt: z.string(), endedAt: z.string() });

/** The moments of one STF, in the order in which they happen; archiving goes beside the others. */
const moments = [
  'received',
  'catalogued',
  'asked for a place',
  'assigned',
  'submitting',
  'process started',
  'submitted',
  'process ended',
  'settled',
  'processed',
] as const;
type Moment = (typeof moments)[number] | 'noted' | 'archived';
type Story = Map<Moment, number>;

type Told = { readonly key: string; readonly moments: readonly (readonly [Moment, string])[] };

const tell: Readonly<Record<string, (event: Event) => Told | undefined>> = {
  'message.received': ({ data, time }) => {
    const found = Received.safeParse(data).data;
    return (
      found && {
        key: found.stfId,
        moments: [
          ['received', found.receivedAt],
          ['noted', time],
        ],
      }
    );
  },
  'stf.archived': ({ subject, time }) => ({ key: subject, moments: [['archived', time]] }),
  'stf.catalogued': ({ subject, time }) => ({ key: subject, moments: [['catalogued', time]] }),
  'stf.processed': ({ subject, time }) => ({ key: subject, moments: [['processed', time]] }),
  'job.assigned': ({ subject, time, data }) => {
    const { requestedAt } = Assigned.parse(data);
    return {
      key: subject,
      moments: [
        ['asked for a place', requestedAt],
        ['assigned', time],
      ],
    };
  },
  'job.submitting': ({ subject, time }) => ({ key: subject, moments: [['submitting', time]] }),
  'job.submitted': ({ subject, time }) => ({ key: subject, moments: [['submitted', time]] }),
  'job.settled': ({ subject, time, data }) => {
    const { startedAt, endedAt } = Settled.parse(data);
    return {
      key: subject,
      moments: [
        ['process started', startedAt],
        ['process ended', endedAt],
        ['settled', time],
      ],
    };
  },
};

/** Which STF a job is about; the merge of the run is about none. */
const stfsOfJobs = (events: readonly Event[]): Map<string, string> =>
  new Map(
    events.flatMap(({ type, subject, data }) => {
      const created = type === 'job.created' ? Created.safeParse(data) : undefined;
      return created?.success ? [[subject, created.data.stfId] as const] : [];
    }),
  );

const storiesOf = (events: readonly Event[]): Story[] => {
  const jobs = stfsOfJobs(events);
  const stories = new Map<string, Story>();
  for (const event of events) {
    const told = tell[event.type]?.(event);
    if (told === undefined) continue;
    const stfId = event.type.startsWith('job.') ? jobs.get(told.key) : told.key;
    if (stfId === undefined) continue;
    const story: Story = stories.get(stfId) ?? new Map();
    stories.set(stfId, story);
    for (const [moment, at] of told.moments) story.set(moment, Date.parse(at));
  }
  return [...stories.values()].sort((a, b) => (a.get('received') ?? 0) - (b.get('received') ?? 0));
};

const between = (stories: readonly Story[], from: Moment, to: Moment): number[] =>
  stories.flatMap((story) => {
    const [begin, end] = [story.get(from), story.get(to)];
    return begin === undefined || end === undefined ? [] : [end - begin];
  });

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
