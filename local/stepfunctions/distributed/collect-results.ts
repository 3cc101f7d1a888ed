import { accountOf, describeWhole } from '../describe.ts';
import { StateFailure } from '../failure.ts';
import type { Host } from '../host.ts';
import { isArray, type Json, jsonSize } from '../json.ts';
import { MAX_DATA_BYTES } from '../limits.ts';
import type { Execution } from '../registry.ts';
import type { WriteRequest } from './map-request.ts';
import type { MapRun } from './map-run.ts';

type Transformation = WriteRequest['transformation'];

const iso = (atMs: number): string => new Date(atMs).toISOString();

/** A child as exports show it. */
export const describeChild = (host: Host, child: Execution): Promise<Json> => describeWhole(host, child, iso);

/** A child's part of the results: its output, or, if it did not succeed, all about it. */
export const resultsOf = async (host: Host, child: Execution, how: Transformation): Promise<readonly Json[]> => {
  if (how === 'NONE' || child.outcome?.status !== 'SUCCEEDED') return [await describeChild(host, child)];
  const { outcome } = await accountOf(host, child);
  const output = outcome?.output ?? null;
  return how === 'FLATTEN' && isArray(output) ? output : [output];
};

/** The result of a Map that writes none elsewhere. @throws StateFailure if it is too large */
export const collectResults = async (host: Host, run: MapRun, how: Transformation): Promise<Json> => {
  const results: Json[] = [];
  let sizeBytes = 2;
  for (const child of run.children) {
    for (const result of await resultsOf(host, child, how)) {
      sizeBytes += jsonSize(result, MAX_DATA_BYTES) + 1;
      results.push(result);
    }
    if (sizeBytes - 1 > MAX_DATA_BYTES) {
      throw new StateFailure(
        'States.DataLimitExceeded',
        `The state/task '${run.stateName}' returned a result with a size exceeding the maximum number of bytes service limit.`,
      );
    }
  }
  return results;
};
