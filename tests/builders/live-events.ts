import { finished, type Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { createMemoryStore } from '../../functions/adapters/store/memory.ts';
import type { EventFilter } from '../../functions/api/event-filter.ts';
import { createFeed } from '../../functions/api/feed.ts';
import { createLive, type Live } from '../../functions/api/live/live.ts';
import type { LivePolicy } from '../../functions/api/live/policy.ts';
import { readPosition } from '../../functions/api/position.ts';
import type { PlanePeer, PlaneRecords } from '../../functions/api/surroundings.ts';
import type { Plane } from '../../functions/catalog.ts';
import { silentLog } from '../../functions/lib/log.ts';
import type { Principal } from '../../functions/lib/schema/access.ts';
import { CloudEvent, type NewEvent } from '../../functions/lib/schema/event.ts';
import { type FakeClock, fakeClock } from './fake-clock.ts';

/** Somebody on this machine. */
export const aViewer: Principal = {
  ...{ id: 'anonymous', kind: 'anonymous', roles: ['viewer'] },
  ...{ facilities: [], groups: [], scopes: [] },
};

/** What a client has heard: whole messages, as a browser would hand them over. */
export type Heard = {
  readonly messages: EventSourceMessage[];
  readonly comments: string[];
  /** Id of the last message that was whole. */
  readonly lastId: () => string | undefined;
  readonly events: () => CloudEvent[];
  readonly read: (text: string) => void;
};

/** Makes the ears of a client. */
export const ears = (): Heard => {
  const messages: EventSourceMessage[] = [];
  const comments: string[] = [];
  const parser = createParser({
    onEvent: (message) => messages.push(message),
    onComment: (comment) => comments.push(comment.trim()),
  });
  return {
    messages,
    comments,
    lastId: () => messages.at(-1)?.id,
    events: () =>
      messages.filter(({ event }) => event === undefined).map(({ data }) => CloudEvent.parse(JSON.parse(data))),
    read: (text) => parser.feed(text),
  };
};

/** One who listens, as slowly as the test wants. */
export type Listening = Heard & {
  readonly stream: Readable;
  /** Takes nothing more until it is told to. */
  readonly stall: () => void;
  readonly goOn: () => void;
  /** Is cut off; gives the last id that it has. */
  readonly cut: () => string | undefined;
  /** Resolves when the stream is over: whether it ended, or was dropped. */
  readonly over: Promise<'ended' | 'dropped'>;
};

/** A front's live events over two logs in memory. */
export type LiveHouse = AsyncDisposable & {
  readonly clock: FakeClock;
  readonly live: Live;
  /** Writes events to a plane's log. */
  readonly write: (plane: Plane, events: readonly NewEvent[]) => Promise<void>;
  readonly planes: Readonly<Record<Plane, PlaneRecords>>;
  readonly listen: (filter?: EventFilter, after?: string, who?: Principal) => Promise<Listening>;
  /** Lets everything that is on its way arrive. */
  readonly settle: () => Promise<void>;
};

type Planes = Readonly<Record<Plane, PlaneRecords & { readonly store: ReturnType<typeof createMemoryStore>['store'] }>>;

/** Makes it, over new logs or those of a front that has fallen. */
export const aLiveHouse = async ({
  live: policy = {},
  planes: given,
  clock = fakeClock(),
  lag = {},
}: {
  live?: Partial<LivePolicy>;
  planes?: Planes;
  clock?: FakeClock;
  /** Turns of the loop by which a new front hears later of what is in a plane's log. */
  lag?: Partial<Record<Plane, number>>;
} = {}): Promise<LiveHouse> => {
  const planes = given ?? { archive: createMemoryStore({ clock }), work: createMemoryStore({ clock }) };
  const peerOf = (plane: Plane): PlanePeer => ({
    log: async (after, { limit, waitMs }, signal) => {
      const head = await planes[plane].log.wait(after, waitMs, signal);
      signal?.throwIfAborted();
      return { events: await planes[plane].log.read(after, limit), head };
    },
    report: async () => {
      throw new Error('no one asks for a report here');
    },
  });
  const records = async (plane: Plane) => planes[plane];
  const late = async (plane: Plane) => {
    for (let turn = 0; turn < (lag[plane] ?? 0); turn += 1) await setImmediate();
    return planes[plane];
  };
  const feed = createFeed({
    ...{ clock, log: silentLog, records: late },
    peers: { archive: peerOf('archive'), work: peerOf('work') },
  });
  const live = createLive({ clock, log: silentLog, feed, records, live: policy });
  const turns = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await setImmediate();
  };
  // A front that hears late is asked before it has heard.
  while (Object.keys(lag).length === 0 && feed.progress().isCatchingUp) await setImmediate();
  return {
    clock,
    live,
    planes,
    write: async (plane, events) => {
      await planes[plane].store.transact({ writes: [], events });
    },
    listen: async (filter = {}, after, who = aViewer) => {
      const stream = await live.open(who, filter, after === undefined ? undefined : readPosition(after));
      const heard = ears();
      stream.setEncoding('utf8').on('data', heard.read);
      const over = new Promise<'ended' | 'dropped'>((resolve) => {
        finished(stream, (error) => resolve(error ? 'dropped' : 'ended'));
      });
      return {
        ...heard,
        stream,
        over,
        stall: () => void stream.pause(),
        goOn: () => void stream.resume(),
        cut: () => {
          stream.destroy();
          return heard.lastId();
        },
      };
    },
    settle: async () => {
      await turns();
      await clock.advance(100);
      await turns();
    },
    [Symbol.asyncDispose]: async () => {
      await feed.stop();
      const stopped = live.stop();
      await turns();
      await clock.advance(2_000);
      await stopped;
    },
  };
};
