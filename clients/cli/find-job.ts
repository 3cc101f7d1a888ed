import { JobView, StfView } from '#schema/view';
import { type Client, segment } from '../http/client.ts';
import { UsageError } from './failure.ts';

/** The job that people mean by its id or by the STF that it reads. */
export const findJob = async (client: Client, typed: string): Promise<JobView> => {
  const isStf = /^swf\.|^\d{8}-\d{8}$|(^|_)stf_/.test(typed);
  if (!isStf) return client.get(`/v1/jobs/${segment(typed)}`, JobView);
  const { stf, name } = await client.get(`/v1/stfs/${segment(typed)}`, StfView);
  if (!stf)
    throw new UsageError(`${name} has no job yet: the work plane has not catalogued it`, `papilio stf trace ${name}`);
  return client.get(`/v1/jobs/${segment(stf.jobId)}`, JobView);
};
