import type { PlaneRecords } from '../../functions/api/surroundings.ts';
import { commit } from '../../functions/lib/change.ts';
import { periods } from '../../functions/lib/records.ts';
import type { RunPeriod } from '../../functions/lib/schema/run-period.ts';

/** A run period that somebody named, written as its function would, without the ways to find it. */
export const aPeriod = async ({ store }: PlaneRecords, changes: Partial<RunPeriod> = {}): Promise<RunPeriod> => {
  const period: RunPeriod = {
    id: 'prod_period_low-lumi',
    name: 'low-lumi',
    runFirst: 102_363,
    configuration: { beam: '5x41' },
    namedBy: 'anna',
    namedAt: '2026-01-01T00:00:00.000Z',
    ...changes,
  };
  await commit({ store }, [], [periods.put(period.id, period, 0)]);
  return period;
};
