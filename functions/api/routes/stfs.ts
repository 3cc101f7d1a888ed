import * as z from 'zod';
import { StfPage, StfView, Trace } from '#schema/view';
import { answers, linkNext } from '../answers.ts';
import { RunText, runIdOf, StfText, stfIdOf } from '../ids.ts';
import { pageQuery } from '../lists.ts';
import { listStfs, needStf } from '../stf-view.ts';
import type { App, Surroundings } from '../surroundings.ts';
import { traceStf } from '../trace.ts';

const params = z.object({ stf: StfText });

/** Super timeframes, as both planes know them. */
export const addStfs = (app: App, surroundings: Surroundings): void => {
  const { records, config } = surroundings;
  app.get(
    '/v1/stfs',
    {
      config: { policy: 'stf.read' },
      schema: {
        tags: ['stfs'],
        summary: 'The STFs of a run',
        description: 'Filtered by `processing`, a page may hold fewer than `limit` and still have a next one.',
        querystring: z.object({
          run: RunText,
          processing: StfView.shape.processing.optional().describe('How far processing is'),
          sort: z.enum(['sequence', '-sequence']).default('sequence').describe('By number; `-` the largest first'),
          ...pageQuery,
        }),
        response: answers(StfPage),
      },
    },
    async ({ query }, reply) => {
      const { limit, cursor } = query;
      const runId = runIdOf(query.run, config.PAPILIO_INSTANCE);
      const page = await listStfs(records, { runId, limit, cursor, isNewestFirst: query.sort === '-sequence' });
      linkNext(reply, page.next);
      const items = page.items.filter((stf) => query.processing === undefined || stf.processing === query.processing);
      return { ...page, items };
    },
  );

  app.get(
    '/v1/stfs/:stf',
    {
      config: { policy: 'stf.read' },
      schema: {
        tags: ['stfs'],
        summary: 'One STF: its copy, its place in the stream, its processing',
        params,
        response: answers(StfView),
      },
    },
    async ({ params: { stf } }) => (await needStf(records, stfIdOf(stf, config.PAPILIO_INSTANCE))).view,
  );

  app.get(
    '/v1/stfs/:stf/trace',
    {
      config: { policy: 'stf.read' },
      schema: { tags: ['stfs'], summary: 'The whole life of an STF, event by event', params, response: answers(Trace) },
    },
    async ({ params: { stf } }) => traceStf(surroundings, stfIdOf(stf, config.PAPILIO_INSTANCE)),
  );
};
