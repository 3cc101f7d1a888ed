import * as z from 'zod';
import { tfRangeOf } from '../../functions/lib/model/tf-range.ts';
import { CommandView } from '../../functions/lib/schema/command.ts';
import { ExecutionHistory, ExecutionPage, ExecutionView } from '../../functions/lib/schema/execution.ts';
import { ErrorEntry } from '../../functions/lib/schema/problem.ts';
import { RunPeriod } from '../../functions/lib/schema/run-period.ts';
import { Health, Status, Summary, Version } from '../../functions/lib/schema/status.ts';
import { CoverageView, TfView } from '../../functions/lib/schema/tf-index.ts';
import * as views from '../../functions/lib/schema/view.ts';
import { WorkflowCheck, WorkflowTestResult } from '../../functions/lib/schema/workflow.ts';
import { idsOf } from '../builders/an-stf-story.ts';
import { accessRoutes } from './http-api-access-routes.ts';
import { type Row, workRoutes } from './http-api-work-routes.ts';

/** What the questions are about: two STFs that are there, of which one is held, and a command. */
export const first = { run: 102363, sequence: 1, receivedMs: 1_000 };
export const second = { run: 102363, sequence: 2, receivedMs: 2_000 };
const { jobId } = idsOf(first);
export const { quarantineId } = idsOf(first);
export const commandId = 'prod_command_1';
export const execution = 'prod_exec_stf-00102363-00000001-p1';
const { tfFirst: tf } = tfRangeOf({ run: 102365, sequence: 1, tfCount: 1, tfsPerStf: 1000 });

/** A path that does something to a held message. */
const anAct = (act: string, data: object = {}): Row => ({
  good: `/v1/quarantine/${quarantineId}/${act}`,
  schema: CommandView,
  bad: `/v1/quarantine/prod_stf_1/${act}`,
  code: 'input-invalid',
  status: 422,
  body: { why: 'the sender was told', ...data },
});

/** A path that does something to a run period. */
const aPeriodAct = (act: string, data: object): Row => ({
  ...anAct(act, data),
  good: `/v1/periods/low-lumi/${act}`,
  bad: `/v1/periods/low_lumi/${act}`,
});

/** A path that holds processing, or lets it go. */
const aProcessingAct = (act: string): Row => ({
  ...anAct(act),
  good: `/v1/processing/${act}`,
  bad: `/v1/processing/${act}/now`,
  code: 'not-found',
  status: 404,
});

