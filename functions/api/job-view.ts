import { explains, jobs } from '#lib/records';
import type { Store } from '#ports/store';
import type { Job } from '#schema/job';
import type { JobView } from '#schema/view';

/** A job with the explain record of each attempt: why it went where it went. */
export const explainJob = async (store: Store, job: Job): Promise<JobView> => {
  const ids = job.attempts.map((attempt) => attempt.id);
  const found = await explains.getMany(store, [...new Set([job.id, ...ids])]);
  return { ...job, explains: found.flatMap((explain) => (explain ? [explain.doc] : [])) };
};

/** A job as the API shows it, with its ETag: its record's version, and when the broker last said something of it. @throws record-missing */
export const needJob = async (
  store: Store,
  jobId: string,
): Promise<{ view: JobView; etag: string; version: number }> => {
  const { doc, version } = await jobs.need(store, jobId);
  const view = await explainJob(store, doc);
  const told = Math.max(0, ...view.explains.map(({ decidedAt }) => Date.parse(decidedAt)));
  return { view, version, etag: `"v${version}.${told}"` };
};
