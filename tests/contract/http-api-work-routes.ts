import * as z from 'zod';
import { Explain, PlacementPage } from '../../functions/lib/schema/assignment.ts';
import { BundlePage, BundleView } from '../../functions/lib/schema/bundle.ts';
import { FunctionPage, FunctionView, WorkflowPage, WorkflowView } from '../../functions/lib/schema/catalogue.ts';
import { CommandView } from '../../functions/lib/schema/command.ts';
import { Facility } from '../../functions/lib/schema/facility.ts';
import { Output } from '../../functions/lib/schema/output.ts';
import { ErrorPage } from '../../functions/lib/schema/problem.ts';
import { OutputPage, ProvenanceView } from '../../functions/lib/schema/provenance.ts';
import { Readiness } from '../../functions/lib/schema/status.ts';
import * as views from '../../functions/lib/schema/view.ts';
import { underWay } from '../builders/a-work-story.ts';
import { idsOf } from '../builders/an-stf-story.ts';

const { jobId, outputId } = idsOf({ run: 102363, sequence: 1 });

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
  '/v1/bundles': {
    good: '/v1/bundles?facility=local',
    schema: BundlePage,
    bad: '/v1/bundles?facility=LOCAL',
    code: 'input-invalid',
    status: 422,
  },
  '/v1/bundles/{bundle}': {
    good: `/v1/bundles/${underWay.bundle}`,
    schema: BundleView,
    bad: '/v1/bundles/bundle_none',
    code: 'record-missing',
    status: 404,
  },
  '/v1/placements': {
    good: '/v1/placements',
    schema: PlacementPage,
    bad: '/v1/placements?limit=0',
    code: 'input-invalid',
    status: 422,
  },
  '/v1/placements/{id}': {
    good: `/v1/placements/${underWay.waiting}`,
    schema: Explain,
    bad: '/v1/placements/job_none',
    code: 'record-missing',
    status: 404,
  },
  '/v1/outputs': {
    good: '/v1/outputs?run=102363',
    schema: OutputPage,
    bad: '/v1/outputs',
    code: 'input-invalid',
    status: 422,
  },
  '/v1/outputs/{output}': {
    good: `/v1/outputs/${outputId}`,
    schema: Output,
    bad: '/v1/outputs/output_none',
    code: 'record-missing',
    status: 404,
  },
  '/v1/outputs/{output}/bytes': {
    good: '/v1/outputs/output_00102363-run-p1-merged/bytes',
    schema: z.string(),
    bad: `/v1/outputs/${outputId}/bytes`,
    code: 'object-missing',
    status: 404,
  },
  '/v1/provenance/{id}': {
    good: `/v1/provenance/${outputId}`,
    schema: ProvenanceView,
    bad: '/v1/provenance/output_none',
    code: 'record-missing',
    status: 404,
  },
  '/v1/errors': {
    good: '/v1/errors?kind=Conflict&limit=2',
    schema: ErrorPage,
    bad: '/v1/errors?kind=Sorry',
    code: 'input-invalid',
    status: 422,
  },
  '/v1/ready': {
    good: '/v1/ready',
    schema: Readiness,
    bad: '/v1/ready/now',
    code: 'not-found',
    status: 404,
  },
  '/v1/functions': {
    good: '/v1/functions?plane=work&area=jobs',
    schema: FunctionPage,
    bad: '/v1/functions?plane=sky',
    code: 'input-invalid',
    status: 422,
  },
  '/v1/functions/{function}': {
    good: '/v1/functions/assign-jobs',
    schema: FunctionView,
    bad: '/v1/functions/none',
    code: 'record-missing',
    status: 404,
  },
  '/v1/workflows': {
    good: '/v1/workflows?plane=work',
    schema: WorkflowPage,
    bad: '/v1/workflows?plane=sky',
    code: 'input-invalid',
    status: 422,
  },
  '/v1/workflows/{workflow}': {
    good: '/v1/workflows/process-stf',
    schema: WorkflowView,
    bad: '/v1/workflows/none',
    code: 'record-missing',
    status: 404,
  },
  '/v1/jobs/{id}/cancel': aJobAct('cancel'),
  '/v1/jobs/{id}/retry': aJobAct('retry'),
  '/v1/facilities/{id}/drain': aSiteAct('drain'),
  '/v1/facilities/{id}/resume': aSiteAct('resume'),
};
