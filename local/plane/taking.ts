import type { Config } from '#lib/config';
import type { Log } from '#lib/log';
import type { Seal } from '#lib/seal';
import type { Clock } from '#ports/clock';
import { accounts, type CatalogEntry, inboxes, type Plane } from '../../functions/catalog.ts';
import type { Call } from './functions.ts';
import type { Guard } from './guard.ts';
import { localFacility } from './local-facility.ts';
import type { Pause } from './pause.ts';
import type { Place } from './place.ts';
import { type Feed, feedsOf } from './queues.ts';
import { createReceiver } from './receiver.ts';
import { startSchedule } from './schedules.ts';
import { type Forged, sealedReceiver } from './sealed-receiver.ts';
import { startTrigger, type Taking } from './triggers.ts';

/** How a plane on a stack tells what papilio sent from what others did. */
export type Sealing = {
  readonly seal: Seal;
  /** Queues that state machines send to, by the name in their definitions. */
  readonly fedByMachines: ReadonlySet<string>;
  readonly hold: (queue: string, forged: readonly Forged[]) => Promise<void>;
};

type TakingOptions = {
  readonly plane: Plane;
  readonly catalog: Readonly<Record<string, CatalogEntry>>;
  readonly config: Config;
  readonly place: Pick<Place, 'sqsFor' | 'queueUrl'>;
  /** Absent where nobody else reaches the queues. */
  readonly sealing?: Sealing | undefined;
  readonly call: Call;
  readonly guard: Guard;
  readonly pause: Pause;
  readonly clock: Clock;
  readonly log: Log;
};

const trigger = (options: TakingOptions, feed: Feed): Taking[] => {
  const { plane, place, sealing, config, call, guard, pause, clock, log } = options;
  const { trigger: from } = feed.entry;
  if (from.kind !== 'queue') return [];
  const region = config.PAPILIO_REGION;
  const both: readonly string[] = Object.values(inboxes);
  const account = both.includes(feed.queue) ? accounts.archive : accounts[plane];
  const arn = `arn:aws:sqs:${region}:${account}:${feed.queue}`;
  const url = place.queueUrl(feed.queue, plane);
  const open = createReceiver({ client: place.sqsFor(feed.queue), url, arn, region, clock });
  const isFedByMachines = sealing?.fedByMachines.has(from.queue) ?? false;
  const receiver =
    sealing === undefined
      ? open
      : sealedReceiver(open, { ...sealing, account, queue: feed.queue, isFedByMachines, clock });
  const { goesAlone } = guard;
  return [
    startTrigger({
      functionName: feed.functionName,
      receiver,
      batch: from.batch,
      parallel: from.parallel,
      call,
      goesAlone,
      pause,
      clock,
      log,
    }),
  ];
};

const schedule = (options: TakingOptions, functionName: string, entry: CatalogEntry): Taking[] => {
  const { call, clock, log } = options;
  const { trigger: from } = entry;
  if (from.kind !== 'schedule') return [];
  const { everyS, atStart } = from;
  const start = (id: string, payload: object) =>
    startSchedule({ functionName, everyS, atStart, payload, id, call, clock, log });
  return entry.isPerFacility ? [start(localFacility, { facility: localFacility })] : [start('schedule', {})];
};

/** Starts all that gives a plane work: its queues and its schedules. */
export const startTaking = (options: TakingOptions): Taking => {
  const { plane, catalog } = options;
  const triggers = feedsOf(plane, catalog, [localFacility]).flatMap((feed) => trigger(options, feed));
  const own = Object.entries(catalog).filter(([, entry]) => entry.plane === plane);
  const schedules = own.flatMap(([name, entry]) => schedule(options, name, entry));
  const all = [...triggers, ...schedules];
  return {
    stop: async () => {
      await Promise.all(all.map((taking) => taking.stop()));
    },
  };
};
