import type { Backlogs, FacetView, PlaneView, Rates, Ribbon } from '#schema/status';
import type { Evidence } from './evidence.ts';

/** All that a judgement of what is broken rests on. */
export type BrokenInputs = {
  readonly nowMs: number;
  readonly planes: readonly PlaneView[];
  readonly ribbon: Ribbon | undefined;
  readonly facets: readonly FacetView[];
  readonly rates: Rates;
  readonly backlogs: Backlogs;
  readonly evidence: Evidence;
};
