import type { JobView, QuarantineView } from '#schema/view';
import type { Client } from '../http/client.ts';
import * as api from '../http/generated/operations.ts';
import { UsageError } from './failure.ts';

/** Whether a text names an STF: its file name, its run and sequence, or its id. */
export const isStf = (typed: string): boolean => /^swf\.|^\d{8}-\d{8}$|(^|_)stf_/.test(typed);

/** The job that people mean by its id or by the STF that it reads. */
export const findJob = async (client: Client, typed: string): Promise<JobView> => {
  if (!isStf(typed) && !/(^|_)job_/.test(typed))
    throw new UsageError(
      `${typed} is neither an STF nor a job`,
      'papilio stf list, or papilio job list, shows what there is',
    );
  if (!isStf(typed)) return client.call(api.getJob, { path: { job: typed } });
  const { stf, name } = await client.call(api.getStf, { path: { stf: typed } });
  if (!stf)
    throw new UsageError(`${name} has no job yet: the work plane has not catalogued it`, `papilio stf trace ${name}`);
  return client.call(api.getJob, { path: { job: stf.jobId } });
};

/** All messages about an STF that are or were held, the latest first. */
export const heldOfStf = async (client: Client, stf: string): Promise<QuarantineView[]> => {
  const { items } = await client.call(api.listQuarantine, { query: { stf, limit: 500 } });
  const ids = [...new Set(items.map(({ id }) => id))];
  return Promise.all(ids.map((id) => client.call(api.getQuarantine, { path: { id } })));
};
