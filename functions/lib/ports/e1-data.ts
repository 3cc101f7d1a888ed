import type { TfRange } from '../schema/tf.ts';
import type { ObjectFacts } from './objects.ts';

/** TFs that were written together, as far as they are given out: an act may have taken some away. */
export type TfHolding = TfRange & { readonly run: number; readonly name: string } & ObjectFacts;

/** A way around what is written: taken away for good, or so that it may be written once more. The bytes stay. */
export type GlassAct = TfRange & {
  /** The same id is the same act. */
  readonly id: string;
  readonly act: 'withdraw' | 'replace';
  readonly by: string;
  readonly why: string;
};
/** An act as it is recorded. */
export type RecordedAct = GlassAct & { readonly number: number; readonly at: string };

/** A TF with its bytes. */
export type TfBytes = { readonly tf: bigint; readonly bytes: Uint8Array };

/**
 * The stream of an E1 as TFs, however it is stored. Append-only: a TF that is written is never overwritten, deleted or
 * renamed. Errors are catalogue errors: `tf-exists` (Conflict), `tf-missing` and `object-missing` (Missing),
 * `object-corrupt` (Invalid), `input-invalid` (Invalid), `store-full` and `store-unavailable` (Transient). @see 6.7 6.8
 */
export type E1Data = {
  /**
   * Writes TFs that follow each other from `tfFirst` on, all or none, on the medium when it returns. The same again is a
   * success that changes nothing. At most 16,384 TFs of one run and 256 MiB.
   */
  readonly append: (tfFirst: bigint, tfs: readonly Uint8Array[]) => Promise<TfHolding & { readonly created: boolean }>;
  /** Bytes of a TF, compared with its checksum. */
  readonly readTf: (tf: bigint) => Promise<Uint8Array>;
  /** The TF of a crossing. */
  readonly readBx: (bx: bigint) => Promise<TfBytes>;
  /** TF after TF of a range of one run, one in memory at a time; what was never written is left out. */
  readonly read: (range: TfRange) => AsyncIterable<TfBytes>;
  /** All that was written together with a TF, also what an act took away of it; undefined if the TF is not given out. */
  readonly stat: (tf: bigint) => Promise<TfHolding | undefined>;
  /** What is given out of a range of one run, in order. */
  readonly list: (range: TfRange) => AsyncIterable<TfHolding>;
  /** Reads a range of one run again and compares everything with what was recorded when it was written. */
  readonly verify: (range: TfRange) => Promise<readonly TfHolding[]>;
  /** Puts the medium's own lock, where it has one, on what a range holds; `append` does it by itself. */
  readonly protect: (range: TfRange) => Promise<void>;
  /** An administrator's act, recorded before it has an effect and never forgotten. */
  readonly breakGlass: (act: GlassAct) => Promise<RecordedAct>;
  readonly acts: () => readonly RecordedAct[];
  readonly close: () => Promise<void>;
};
