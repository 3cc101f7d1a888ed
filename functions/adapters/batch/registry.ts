import { PapilioError } from '#lib/errors';
import type { Batch } from '#ports/batch';

/** Looks up the adapter of a facility by its name. @throws facility-missing */
export const needBatch =
  (batches: ReadonlyMap<string, Batch>) =>
  (facility: string): Batch => {
    const batch = batches.get(facility);
    if (!batch) throw new PapilioError('facility-missing', `no adapter for facility ${facility}`);
    return batch;
  };
