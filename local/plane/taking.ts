import type { SQSClient } from '@aws-sdk/client-sqs';
import type { Config } from '#lib/config';
import { embedded } from '#lib/deps';
import type { Log } from '#lib/log';
import type { Clock } from '#ports/clock';
import { accounts, type CatalogEntry, inboxes, type Plane } from '../../functions/catalog.ts';
import type { Call } from './functions.ts';
import type { Guard } from './guard.ts';
import { localFacility } from './local-facility.ts';
import type { Pause } from './pause.ts';
import { type Feed, feedsOf } from './queues.ts';
import { createReceiver } from './receiver.ts';
import { startSchedule } from './schedules.ts';
import { startTrigger, type Taking } from './triggers.ts';

type TakingOptions = {
  readonly plane: Plane;
  readonly catalog: Readonly<Record<string, CatalogEntry>>;
  readonly config: Config;
  readonly sqs: SQSClient;
  readonly call: Call;
  readonly guard: Guard;
  readonly pause: Pause;
  readonly clock: Clock;
  readonly log: Log;
};

const trigger = (options: TakingOptions, feed: Feed, url: string): Taking[] => {
  const { plane, sqs, config, call, guard, pause, clock, log } = options;
  const { trigger: from } = feed.entry;
  if (from.kind !== 'queue') return [];
  const region = config.PAPILIO_REGION;
  const both: readonly string[] = Object.values(inboxes);
  const account = both.includes(feed.queue) ? accounts.archive : accounts[plane];
  const arn = `arn:aws:sqs:${region}:${account}:${feed.queue}`;
  const receiver = createReceiver({ client: sqs, url, arn, region, clock });
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
export const startTaking = async (options: TakingOptions): Promise<Taking> => {
  const { plane, catalog } = options;
  const queueUrl = await embedded.queueUrl();
  const triggers = feedsOf(plane, catalog, [localFacility]).flatMap((feed) =>
    trigger(options, feed, queueUrl(feed.queue, plane)),
  );
  const own = Object.entries(catalog).filter(([, entry]) => entry.plane === plane);
  const schedules = own.flatMap(([name, entry]) => schedule(options, name, entry));
  const all = [...triggers, ...schedules];
  return {
    stop: async () => {
      await Promise.all(all.map((taking) => taking.stop()));
    },
  };
};
