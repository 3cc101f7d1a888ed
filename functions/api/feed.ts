import { asPapilioError } from '#lib/errors';
import type { Log } from '#lib/log';
import type { Clock } from '#ports/clock';
import type { Event } from '#schema/event';
import type { Plane } from '../catalog.ts';
import { createTally, type Tally } from '../monitoring/tally.ts';
import { isPast, type Position } from './position.ts';
import type { PlanePeer, PlaneRecords } from './surroundings.ts';

/** When a plane last gave a sign of life, and whether its log is being followed now. */
export type PlaneNews = { readonly isFollowed: boolean; readonly lastNewsAtMs: number | undefined };

/** Both logs, followed as they grow, with the tally of all their events. */
export type Feed = {
  readonly tally: Tally;
  readonly position: () => Position;
  readonly news: (plane: Plane) => PlaneNews;
  /** Resolves at once if a log is past `after`, else with the next event, with a plane's coming or going, or after `waitMs`. */
  readonly wait: (after: Position, waitMs: number) => Promise<void>;
  /** Hands over events as they come, each log in its order, until the function that it returns is called. */
  readonly onEvents: (take: (events: readonly Event[]) => void) => () => void;
  readonly stop: () => Promise<void>;
};

type FeedOptions = {
  readonly clock: Clock;
  readonly log: Log;
  readonly peers: Readonly<Record<Plane, PlanePeer>>;
  readonly records: (plane: Plane) => Promise<PlaneRecords>;
};

const pageSize = 1000;
const longPollMs = 20_000;
const retryMs = 500;

/** Resolves after a time, or when the signal fires. */
export const pause = (clock: Clock, durationMs: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const cancel = clock.at(clock.nowMs() + durationMs, resolve);
    signal.addEventListener(
      'abort',
      () => {
        cancel();
        resolve();
      },
      { once: true },
    );
  });

/** Whoever waits for the next change. */
const createWaiters = (clock: Clock) => {
  const waiters = new Set<() => void>();
  const wake = (): void => {
    for (const waiter of [...waiters]) waiter();
  };
  const wait = (waitMs: number): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        waiters.delete(done);
        cancel();
        resolve();
      };
      const cancel = clock.at(clock.nowMs() + waitMs, done);
      waiters.add(done);
    });
  return { wake, wait };
};

/** Follows one log: first what is stored, then the socket; while the plane is away, again what is stored. */
const follow = async (
  plane: Plane,
  { clock, log, peers, records }: FeedOptions,
  to: {
    readonly seq: () => number;
    readonly take: (events: readonly Event[]) => void;
    readonly tell: (isFollowed: boolean) => void;
  },
  signal: AbortSignal,
): Promise<void> => {
  const catchUp = async (): Promise<void> => {
    for (;;) {
      const events = await (await records(plane)).log.read(to.seq(), pageSize);
      if (events.length === 0 || signal.aborted) return;
      to.take(events);
    }
  };
  /** `connecting` asks without waiting: an answer says at once that the plane is there. */
  const ask = async (waitMs: number): Promise<void> => {
    const { events } = await peers[plane].log(to.seq(), { limit: pageSize, waitMs }, signal);
    to.tell(true);
    to.take(events);
  };
  let isConnected = false;
  await catchUp().catch((thrown: unknown) =>
    log.debug({ plane, reason: asPapilioError(thrown).reason }, 'log not there yet'),
  );
  while (!signal.aborted) {
    try {
      await ask(isConnected ? longPollMs : 0);
      isConnected = true;
    } catch (thrown) {
      if (signal.aborted) return;
      if (isConnected) log.warn({ plane, reason: asPapilioError(thrown).reason }, 'plane away');
      isConnected = false;
      to.tell(false);
      await catchUp().catch(() => undefined);
      await pause(clock, retryMs, signal);
    }
  }
};

/** Starts to follow both logs. */
export const createFeed = (options: FeedOptions): Feed => {
  const { clock } = options;
  const tally = createTally();
  const seqs: Record<Plane, number> = { archive: 0, work: 0 };
  const news: Record<Plane, PlaneNews> = {
    archive: { isFollowed: false, lastNewsAtMs: undefined },
    work: { isFollowed: false, lastNewsAtMs: undefined },
  };
  const waiters = createWaiters(clock);
  const takers = new Set<(events: readonly Event[]) => void>();
  const stopping = new AbortController();

  const sinkOf = (plane: Plane) => ({
    seq: () => seqs[plane],
    take: (events: readonly Event[]): void => {
      const fresh = events.filter((event) => event.seq > seqs[plane]);
      for (const event of fresh) tally.apply(event);
      seqs[plane] = fresh.at(-1)?.seq ?? seqs[plane];
      if (fresh.length === 0) return;
      for (const take of takers) take(fresh);
      waiters.wake();
    },
    tell: (isFollowed: boolean): void => {
      const hasChanged = news[plane].isFollowed !== isFollowed;
      news[plane] = { isFollowed, lastNewsAtMs: isFollowed ? clock.nowMs() : news[plane].lastNewsAtMs };
      if (hasChanged) waiters.wake();
    },
  });
  const following = Promise.all(
    (['archive', 'work'] as const).map((plane) => follow(plane, options, sinkOf(plane), stopping.signal)),
  );

  const position = (): Position => ({ ...seqs });
  return {
    tally,
    position,
    news: (plane) => news[plane],
    wait: async (after, waitMs) => {
      if (waitMs > 0 && !isPast(position(), after)) await waiters.wait(waitMs);
    },
    onEvents: (take) => {
      takers.add(take);
      return () => takers.delete(take);
    },
    stop: async () => {
      stopping.abort();
      waiters.wake();
      await following;
    },
  };
};
