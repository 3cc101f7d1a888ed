import { readId } from '#lib/model/ids';
import { StatePair } from '#schema/detector-state';
import type { Ribbon } from '#schema/status';
import type { TallyState } from './tally-state.ts';

/** The run that the DAQ spoke of last by its own stamps, whatever came last; before a facet tells it, what came last. */
const lastRun = ({ ribbon, facets, runs }: TallyState): Ribbon | undefined => {
  const { runId = '' } = facets.get('run-control') ?? {};
  return runs.figures(Number(readId(runId)?.name))?.ribbon ?? ribbon;
};

/** The run of the last lifecycle message, in the state that the detector's facet has; without one, in the run's own. */
export const ribbonOf = (tally: TallyState): Ribbon | undefined => {
  const ribbon = lastRun(tally);
  const detector = tally.facets.get('detector');
  if (ribbon === undefined || detector === undefined) return ribbon;
  const [state, substate] = detector.value.split('/');
  const pair = StatePair.safeParse({ state, substate });
  return pair.success ? { ...ribbon, ...pair.data, since: detector.receivedAt } : ribbon;
};
