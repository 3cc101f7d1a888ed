import * as z from 'zod';
import type { Event } from '#schema/event';

const Received = z.looseObject({ stfId: z.string(), receivedAt: z.string() });
const Created = z.looseObject({ stfId: z.string() });
const Assigned = z.looseObject({ requestedAt: z.string() });
const Settled = z.looseObject({ startedAt: z.string(), endedAt: z.string() });

/** The moments of one STF, in the order in which they happen; archiving goes beside the others. */
export const moments = [
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
/** A moment of an STF's way. */
export type Moment = (typeof moments)[number] | 'noted' | 'archived';
/** When each moment of an STF was, in milliseconds since 1970. */
export type Story = ReadonlyMap<Moment, number>;

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

/** The ways of all STFs that the events of both planes tell of, in the order in which they were received. */
export const storiesOf = (events: readonly Event[]): Story[] => {
  const jobs = stfsOfJobs(events);
  const stories = new Map<string, Map<Moment, number>>();
  for (const event of events) {
    const told = tell[event.type]?.(event);
    if (told === undefined) continue;
    const stfId = event.type.startsWith('job.') ? jobs.get(told.key) : told.key;
    if (stfId === undefined) continue;
    const story = stories.get(stfId) ?? new Map<Moment, number>();
    stories.set(stfId, story);
    for (const [moment, at] of told.moments) story.set(moment, Date.parse(at));
  }
  return [...stories.values()].sort((a, b) => (a.get('received') ?? 0) - (b.get('received') ?? 0));
};

/** How long each took from one moment to another, in milliseconds; those that lack one are left out. */
export const between = (stories: readonly Story[], from: Moment, to: Moment): number[] =>
  stories.flatMap((story) => {
    const [begin, end] = [story.get(from), story.get(to)];
    return begin === undefined || end === undefined ? [] : [end - begin];
  });
