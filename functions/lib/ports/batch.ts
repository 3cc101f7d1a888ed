import type { AttemptEnd, Payload, PayloadInput, Resources } from '../schema/job.ts';

/** One attempt to hand over; its id is the idempotency key. */
export type Submission = {
  readonly attemptId: string;
  readonly jobId: string;
  readonly payload: Payload;
  /** Further inputs, which the facility writes to the file that `payload.inputList` names; the same at every call. */
  readonly listed?: () => AsyncIterable<PayloadInput>;
  readonly resources: Resources;
};

/** What a facility knows of an attempt. `unknown`: it was never handed over, or the facility has forgotten it. */
export type AttemptStatus = { readonly attemptId: string } & (
  | { readonly state: 'unknown' }
  | { readonly state: 'queued' }
  | { readonly state: 'running'; readonly handle: string; readonly startedAt: string }
  | { readonly state: 'ended'; readonly handle?: string; readonly end: AttemptEnd }
);

export type FacilityProbe = {
  readonly isOnline: boolean;
  readonly slots: number;
  readonly slotsFree: number;
  readonly reason?: string;
};

/**
 * One kind of facility. Every call may be repeated: the same submission again starts nothing twice, also when the caller
 * was killed between any two steps of the first call. An attempt that ran once is never run again under the same id.
 * Errors are catalogue errors: `facility-unavailable` (SiteFault), `store-full` (Transient), `input-invalid` (Invalid).
 */
export type Batch = {
  /** Hands a bundle over (≤ 1,000); returns the status of each, in order. */
  readonly submit: (submissions: readonly Submission[]) => Promise<readonly AttemptStatus[]>;
  readonly status: (attemptIds: readonly string[]) => Promise<readonly AttemptStatus[]>;
  /** Ends attempts with all their processes; one that has ended already stays as it ended. */
  readonly cancel: (attemptIds: readonly string[]) => Promise<void>;
  /** Bytes of an attempt's log from `firstByte` on, at most `maxBytes`. */
  readonly log: (attemptId: string, firstByte: number, maxBytes: number) => Promise<Uint8Array>;
  readonly probe: () => Promise<FacilityProbe>;
  /** Absolute path of a file that an attempt left, if it lies where papilio can open it. */
  readonly outputPath: (attemptId: string, relativePath: string) => Promise<string | undefined>;
  /**
   * Frees what an attempt holds, once its end is recorded and its outputs are registered: keeps log and record for a time,
   * removes bulk. The facility may forget a released attempt, so it must not be submitted again.
   */
  readonly release: (attemptId: string) => Promise<void>;
  /** Some attempts that ended before a moment and were not released; repeated calls come to all of them. */
  readonly unreleased: (endedBefore: string) => Promise<readonly string[]>;
  /** Calls `onChange` when an attempt starts or ends, where the facility can say so by itself. */
  readonly watch: (onChange: (status: AttemptStatus) => void) => void;
  readonly close: () => Promise<void>;
};
