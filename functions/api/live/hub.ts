import type { Clock } from '#ports/clock';
import type { Event } from '#schema/event';
import type { EventTest } from '../event-filter.ts';
import { furthest, isPast, type Position, planeOf } from '../position.ts';
import { type Entry, heartbeat } from './block.ts';
import type { LiveClient } from './client.ts';
import { every } from './every.ts';
import type { LivePolicy } from './policy.ts';
import { createRecent } from './recent.ts';

/** A client that is told events as they come. */
type Listener = {
  readonly client: LiveClient;
  readonly test: EventTest;
  /** Where it stands while that is not where all stand; it is told no event twice, and no id that is behind it. */
  ahead: Position | undefined;
  /** Takes it out again, with the place that it has come to. */
  readonly out: (position: Position) => void;
};

/** Tells events to all who listen. */
export type Hub = {
  /** Where the logs are before the first event that is taken. */
  readonly begin: (position: Position) => void;
  readonly take: (events: readonly Event[]) => void;
  /** Whether all events after a position are known here; else the stores must be read first. */
  readonly reaches: (position: Position) => boolean;
  /**
   * Lets a client listen from a position on that is reached; resolves with the position that it has come to when it takes
   * less than comes, or is gone.
   */
  readonly listen: (client: LiveClient, test: EventTest, from: Position) => Promise<Position>;
  readonly leave: (client: LiveClient) => void;
  readonly stop: () => void;
};

type HubOptions = {
  readonly clock: Clock;
  readonly policy: LivePolicy;
};

const isBefore = ({ event }: Entry, at: Position): boolean => event.seq <= at[planeOf(event)];

type Told = { readonly bytes: Buffer | undefined; readonly position: Position };

/** What one who stands elsewhere than all others is told: only what is new to it, under ids that are never behind it. */
const ownBytes = (entries: readonly Entry[], { fits }: EventTest, from: Position): Told => {
  let position = from;
  const blocks: Buffer[] = [];
  for (const entry of entries) {
    if (isBefore(entry, position)) continue;
    position = furthest(position, entry.position);
    if (!fits(entry.facets())) continue;
    blocks.push(isPast(position, entry.position) ? entry.blockAt(position) : entry.block());
  }
  return { bytes: blocks.length === 0 ? undefined : Buffer.concat(blocks), position };
};

/** The bytes of some events, made once for all who ask for the same. */
const sharedBytes = (entries: readonly Entry[]) => {
  const made = new Map<string, Buffer | undefined>();
  return ({ key, fits }: EventTest): Buffer | undefined => {
    if (!made.has(key)) {
      const blocks = entries.filter((entry) => fits(entry.facets())).map((entry) => entry.block());
      made.set(key, blocks.length === 0 ? undefined : Buffer.concat(blocks));
    }
    return made.get(key);
  };
};

/**
 * Gathers events for at most `gatherMs`, makes the text of each once, and hands the same bytes to all who ask for the
 * same. Costs one write a client and gathering, however many events there are.
 */
export const createHub = ({ clock, policy }: HubOptions): Hub => {
  const recent = createRecent(policy.recentEvents);
  const listeners = new Map<LiveClient, Listener>();
  let toldAtMs = Number.NEGATIVE_INFINITY;
  let cancelTelling: (() => void) | undefined;

  /** Where a client stands that was told everything up to `position`; nowhere of its own if all stand there. */
  const aheadOf = (position: Position): Position | undefined =>
    isPast(position, recent.told()) ? position : undefined;

  const beat = every(clock, policy.heartbeatMs, () => {
    const shared = heartbeat(recent.told());
    for (const { client, ahead } of listeners.values()) client.push(ahead === undefined ? shared : heartbeat(ahead));
  });

  const leave = (client: LiveClient): void => {
    const listener = listeners.get(client);
    listeners.delete(client);
    if (listeners.size === 0) beat.stop();
    listener?.out(listener.ahead ?? recent.told());
  };

  const own = (listener: Listener, from: Position, entries: readonly Entry[]): Buffer | undefined => {
    // One log may be behind where this client stands.
    if (!isPast(recent.told(), from)) return undefined;
    const { bytes, position } = ownBytes(entries, listener.test, from);
    listener.ahead = aheadOf(furthest(position, recent.told()));
    return bytes;
  };

  const tell = (): void => {
    cancelTelling = undefined;
    toldAtMs = clock.nowMs();
    const entries = recent.tell();
    const shared = sharedBytes(entries);
    for (const listener of listeners.values()) {
      const { client, test, ahead } = listener;
      const bytes = ahead === undefined ? shared(test) : own(listener, ahead, entries);
      if (bytes) client.push(bytes);
      if (client.backlogBytes() > policy.backlogBytes) leave(client);
    }
  };

  return {
    begin: recent.begin,
    take: (events) => {
      recent.add(events);
      if (cancelTelling) return;
      const atMs = toldAtMs + policy.gatherMs;
      if (atMs <= clock.nowMs()) tell();
      else cancelTelling = clock.at(atMs, tell);
    },
    reaches: recent.reaches,
    listen: (client, test, from) => {
      const missed = recent.after(from, policy.replayEvents);
      const { bytes, position } = ownBytes(missed, test, from);
      if (bytes) client.push(bytes);
      // There is more: when this is taken.
      if (missed.length === policy.replayEvents) return Promise.resolve(position);
      beat.start();
      return new Promise((out) => listeners.set(client, { client, test, ahead: aheadOf(position), out }));
    },
    leave,
    stop: () => {
      cancelTelling?.();
      beat.stop();
    },
  };
};
