import type { Submission } from '../../functions/lib/ports/batch.ts';
import type { Resources } from '../../functions/lib/schema/job.ts';

/** A submission of a small payload: `aSubmission('a1', ['true'])`. */
export const aSubmission = (
  attemptId: string,
  command: readonly string[],
  resources: Partial<Resources> = {},
  environment: Readonly<Record<string, string>> = {},
): Submission => ({
  attemptId,
  jobId: `job-of-${attemptId}`,
  payload: { name: 'test', command: [...command], environment: { ...environment }, inputs: [], output: 'out/result' },
  resources: { cores: 1, memoryMb: 500, diskMb: 100, timeoutS: 60, ...resources },
});
