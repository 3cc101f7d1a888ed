import type { BrokerView } from '#schema/condition';
import type { ProcessLine } from '#schema/processes';
import type { Backlogs, FacetView, PlaneView, Rates, Ribbon } from '#schema/status';
import type { Evidence } from './evidence.ts';

/** All that a judgement of what is broken rests on. */
export type BrokenInputs = {
  readonly nowMs: number;
  readonly planes: readonly PlaneView[];
  /** Brokers that the bridge is configured for. */
  readonly brokers: readonly BrokerView[];
  /** Processes that a supervisor runs. */
  readonly processes: readonly ProcessLine[];
  readonly ribbon: Ribbon | undefined;
  readonly facets: readonly FacetView[];
  readonly rates: Rates;
  readonly backlogs: Backlogs;
  readonly evidence: Evidence;
};
