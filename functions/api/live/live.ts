import type { Readable } from 'node:stream';
import { asPapilioError } from '#lib/errors';
import type { Log } from '#lib/log';
import type { Clock } from '#ports/clock';
import type { Principal } from '#schema/access';
import { type EventFilter, testOf } from '../event-filter.ts';
import { headOfLogs } from '../events.ts';
import type { Feed } from '../feed.ts';
import { isPast, type Position } from '../position.ts';
import type { Surroundings } from '../surroundings.ts';
import { type Audience, createAudience } from './audience.ts';
import { greeting, resetBlock } from './block.ts';
import { createHub } from './hub.ts';
import { type LivePolicy, livePolicy } from './policy.ts';
import { createTelling } from './telling.ts';

/** Live events. */
export type Live = {
  /**
   * Begins a stream of what fits a filter: after a position, or with what comes next.
   * @throws live-clients-too-many, quota-exceeded
   */
  readonly open: (principal: Principal, filter: EventFilter, after: Position | undefined) => Promise<Readable>;
  readonly standingOf: Audience['standingOf'];
  /** Ends all streams; resolves when they have ended. */
  readonly stop: () => Promise<void>;
};

type LiveOptions = {
  readonly clock: Clock;
  readonly log: Log;
  readonly feed: Feed;
  readonly records: Surroundings['records'];
  /** What differs from the policy by default. */
  readonly live?: Partial<LivePolicy>;
};

/** Starts to tell what the feed brings to whoever listens. */
export const createLive = ({ clock, log, feed, records, live }: LiveOptions): Live => {
  const policy = { ...livePolicy, ...live };
  const hub = createHub({ clock, policy });
  const audience = createAudience({ clock, log, policy });
  const tell = createTelling({ clock, records, hub, policy });
  const stopTaking = feed.onEvents((events) => {
    hub.take(events);
    for (const { type, subject } of events) if (type === 'token.revoked') audience.endOf(subject);
  }, hub.begin);
  let opened = 0;

  /** Clients that lose a front at the same moment come back one after the other. */
  const retryMs = (): number => {
    opened += 1;
    return policy.retryFirstMs + ((opened * 37) % policy.retrySpreadMs);
  };

  return {
    standingOf: audience.standingOf,
    open: async (principal, filter, after) => {
      const head = await headOfLogs(records);
      const isKnown = after === undefined || !isPast(after, { ...after, ...head });
      const from = after !== undefined && isKnown ? after : { ...feed.position(), ...head };
      const client = audience.admit(principal, hub.leave);
      client.push(greeting(from, retryMs()));
      if (after && !isKnown) client.push(resetBlock(after, from));
      tell(client, testOf(filter), from).catch((thrown: unknown) => {
        log.warn({ reason: asPapilioError(thrown).reason }, 'live client could not be told more');
        client.end();
      });
      return client.stream;
    },
    stop: async () => {
      stopTaking();
      hub.stop();
      await audience.dismiss();
    },
  };
};
