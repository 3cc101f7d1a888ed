import { asPapilioError } from '#lib/errors';
import type { Clock } from '#ports/clock';
import type { Store } from '#ports/store';
import type { StoreTrouble } from '#schema/condition';

/** A store that knows whether its last write failed. */
export type WatchedStore = { readonly store: Store; readonly trouble: () => StoreTrouble | undefined };

/** What fails is tried again within seconds: a failure that nothing has repeated for so long is over. */
const ongoingMs = 60_000;
const codes: ReadonlySet<string> = new Set(['store-unavailable', 'store-full', 'store-corrupt']);

/** Watches the writes of a store: a refusal counts until a write succeeds; a conflict or a bad item is none. */
export const watchStore = (store: Store, clock: Clock): WatchedStore => {
  let failing: { readonly sinceMs: number; readonly lastMs: number; readonly reason: string } | undefined;
  const watched = async <T>(write: Promise<T>): Promise<T> => {
    try {
      const result = await write;
      failing = undefined;
      return result;
    } catch (thrown) {
      const { code, reason } = asPapilioError(thrown);
      const lastMs = clock.nowMs();
      if (codes.has(code)) failing = { sinceMs: failing?.sinceMs ?? lastMs, lastMs, reason };
      throw thrown;
    }
  };
  return {
    store: {
      ...store,
      transact: (transaction) => watched(store.transact(transaction)),
      putMany: (items) => watched(store.putMany(items)),
    },
    trouble: () => {
      if (failing === undefined || clock.nowMs() - failing.lastMs > ongoingMs) return undefined;
      return { since: new Date(failing.sinceMs).toISOString(), reason: failing.reason };
    },
  };
};
