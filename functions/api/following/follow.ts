import { asPapilioError } from '#lib/errors';
import type { Log } from '#lib/log';
import { turn } from '#lib/turn';
import type { Clock } from '#ports/clock';
import type { Event } from '#schema/event';
import type { Plane } from '../../catalog.ts';
import type { PlanePeer, PlaneRecords } from '../surroundings.ts';
import { type Counter, type ReadEvents, sliceEvents } from './counter.ts';
import { Unusable } from './keeping.ts';
import { pause } from './waiting.ts';

/** How both logs are reached. */
export type Logs = {
  readonly clock: Clock;
  readonly log: Log;
  readonly peers: Readonly<Record<Plane, PlanePeer>>;
  readonly records: (plane: Plane) => Promise<PlaneRecords>;
};

/** Where events and news of planes go. */
export type Sink = {
  readonly publish: (events: readonly Event[]) => void;
  readonly tell: (plane: Plane, isFollowed: boolean) => void;
  readonly signal: AbortSignal;
};

const longPollMs = 20_000;
const retryMs = 500;

/** Counts what the stores hold, the log with the older event first: no more is open at any time than was when it happened. */
export const catchUp = async (
  counter: Counter,
  wanted: readonly Plane[],
  { log, records }: Pick<Logs, 'log' | 'records'>,
  { publish, signal }: Pick<Sink, 'publish' | 'signal'>,
): Promise<void> => {
  const open = new Set(wanted);
  while (open.size > 0 && !signal.aborted) {
    const plane = [...open].reduce((first, other) => (counter.timeOf(other) < counter.timeOf(first) ? other : first));
    const read: ReadEvents = async (after, limit) => (await records(plane)).log.read(after, limit);
    try {
      const fresh = await counter.take(plane, await read(counter.position()[plane], sliceEvents), read);
      publish(fresh);
      if (fresh.length === 0) open.delete(plane);
    } catch (thrown) {
      if (thrown instanceof Unusable) throw thrown;
      log.debug({ plane, reason: asPapilioError(thrown).reason }, 'log not there yet');
      open.delete(plane);
    }
    counter.keepIfDue();
    await turn();
  }
};

/** Asks a plane for what is new, and counts it. */
const createAsking = (counter: Counter, plane: Plane, { peers }: Pick<Logs, 'peers'>, sink: Sink) => {
  const { publish, tell, signal } = sink;
  const read: ReadEvents = async (after, limit) => (await peers[plane].log(after, { limit, waitMs: 0 }, signal)).events;
  let isMore = false;
  /** Asked without waiting, a plane says at once that it is there; it is not let wait while there is more. */
  return async (isConnected: boolean): Promise<void> => {
    const page = { limit: sliceEvents, waitMs: isConnected && !isMore ? longPollMs : 0 };
    const { events } = await peers[plane].log(counter.position()[plane], page, signal);
    tell(plane, true);
    publish(await counter.take(plane, events, read));
    counter.keepIfDue();
    isMore = events.length >= sliceEvents;
  };
};

/** Follows one log by its plane's socket; while the plane is away, by what is stored. @throws Unusable */
export const follow = async (counter: Counter, plane: Plane, logs: Logs, sink: Sink): Promise<void> => {
  const { clock, log } = logs;
  const { tell, signal } = sink;
  const ask = createAsking(counter, plane, logs, sink);
  let isConnected = false;
  const lose = (thrown: unknown): void => {
    if (isConnected) log.warn({ plane, reason: asPapilioError(thrown).reason }, 'plane away');
    isConnected = false;
    tell(plane, false);
  };
  while (!signal.aborted) {
    try {
      await ask(isConnected);
      isConnected = true;
    } catch (thrown) {
      if (thrown instanceof Unusable) throw thrown;
      if (signal.aborted) return;
      lose(thrown);
      await catchUp(counter, [plane], logs, sink);
      await pause(clock, retryMs, signal);
    }
  }
};
