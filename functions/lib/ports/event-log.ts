import type { Event } from '../schema/event.ts';

/** The events of one subject that are wanted. */
export type SubjectQuery = {
  readonly subject: string;
  /** Only events with a later `seq`; default 0. */
  readonly afterSeq?: number;
  /** Default 1,000. */
  readonly limit?: number;
};

/** The outcome of following a chain: events that fit, or the first that does not. */
export type ChainCheck =
  | { readonly ok: true; readonly events: number }
  | { readonly ok: false; readonly seq: number; readonly reason: string };
/** Receives events whose chain was followed. */
export type OnPage = (events: readonly Event[]) => Promise<void>;

/** The append-only log of a plane; written only through `Store.transact`. */
export type EventLog = {
  /** Events with `seq` > `afterSeq`, in order, at most `limit` (default 1,000). @throws log-segment-corrupt */
  readonly read: (afterSeq: number, limit?: number) => Promise<readonly Event[]>;
  /**
   * Events of one subject, in order, found by an index however long ago they were. An event's id begins with its subject
   * and `_`. @throws log-segment-corrupt
   */
  readonly ofSubject: (query: SubjectQuery) => Promise<readonly Event[]>;
  /** Resolves at once if the log is past `afterSeq`, else at the next commit, or with the unchanged head after `waitMs`. */
  readonly wait: (afterSeq: number, waitMs: number, signal?: AbortSignal) => Promise<number>;
  /** `seq` of the last event; 0 for an empty log. */
  readonly head: () => Promise<number>;
  /**
   * Recomputes the chain from the start; names the first event that does not fit. With `onPage`, passes on the events that
   * fit, in order, page by page, and waits for it.
   */
  readonly verify: (onPage?: OnPage) => Promise<ChainCheck>;
};
