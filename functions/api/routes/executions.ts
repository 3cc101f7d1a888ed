import * as z from 'zod';
import { ExecutionHistory, ExecutionPage, ExecutionStatus, ExecutionView } from '#schema/execution';
import { answers, linkNext, waitMs } from '../answers.ts';
import { findExecution, historyOf, listExecutions, placesOf } from '../executions.ts';
import { pageQuery, readCursor, writeCursor } from '../lists.ts';
import type { App, Surroundings } from '../surroundings.ts';

const executionParams = z.object({
  execution: z.string().min(1).max(200).describe('`<machine>:<name>`, or a name that only one machine’s has'),
});

/** Executions of state machines, asked of the planes that run them. */
export const addExecutions = (app: App, surroundings: Surroundings): void => {
  app.get(
    '/v1/executions',
    {
      schema: {
        tags: ['executions'],
        summary: 'Executions of state machines, the latest first',
        querystring: z.object({
          plane: z.enum(['archive', 'work']).optional(),
          machine: z.string().max(80).optional().describe('A state machine, such as `process-stf`'),
          status: ExecutionStatus.optional(),
          ...pageQuery,
        }),
        response: answers(ExecutionPage),
      },
    },
    async ({ query: { plane, machine, status, limit, cursor } }, reply) => {
      const from = cursor === undefined ? '' : readCursor(cursor);
      const { items, next } = await listExecutions(placesOf(plane, machine), from, { status, limit }, surroundings);
      const written = next && writeCursor(next);
      linkNext(reply, written);
      return { items, ...(written !== undefined && { next: written }) };
    },
  );

  app.get(
    '/v1/executions/:execution',
    {
      schema: {
        tags: ['executions'],
        summary: 'One execution: its input, and its output or what went wrong',
        params: executionParams,
        response: answers(ExecutionView),
      },
    },
    ({ params }) => findExecution(params.execution, surroundings),
  );

  app.get(
    '/v1/executions/:execution/history',
    {
      schema: {
        tags: ['executions'],
        summary: 'What happened in an execution, event by event',
        description: 'With `waitMs` the answer comes with the next event, or when the execution has ended.',
        params: executionParams,
        querystring: z.object({
          after: z.coerce.number().int().min(0).default(0).describe('Id of the last event that is known'),
          limit: pageQuery.limit,
          waitMs,
        }),
        response: answers(ExecutionHistory),
      },
    },
    async ({ params, query }) => historyOf(await findExecution(params.execution, surroundings), query, surroundings),
  );
};
