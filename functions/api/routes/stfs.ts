import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { StfPage, StfView, Trace } from '#schema/view';
import { answers, linkNext } from '../answers.ts';
import { RunText, runIdOf, StfText, stfIdOf } from '../ids.ts';
import { pageQuery } from '../lists.ts';
import { fileAnswers, fileDescription, sendFile } from '../object-bytes.ts';
import { listStfs } from '../stf-list.ts';
import { needStf } from '../stf-view.ts';
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
        summary: 'STFs of a run, or of all runs',
        description:
          'Without `run`: of all runs with a catalogued STF, by run number and sequence. Filtered by `processing=processed` or `unknown`, a page may hold fewer than `limit` and still have a next one: it reads at most 5,000 STFs.',
        querystring: z.object({
          run: RunText.optional(),
          processing: StfView.shape.processing.optional().describe('How far processing is'),
          sort: z
            .enum(['sequence', '-sequence'])
            .optional()
            .describe(
              'By run and number, `-` the largest first; without it `sequence` of a run, `-sequence` of all runs',
            ),
          ...pageQuery,
        }),
        response: answers(StfPage),
      },
    },
    async ({ query }, reply) => {
      const { run, sort = run === undefined ? '-sequence' : 'sequence', ...wish } = query;
      const page = await listStfs(records, {
        ...wish,
        runId: run === undefined ? undefined : runIdOf(run, config.PAPILIO_INSTANCE),
        isNewestFirst: sort === '-sequence',
      });
      linkNext(reply, page.next);
      return page;
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
  addBytes(app, surroundings);
};

const addBytes = (app: App, surroundings: Surroundings): void => {
  const { records, config } = surroundings;
  app.get(
    '/v1/stfs/:stf/bytes',
    {
      config: { policy: 'tf.read' },
      schema: {
        tags: ['stfs'],
        summary: 'The archived file of an STF',
        description: fileDescription,
        params,
        response: fileAnswers,
      },
    },
    async (request, reply) => {
      const stfId = stfIdOf(request.params.stf, config.PAPILIO_INSTANCE);
      const { replica, view } = await needStf(records, stfId);
      if (!replica) throw new PapilioError('record-missing', `the replica of ${view.name}: it is not archived`);
      return sendFile({ ...replica.doc, objects: surroundings.archive }, request, reply, surroundings);
    },
  );
};
