import * as z from 'zod';
import { DetectorState, DetectorSubstate } from '#schema/detector-state';
import { FacetView } from '#schema/status';
import { type Row, row, tallyOf } from './tally-state.ts';

const run = z.int().min(0);

const runChanged = row(
  z.object({
    run,
    phase: z.string(),
    state: DetectorState.optional().catch(undefined),
    substate: DetectorSubstate.optional().catch(undefined),
  }),
  (state, { run: number, phase, state: detector, substate }, event) => {
    state.ribbon = {
      run: number,
      phase,
      ...(detector && { state: detector }),
      ...(substate && { substate }),
      since: event.time,
    };
    tallyOf(state, number).ribbon = state.ribbon;
  },
);

const facetChanged = row(FacetView, (state, revision) => {
  const known = state.facets.get(revision.facet)?.revision ?? 0;
  if (revision.revision > known) state.facets.set(revision.facet, revision);
});

/** Gaps count from the moment when there was the first of them. */
const runCovered = row(z.object({ run, gaps: z.int().min(0) }), (state, { run: number, gaps }, event) => {
  const sinceMs = state.gaps.get(number)?.sinceMs ?? Date.parse(event.time);
  if (gaps === 0) state.gaps.delete(number);
  else state.gaps.set(number, { count: gaps, sinceMs });
});

/** What the DAQ said and what is known of the stream. */
export const foldDetector: Readonly<Record<string, Row>> = {
  'run.changed': runChanged,
  'facet.changed': facetChanged,
  'run.covered': runCovered,
};
