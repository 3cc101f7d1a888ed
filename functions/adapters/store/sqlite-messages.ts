import type { ErrorCode } from '#lib/errors';
import type { EncodedEvent } from '../event-log/chain.ts';
import type { SealPolicy } from '../event-log/sealer.ts';
import type { EncodedWrite } from './record.ts';

/** What the writer thread is started with. */
export type WriterOptions = {
  readonly path: string;
  readonly quotaBytes: number | undefined;
  /** Length of the WAL from which its pages are copied into the database. */
  readonly checkpointBytes: number;
  readonly seal: SealPolicy;
};

/** The last event in a segment after a run of sealing, and what ended the run early. */
export type Sealed = {
  readonly last: number;
  readonly problem?: { readonly code: ErrorCode; readonly reason: string };
};

/** A transaction on its way to the writer; `nowMs` decides what has expired. */
export type CommitRequest = {
  readonly nowMs: number;
  readonly writes: readonly EncodedWrite[];
  readonly events: readonly EncodedEvent[];
};

/** The log's last `seq` after the commit, or why there was none. */
export type CommitResult = number | { readonly code: ErrorCode; readonly reason: string };

/** One message carries everything of one turn of the loop; requests are answered in their order. */
export type ToWriter = {
  readonly requests: readonly CommitRequest[];
  /** Asks to remove one small batch of records expired by then, when nothing else waits. */
  readonly sweepNowMs?: number;
  readonly close?: boolean;
};

/** `head` is the last `seq` that readers can see. `isSwept` false: there is more to sweep. */
export type FromWriter = {
  readonly results: readonly CommitResult[];
  readonly head: number;
  readonly isSwept?: boolean;
  readonly sealed?: Sealed;
};
