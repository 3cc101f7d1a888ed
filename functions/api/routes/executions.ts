import * as z from 'zod';
import { ExecutionHistory, ExecutionPage, ExecutionStatus, ExecutionView } from '#schema/execution';
import { why } from '../actions.ts';
import { answers, linkNext, waitMs } from '../answers.ts';
import { redriveExecution, stopExecution } from '../execution-acts.ts';
import { listExecutions } from '../execution-list.ts';
import { placesOf } from '../execution-place.ts';
import { findExecution, historyOf } from '../executions.ts';
import { ExecutionText } from '../ids.ts';
import { pageQuery, readCursor, wholeNumber, writeCursor } from '../lists.ts';
import { childrenOf, mapRunsOf } from '../map-runs.ts';
import { etagOfText, needMatch } from '../plugins/etag.ts';
import { claimKey, commandOf, Headers } from '../submit.ts';
import type { App, Surroundings } from '../surroundings.ts';
import { executionFor, historyFor } from '../task-tokens.ts';

const historyWords =
  'With `waitMs` the answer comes with the next event, or when the execution has ended. ' +
  'Task tokens are shown only to those who may end executions.';
const executionParams = z.object({ execution: ExecutionText });

const acts = [
  {
    verb: 'stop',
    act: stopExecution,
    summary: 'End an execution that runs',
    description:
      'It is ABORTED, the reason is its cause; children of its Maps end with it. One that has ended stays as it is.',
  },
  {
    verb: 'redrive',
    act: redriveExecution,
    summary: 'Run again what failed of an execution',
    description: 'What succeeded is not run again. Whether it can be, and why not, is `redrive` of the execution.',
  },
] as const;

/** Executions of state machines, asked of the planes that run them. */
export const addExecutions = (app: App, surroundings: Surroundings): void => {
  app.get(
    '/v1/executions',
    {
      config: { policy: 'execution.read' },
      schema: {
        tags: ['executions'],
        summary: 'Executions of state machines, the latest first',
        querystring: z.object({
          plane: z.enum(['archive', 'work']).optional().describe('Whose executions'),
          machine: z.string().max(80).optional().describe('A state machine, such as `process-stf`'),
          status: ExecutionStatus.optional().describe('How they stand'),
          parent: executionParams.shape.execution
            .optional()
            .describe('An execution: those are listed that its distributed Maps have made'),
          ...pageQuery,
        }),
        response: answers(ExecutionPage),
      },
    },
    async ({ query: { plane, machine, status, parent, limit, cursor } }, reply) => {
      const from = cursor === undefined ? '' : readCursor(cursor);
      const sources =
        parent === undefined
          ? placesOf(plane, machine)
          : await childrenOf(await findExecution(parent, surroundings), surroundings);
      const { items, next } = await listExecutions(sources, from, { status, limit }, surroundings);
      const written = next && writeCursor(next);
      linkNext(reply, written);
      return { items, ...(written !== undefined && { next: written }) };
    },
  );

  app.get(
    '/v1/executions/:execution',
    {
      config: { policy: 'execution.read' },
      schema: {
        tags: ['executions'],
        summary: 'One execution: its input, and its output or what went wrong',
        params: executionParams,
        response: answers(ExecutionView),
      },
    },
    async ({ params, principal }, reply) => {
      const { view, etag } = await wholeOf(params.execution, surroundings);
      void reply.header('etag', etag);
      return executionFor(principal, view);
    },
  );

  app.get(
    '/v1/executions/:execution/history',
    {
      config: { policy: 'execution.read' },
      schema: {
        tags: ['executions'],
        summary: 'What happened in an execution, event by event',
        description: historyWords,
        params: executionParams,
        querystring: z.object({
          after: wholeNumber(z.number().min(0).max(99_999)).default(0).describe('Id of the last event that is known'),
          limit: pageQuery.limit,
          waitMs,
        }),
        response: answers(ExecutionHistory),
      },
    },
    async ({ params, query, principal }) => {
      const found = await findExecution(params.execution, surroundings);
      return historyFor(principal, await historyOf(found, query, surroundings));
    },
  );
  addActs(app, surroundings);
};

const addActs = (app: App, surroundings: Surroundings): void => {
  for (const { verb, act, ...words } of acts) {
    app.post(
      `/v1/executions/:execution/${verb}`,
      {
        config: { policy: `execution.${verb}` },
        schema: {
          tags: ['executions'],
          ...words,
          security: [{ admin: [] }],
          params: executionParams,
          headers: Headers,
          body: z.strictObject({ why }),
          response: answers(ExecutionView),
        },
      },
      async (request) => {
        const { params, headers, body } = request;
        const { view, etag } = await wholeOf(params.execution, surroundings);
        const wanted = { action: `execution.${verb}`, subject: view.id, why: body.why } as const;
        const asked = commandOf(request, surroundings, { ...wanted, data: {} });
        claimKey(surroundings, asked, () => needMatch(headers['if-match'], etag));
        const { by, id: key } = asked;
        const told = { ...wanted, by, before: standingOf(view) };
        const done = async () => {
          await act(view, { by, why: body.why, key }, surroundings);
          return findExecution(view.id, surroundings);
        };
        return app.audit.around(request, told, done, standingOf);
      },
    );
  }
};

/** An execution with the runs of its Maps, and the ETag of all that. */
const wholeOf = async (typed: string, surroundings: Surroundings) => {
  const found = await findExecution(typed, surroundings);
  const mapRuns = await mapRunsOf(found, surroundings);
  const view: ExecutionView = { ...found, ...(mapRuns.length > 0 && { mapRuns }) };
  return { view, etag: etagOfText(JSON.stringify(view)) };
};

/** What an act changes of an execution, as the audit log has it. */
const standingOf = ({ status, redriveCount }: ExecutionView) => ({
  'execution.status': status,
  'execution.redriveCount': redriveCount,
});
