import { StatePair } from '#schema/detector-state';
import type { Ribbon } from '#schema/status';
import type { TallyState } from './tally-state.ts';

/** The run of the last lifecycle message, in the state that the detector's facet has; without one, in the run's own. */
export const ribbonOf = ({ ribbon, facets }: TallyState): Ribbon | undefined => {
  const detector = facets.get('detector');
  if (ribbon === undefined || detector === undefined) return ribbon;
  const [state, substate] = detector.value.split('/');
  const pair = StatePair.safeParse({ state, substate });
  return pair.success ? { ...ribbon, ...pair.data, since: detector.receivedAt } : ribbon;
};