/** Every path of the OpenAPI with a question that is answered, by which schema, and one that is refused, with which code. */
export const routes: Readonly<Record<string, Row>> = {
  ...workRoutes,
  ...accessRoutes,
  '/v1/version': { good: '/v1/version', schema: Version, bad: '/v1/versions', code: 'not-found', status: 404 },
  '/v1/health': { good: '/v1/health', schema: Health, bad: '/v1/health/x', code: 'not-found', status: 404 },
  '/v1/errors/{code}': {
    good: '/v1/errors/stf-corrupt',
    schema: ErrorEntry,
    bad: '/v1/errors/toString',
    code: 'record-missing',
    status: 404,
  },
  '/v1/status': {
    good: '/v1/status?after=a0-w0&waitMs=10',
    schema: Status,
    bad: '/v1/status?after=a1',
    code: 'input-invalid',
    status: 422,
  },
  '/v1/summary': {
    good: '/v1/summary?run=102363',
    schema: Summary,
    bad: '/v1/summary?run=7',
    code: 'record-missing',
    status: 404,
  },
  '/v1/runs': {
    good: '/v1/runs?sort=run',
    schema: views.RunPage,
    bad: '/v1/runs?limit=0',
    code: 'input-invalid',
    status: 422,
  },
  '/v1/runs/{run}': {
    good: '/v1/runs/102363',
    schema: views.RunView,
    bad: '/v1/runs/99',
    code: 'record-missing',
    status: 404,
  },
  '/v1/state': { good: '/v1/state', schema: views.StateView, bad: '/v1/state/', code: 'not-found', status: 404 },
  '/v1/state/history': {
    good: '/v1/state/history',
    schema: views.StateHistory,
    bad: '/v1/state/history?run=x',
    code: 'input-invalid',
    status: 422,
  },
  '/v1/state/facets/{facet}': {
    good: '/v1/state/facets/detector',
    schema: views.FacetPage,
    bad: '/v1/state/facets/mood',
    code: 'input-invalid',
    status: 422,
  },
  '/v1/periods': {
    good: '/v1/periods',
    schema: views.PeriodPage,
    bad: '/v1/periods?at=yesterday',
    code: 'input-invalid',
    status: 422,
  },
  '/v1/periods/{id}': {
    good: '/v1/periods/low-lumi',
    schema: RunPeriod,
    bad: '/v1/periods/none',
    code: 'record-missing',
    status: 404,
  },
  '/v1/periods/{id}/name': aPeriodAct('name', { runFirst: 102363 }),
  '/v1/periods/{id}/close': aPeriodAct('close', { runEnd: 102364 }),
  '/v1/processing/suspend': aProcessingAct('suspend'),
  '/v1/processing/resume': aProcessingAct('resume'),
  '/v1/stfs': {
    good: '/v1/stfs?run=102363',
    schema: views.StfPage,
    bad: '/v1/stfs?run=abc',
    code: 'input-invalid',
    status: 422,
  },
  '/v1/stfs/{stf}': {
    good: '/v1/stfs/swf.102363.000001.stf',
    schema: views.StfView,
    bad: '/v1/stfs/..%2Fx',
    code: 'input-invalid',
    status: 422,
  },
  '/v1/stfs/{stf}/trace': {
    good: '/v1/stfs/00102363-00000001/trace',
    schema: views.Trace,
    bad: '/v1/stfs/swf.1.000009.stf/trace',
    code: 'record-missing',
    status: 404,
  },
  '/v1/tfs/{tf}': {
    good: `/v1/tfs/${tf}`,
    schema: TfView,
    bad: '/v1/tfs/-1',
    code: 'input-invalid',
    status: 422,
  },
  '/v1/bxs/{bx}': {
    good: `/v1/bxs/${tf * 65_536n + 9n}`,
    schema: TfView,
    bad: '/v1/bxs/9',
    code: 'tf-missing',
    status: 404,
  },
  '/v1/stfs/{stf}/bytes': {
    good: '/v1/stfs/swf.102365.000001.stf/bytes',
    schema: z.string(),
    bad: '/v1/stfs/swf.102365.000009.stf/bytes',
    code: 'record-missing',
    status: 404,
  },
  '/v1/tfs/{tf}/bytes': {
    good: `/v1/tfs/${tf}/bytes`,
    schema: z.string(),
    bad: `/v1/tfs/${tf}/bytes?sequence=7`,
    code: 'record-missing',
    status: 404,
  },
  '/v1/runs/{run}/coverage': {
    good: '/v1/runs/102365/coverage?limit=1',
    schema: CoverageView,
    bad: '/v1/runs/99/coverage',
    code: 'record-missing',
    status: 404,
  },
  '/v1/jobs': {
    good: '/v1/jobs?run=102363',
    schema: views.JobPage,
    bad: '/v1/jobs?run=102363&cursor=%21',
    code: 'input-invalid',
    status: 422,
  },
  '/v1/jobs/{job}': {
    good: `/v1/jobs/${jobId}`,
    schema: views.JobView,
    bad: '/v1/jobs/job_none',
    code: 'record-missing',
    status: 404,
  },
  '/v1/jobs/{job}/log': {
    good: `/v1/jobs/${jobId}/log`,
    schema: z.string(),
    bad: `/v1/jobs/${jobId}/log?attempt=9`,
    code: 'record-missing',
    status: 404,
  },
  '/v1/quarantine': {
    good: '/v1/quarantine?state=held',
    schema: views.QuarantinePage,
    bad: '/v1/quarantine?cursor=x',
    code: 'cursor-unknown',
    status: 404,
  },
  '/v1/quarantine/{id}': {
    good: `/v1/quarantine/${quarantineId}`,
    schema: views.QuarantineView,
    bad: '/v1/quarantine/prod_stf_1',
    code: 'input-invalid',
    status: 422,
  },
  '/v1/quarantine/{id}/mend': anAct('mend', { body: '{}' }),
  '/v1/quarantine/{id}/replay': anAct('replay'),
  '/v1/quarantine/{id}/discard': anAct('discard'),
  '/v1/commands/{id}': {
    good: `/v1/commands/${commandId}`,
    schema: CommandView,
    bad: '/v1/commands/prod_command_none',
    code: 'record-missing',
    status: 404,
  },
  '/v1/events': {
    good: '/v1/events?type=stf',
    schema: views.EventPage,
    bad: '/v1/events?limit=5000',
    code: 'input-invalid',
    status: 422,
  },
  '/v1/executions': {
    good: '/v1/executions?machine=process-stf',
    schema: ExecutionPage,
    bad: '/v1/executions?machine=none',
    code: 'record-missing',
    status: 404,
  },
  '/v1/executions/{execution}': {
    good: `/v1/executions/process-stf:${execution}`,
    schema: ExecutionView,
    bad: '/v1/executions/process-stf:none',
    code: 'record-missing',
    status: 404,
  },
  '/v1/executions/{execution}/history': {
    good: `/v1/executions/process-stf:${execution}/history?after=1&waitMs=10`,
    schema: ExecutionHistory,
    bad: `/v1/executions/${execution}/history?after=-1`,
    code: 'input-invalid',
    status: 422,
  },
  '/v1/executions/{execution}/stop': {
    good: `/v1/executions/process-stf:${execution}/stop`,
    schema: ExecutionView,
    bad: '/v1/executions/process-stf:none/stop',
    code: 'record-missing',
    status: 404,
    body: { why: 'a wrong calibration' },
  },
  '/v1/executions/{execution}/redrive': {
    good: `/v1/executions/prepare-run:${execution}/redrive`,
    schema: ExecutionView,
    bad: `/v1/executions/process-stf:${execution}/redrive`,
    code: 'execution-not-redrivable',
    status: 409,
    body: { why: 'the site is back' },
  },
  '/v1/workflows/validate': {
    good: '/v1/workflows/validate',
    schema: WorkflowCheck,
    bad: '/v1/workflows/validate/now',
    code: 'not-found',
    status: 404,
    body: { definition: '{"StartAt":"A"}' },
  },
  '/v1/workflows/test': {
    good: '/v1/workflows/test',
    schema: WorkflowTestResult,
    bad: '/v1/workflows/test/now',
    code: 'not-found',
    status: 404,
    body: { definition: '{"Type":"Pass","End":true}', inspect: 'debug' },
  },
};
