import type * as z from 'zod';
import { CommandView } from '../../functions/lib/schema/command.ts';
import { Facility } from '../../functions/lib/schema/facility.ts';
import * as views from '../../functions/lib/schema/view.ts';
import { idsOf } from '../builders/an-stf-story.ts';

const { jobId } = idsOf({ run: 102363, sequence: 1 });

/** A question that is answered, by which schema, and one that is refused, with which code. */
export type Row = {
  readonly good: string;
  readonly schema: z.ZodType;
  readonly bad: string;
  readonly code: string;
  readonly status: number;
  /** What is posted; without it the path is got. */
  readonly body?: object;
  /** It is got by who is known. */
  readonly needsToken?: true;
};

const aSiteAct = (act: 'drain' | 'resume'): Row => ({
  good: `/v1/facilities/local/${act}`,
  schema: CommandView,
  bad: `/v1/facilities/none/${act}`,
  code: 'record-missing',
  status: 404,
  body: { why: 'a new switch' },
});

const aJobAct = (act: 'cancel' | 'retry'): Row => ({
  good: `/v1/jobs/${jobId}/${act}`,
  schema: CommandView,
  bad: `/v1/jobs/job_none/${act}`,
  code: 'record-missing',
  status: 404,
  body: { why: 'a wrong calibration' },
});

/** Paths of jobs, of where they run, and of what came of them. */
export const workRoutes: Readonly<Record<string, Row>> = {
  '/v1/facilities': {
    good: '/v1/facilities?drained=false',
    schema: views.FacilityPage,
    bad: '/v1/facilities?drained=maybe',
    code: 'input-invalid',
    status: 422,
  },
  '/v1/facilities/{facility}': {
    good: '/v1/facilities/local',
    schema: Facility,
    bad: '/v1/facilities/none',
    code: 'record-missing',
    status: 404,
  },
  '/v1/jobs/{id}/cancel': aJobAct('cancel'),
  '/v1/jobs/{id}/retry': aJobAct('retry'),
  '/v1/facilities/{id}/drain': aSiteAct('drain'),
  '/v1/facilities/{id}/resume': aSiteAct('resume'),
};
