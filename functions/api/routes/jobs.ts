import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { jobs } from '#lib/records';
import { JobPage, JobView } from '#schema/view';
import { answers, linkNext, textAnswers, waitMs } from '../answers.ts';
import { JobText, jobIdOf, RunText, runIdOf } from '../ids.ts';
import { needJob } from '../job-view.ts';
import { pageQuery } from '../lists.ts';
import type { App, Surroundings } from '../surroundings.ts';
import { addJobActs } from './job-acts.ts';

const params = z.object({ job: JobText });
const maxBytes = 262_144;

/** Picks the attempt whose log is asked for: the latest unless a number is given. */
const attemptOf = ({ id, attempts }: JobView, number: number | undefined) => {
  const attempt = number === undefined ? attempts.at(-1) : attempts.find((one) => one.number === number);
  if (!attempt)
    throw new PapilioError('record-missing', `${id} has no attempt${number === undefined ? '' : ` ${number}`} yet`);
  return attempt;
};

/** Jobs, why they run where they run, and what they wrote. */
export const addJobs = (app: App, surroundings: Surroundings): void => {
  const { records, config, jobLogs } = surroundings;
  addJobActs(app, surroundings);
  app.get(
    '/v1/jobs',
    {
      config: { policy: 'job.read' },
      schema: {
        tags: ['jobs'],
        summary: 'The jobs of a run',
        querystring: z.object({ run: RunText, ...pageQuery }),
        response: answers(JobPage),
      },
    },
    async ({ query }, reply) => {
      const { store } = await records('work');
      const runId = runIdOf(query.run, config.PAPILIO_INSTANCE);
      const cursor = query.cursor === undefined ? {} : { cursor: query.cursor };
      const page = await jobs.list(store, 'i1', `${runId}#jobs`, { limit: query.limit, ...cursor });
      linkNext(reply, page.next);
      return { ...page, items: page.items.map(({ doc }) => doc) };
    },
  );

  app.get(
    '/v1/jobs/:job',
    {
      config: { policy: 'job.read' },
      schema: {
        tags: ['jobs'],
        summary: 'One job with its attempts, and why each went where it went',
        params,
        response: answers(JobView),
      },
    },
    async ({ params: { job } }) => {
      const { store } = await records('work');
      return (await needJob(store, jobIdOf(job, config.PAPILIO_INSTANCE))).view;
    },
  );

  app.get(
    '/v1/jobs/:job/log',
    {
      config: { policy: 'job.read' },
      schema: {
        tags: ['jobs'],
        summary: 'What an attempt wrote',
        description:
          'At most 256 kB from byte `after` on. The headers `papilio-log-end` (ask on from there) and `papilio-log-final` (true: that was all) say how to follow it.',
        params,
        querystring: z.object({
          attempt: z.coerce.number().int().min(1).optional().describe('Number of the attempt; the latest without it'),
          after: z.coerce.number().int().min(0).default(0),
          waitMs,
        }),
        response: textAnswers,
      },
    },
    async ({ params: { job }, query }, reply) => {
      const { store } = await records('work');
      const { view } = await needJob(store, jobIdOf(job, config.PAPILIO_INSTANCE));
      const attempt = attemptOf(view, query.attempt);
      const part = await jobLogs.read(attempt.id, { firstByte: query.after, maxBytes, waitMs: query.waitMs });
      void reply.headers({ 'papilio-log-end': String(part.endByte), 'papilio-log-final': String(part.isFinal) });
      return reply.type('text/plain; charset=utf-8').send(part.text);
    },
  );
};
