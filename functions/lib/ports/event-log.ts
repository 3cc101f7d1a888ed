import type { Event } from '../schema/event.ts';

/** The append-only log of a plane; written only through `Store.transact`. */
export type EventLog = {
  /** Events with `seq` > `afterSeq`, in order, at most `limit` (default 1,000). */
  readonly read: (afterSeq: number, limit?: number) => Promise<readonly Event[]>;
  /** Resolves at once if the log is past `afterSeq`, else at the next commit, or with the unchanged head after `waitMs`. */
  readonly wait: (afterSeq: number, waitMs: number, signal?: AbortSignal) => Promise<number>;
  /** `seq` of the last event; 0 for an empty log. */
  readonly head: () => Promise<number>;
  /** Recomputes the chain from the start; names the first event that does not fit. */
  readonly verify: () => Promise<
    | { readonly ok: true; readonly events: number }
    | { readonly ok: false; readonly seq: number; readonly reason: string }
  >;
};
