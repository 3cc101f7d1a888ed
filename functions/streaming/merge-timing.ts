import { inFlightLongestS, lookLongestS } from './policy.ts';

/** State of a run whose merge is due. */
export type MergeLook = {
  /** Complete, or made complete by this pass. */
  readonly isReady: boolean;
  readonly isComplete: boolean;
  /** Processing is suspended. */
  readonly isSuspended: boolean;
  /** The previous pass has not ended. */
  readonly isMerging: boolean;
  /** STFs that are catalogued and neither processed nor failed. */
  readonly inFlight: number;
  /** Since the last STF was catalogued or settled; undefined if there was none. */
  readonly quietS: number | undefined;
  /** How long a run has to be quiet. */
  readonly closeS: number;
};

/**
 * How long the merge of a run waits before the next look, in seconds; 0: it begins. One pass at a time; a run that is
 * complete is merged at once; else as soon as nothing is in flight and it was quiet for `closeS`. The wait grows with the
 * quiet, to an hour, so that looks are few.
 */
export const mergeWaitS = (look: MergeLook): number => {
  const { isReady, isComplete, isSuspended, isMerging, inFlight, quietS = look.closeS, closeS } = look;
  const longer = Math.ceil(Math.min(Math.max(quietS, closeS), lookLongestS));
  if (isMerging) return longer;
  if (isReady) return 0;
  if (isSuspended && !isComplete) return lookLongestS;
  if (inFlight > 0 && quietS < inFlightLongestS) return longer;
  return Math.max(0, Math.ceil(closeS - quietS));
};
