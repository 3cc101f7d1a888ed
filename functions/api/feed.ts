import { asPapilioError } from '#lib/errors';
import type { Clock } from '#ports/clock';
import type { Event } from '#schema/event';
import type { Plane } from '../catalog.ts';
import { createTally, type Tally } from '../monitoring/tally.ts';
import { type Counter, createCounter } from './following/counter.ts';
import { catchUp, follow, type Logs, type Sink } from './following/follow.ts';
import { type Keeping, keepNothing, type Owner, Unusable } from './following/keeping.ts';
import { createWaiters, pause } from './following/waiting.ts';
import { isPast, type Position, startOfLogs } from './position.ts';

/** When a plane last gave a sign of life, and whether its log is being followed now. */
export type PlaneNews = { readonly isFollowed: boolean; readonly lastNewsAtMs: number | undefined };

/** Whether events that were there at the start are still to be counted, and where the logs ended then. */
export type Progress = { readonly isCatchingUp: boolean; readonly end: Position };

/** Both logs, followed as they grow, with the tally of all their events. */
export type Feed = {
  readonly tally: Tally;
  readonly position: () => Position;
  readonly progress: () => Progress;
  readonly news: (plane: Plane) => PlaneNews;
  /** Resolves at once if a log is past `after`, else with the next event, with a plane's coming or going, or after `waitMs`. */
  readonly wait: (after: Position, waitMs: number) => Promise<void>;
  /**
   * Hands over events as they come, each log in its order, until the function that it returns is called: those after the
   * place that `begin` is called with, which is where the logs were when all of them were counted.
   */
  readonly onEvents: (take: (events: readonly Event[]) => void, begin: (position: Position) => void) => () => void;
  /** Keeps what was counted, and follows no longer. */
  readonly stop: () => Promise<void>;
};

/** What a feed is created with. */
export type FeedOptions = Logs & {
  /** Where what was counted is kept; nowhere by default. */
  readonly keeping?: Keeping;
  /** Whose events they are. */
  readonly owner?: Owner;
};

const planes = ['archive', 'work'] as const satisfies readonly Plane[];
const retryMs = 500;
const notUsed = 'checkpoint not used; all events are counted again';
const anyOwner: Owner = { instance: 'none', wing: 'none', epoch: 1 };

/** Where a log ends now; its beginning while it cannot be read. */
const endOf = async (plane: Plane, { records }: FeedOptions): Promise<number> => {
  try {
    return await (await records(plane)).log.head();
  } catch {
    return 0;
  }
};

/** Goes on from what was kept; from the first event where that cannot be used. */
const openCounter = async (options: FeedOptions, keeping: Keeping): Promise<Counter> => {
  const { clock, log, owner = anyOwner } = options;
  const onFailure = (error: unknown): void =>
    log.warn({ reason: asPapilioError(error).reason }, 'what was counted could not be kept');
  const around = { clock, keeping, owner, onFailure };
  try {
    return await createCounter(await keeping.load(), around);
  } catch (thrown) {
    if (!(thrown instanceof Unusable)) throw thrown;
    log.warn({ reason: thrown.message }, notUsed);
    await keeping.clear();
    return createCounter(undefined, around);
  }
};

/** When each plane last gave a sign of life. */
const createNews = (clock: Clock, onChange: () => void) => {
  const news: Record<Plane, PlaneNews> = {
    archive: { isFollowed: false, lastNewsAtMs: undefined },
    work: { isFollowed: false, lastNewsAtMs: undefined },
  };
  const tell = (plane: Plane, isFollowed: boolean): void => {
    const { isFollowed: was, lastNewsAtMs } = news[plane];
    news[plane] = { isFollowed, lastNewsAtMs: isFollowed ? clock.nowMs() : lastNewsAtMs };
    if (was !== isFollowed) onChange();
  };
  return { of: (plane: Plane) => news[plane], tell };
};

/** Counts what is there, then what comes, until the signal fires. @throws Unusable */
const followAll = async (counter: Counter, options: FeedOptions, sink: Sink, onCaughtUp: () => void): Promise<void> => {
  const ending = new AbortController();
  const own = { ...sink, signal: AbortSignal.any([sink.signal, ending.signal]) };
  await catchUp(counter, planes, options, own);
  onCaughtUp();
  const following = planes.map((plane) => follow(counter, plane, options, own));
  try {
    await Promise.all(following);
  } finally {
    ending.abort();
    await Promise.allSettled(following);
  }
};

type Takers = Map<(events: readonly Event[]) => void, (position: Position) => void>;

/** Starts to follow both logs. */
export const createFeed = (options: FeedOptions): Feed => {
  const { clock, log, keeping = keepNothing() } = options;
  const none = createTally();
  let counter: Counter | undefined;
  let isKept = true;
  let progress: Progress = { isCatchingUp: true, end: startOfLogs };
  const waiters = createWaiters(clock);
  const news = createNews(clock, waiters.wake);
  const takers: Takers = new Map();
  const stopping = new AbortController();
  const position = (): Position => counter?.position() ?? startOfLogs;

  const publish = (events: readonly Event[]): void => {
    if (events.length === 0) return;
    if (!progress.isCatchingUp) for (const take of takers.keys()) take(events);
    waiters.wake();
  };
  const onCaughtUp = (): void => {
    progress = { ...progress, isCatchingUp: false };
    for (const begin of takers.values()) begin(position());
    waiters.wake();
  };
  const attempt = async (): Promise<void> => {
    const [archive = 0, work = 0] = await Promise.all(planes.map((plane) => endOf(plane, options)));
    progress = { isCatchingUp: true, end: { archive, work } };
    counter = await openCounter(options, isKept ? keeping : { ...keeping, load: async () => undefined });
    await followAll(counter, options, { publish, tell: news.tell, signal: stopping.signal }, onCaughtUp);
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      try {
        await attempt();
      } catch (thrown) {
        log.warn({ reason: asPapilioError(thrown).reason }, notUsed);
        await counter?.idle();
        counter = undefined;
        // On a disk that refuses to be cleared it lies there still.
        isKept = false;
        await keeping.clear();
        if (!(thrown instanceof Unusable)) await pause(clock, retryMs, stopping.signal);
      }
    }
  };
  const running = run();

  return {
    get tally() {
      return counter?.tally ?? none;
    },
    position,
    progress: () => progress,
    news: news.of,
    wait: async (after, waitMs) => {
      if (waitMs > 0 && !isPast(position(), after)) await waiters.wait(waitMs);
    },
    onEvents: (take, begin) => {
      takers.set(take, begin);
      if (!progress.isCatchingUp) begin(position());
      return () => takers.delete(take);
    },
    stop: async () => {
      stopping.abort();
      waiters.wake();
      await running;
      await counter?.keep();
    },
  };
};
