import type { DetectorState } from '../schema/detector-state.ts';

/** What is known of the detector, its stream, and what an operator wants: facets' values, as far as there are any. */
type Known = {
  /** Why an operator holds processing; undefined if none does. */
  readonly heldBecause: string | undefined;
  /** `run/physics`. */
  readonly detector: string | undefined;
  /** `flowing` or `silent`. */
  readonly stream: string | undefined;
};

type Verdict = {
  readonly value: 'running' | 'suspended-by-operator' | 'suspended-by-state' | 'suspended-by-silence';
  readonly reason: string;
};

/**
 * Whether the stream is processed: operator before state before silence. Which states suspend it is configuration, and our
 * proposal: the experiment has not said yet. @see 3.2
 */
export const judgeProcessing = (
  { heldBecause, detector, stream }: Known,
  suspendStates: readonly DetectorState[],
): Verdict => {
  if (heldBecause !== undefined) return { value: 'suspended-by-operator', reason: heldBecause };
  const state = suspendStates.find((one) => one === detector?.split('/')[0]);
  if (state !== undefined) return { value: 'suspended-by-state', reason: `the detector is ${detector}` };
  if (stream === 'silent') return { value: 'suspended-by-silence', reason: 'the stream is silent' };
  return { value: 'running', reason: 'nothing suspends it' };
};

const held: ReadonlySet<string> = new Set(['suspended-by-operator', 'suspended-by-state']);

/** Whether jobs wait at the broker under a value of `processing`. A silent stream holds none: what is left is worked off. */
export const holdsJobs = (value: string): boolean => held.has(value);

/** When the last STF came, since when somebody watches, and now, in ms; the limit in seconds. */
type Watched = {
  readonly lastStfMs: number;
  readonly watchedSinceMs: number;
  readonly nowMs: number;
  readonly silenceS: number;
};

/**
 * Whether the stream flows; undefined while that cannot be said, because nobody has watched for long enough: while papilio
 * was away STFs may have come that are not catalogued yet.
 */
export const judgeStream = ({
  lastStfMs,
  watchedSinceMs,
  nowMs,
  silenceS,
}: Watched): 'flowing' | 'silent' | undefined => {
  const limitMs = silenceS * 1000;
  if (nowMs - lastStfMs < limitMs) return 'flowing';
  return nowMs - watchedSinceMs < limitMs ? undefined : 'silent';
};
