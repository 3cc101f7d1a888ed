import { createMemoryStore } from '../../functions/adapters/store/memory.ts';
import type { Clock } from '../../functions/lib/ports/clock.ts';
import type { Store } from '../../functions/lib/ports/store.ts';
import { aRandom } from './random.ts';

type Options = { readonly clock: Clock; readonly seed: number; readonly longestLag?: number };

/** A store whose indexes lag: what DynamoDB allows itself. */
export type StaleStore = Store & {
  /** Brings the indexes up to date, as they are after a while without writes. */
  readonly catchUp: () => Promise<void>;
};

/**
 * Puts an index in front of a store that answers from a state up to `longestLag` writes ago, by a seeded choice, and never
 * from an earlier one than before. Reads by key, and queries without an index, go to the store itself.
 */
export const withStaleIndex = (store: Store, { clock, seed, longestLag = 20 }: Options): StaleStore => {
  // A late write still happens at its own time, or it would find other records expired than the store did.
  let replayedMs: number | undefined;
  const index = createMemoryStore({ clock: { ...clock, nowMs: () => replayedMs ?? clock.nowMs() } }).store;
  const random = aRandom(seed);
  const behind: { readonly writtenMs: number; readonly apply: () => Promise<unknown> }[] = [];

  const advanceTo = async (lag: number): Promise<void> => {
    for (const { writtenMs, apply } of behind.splice(0, Math.max(0, behind.length - lag))) {
      replayedMs = writtenMs;
      await apply();
    }
    replayedMs = undefined;
  };

  return {
    ...store,
    transact: async (transaction) => {
      const writtenMs = clock.nowMs();
      const result = await store.transact(transaction);
      behind.push({ writtenMs, apply: () => index.transact({ writes: transaction.writes, events: [] }) });
      return result;
    },
    putMany: async (items) => {
      const writtenMs = clock.nowMs();
      await store.putMany(items);
      behind.push({ writtenMs, apply: () => index.putMany(items) });
    },
    query: async (query) => {
      if (query.index === undefined) return store.query(query);
      await advanceTo(Math.floor(random() * (longestLag + 1)));
      return index.query(query);
    },
    catchUp: () => advanceTo(0),
  };
};
