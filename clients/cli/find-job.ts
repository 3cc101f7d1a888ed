import type { JobView } from '#schema/view';
import type { Client } from '../http/client.ts';
import * as api from '../http/generated/operations.ts';
import { UsageError } from './failure.ts';

/** The job that people mean by its id or by the STF that it reads. */
export const findJob = async (client: Client, typed: string): Promise<JobView> => {
  const isStf = /^swf\.|^\d{8}-\d{8}$|(^|_)stf_/.test(typed);
  if (!isStf && !/(^|_)job_/.test(typed))
    throw new UsageError(
      `${typed} is neither an STF nor a job`,
      'papilio stf list, or papilio job list, shows what there is',
    );
  if (!isStf) return client.call(api.getJob, { path: { job: typed } });
  const { stf, name } = await client.call(api.getStf, { path: { stf: typed } });
  if (!stf)
    throw new UsageError(`${name} has no job yet: the work plane has not catalogued it`, `papilio stf trace ${name}`);
  return client.call(api.getJob, { path: { job: stf.jobId } });
};
