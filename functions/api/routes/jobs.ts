import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { type Attempt, JobState } from '#schema/job';
import { JobPage, JobView } from '#schema/view';
import { answers, linkNext, textAnswers, waitMs } from '../answers.ts';
import { FacilityText, facilityNameOf, JobText, jobIdOf, RunText, runIdOf } from '../ids.ts';
import { listJobs } from '../job-list.ts';
import { needJob } from '../job-view.ts';
import { pageQuery, wholeNumber } from '../lists.ts';
import type { App, Surroundings } from '../surroundings.ts';
import { waitsFor } from '../waits-for.ts';
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

/** The error for a log that is not there although the payload ran and ended; undefined if it may still come. */
const missingLogOf = ({ id, end }: Attempt, config: Surroundings['config']): PapilioError | undefined => {
  if (end?.startedAt === undefined) return undefined;
  const { PAPILIO_KEEP_SUCCEEDED_DAYS: succeededDays, PAPILIO_KEEP_FAILED_DAYS: failedDays } = config;
  const days = end.outcome === 'succeeded' ? succeededDays : failedDays;
  return new PapilioError('log-pruned', `${id} ended at ${end.endedAt}; its log is kept for ${days} days`);
};

const addJobList = (app: App, { records, config }: Surroundings): void => {
  app.get(
    '/v1/jobs',
    {
      config: { policy: 'job.read' },
      schema: {
        tags: ['jobs'],
        summary: 'Jobs, the latest first; of a run in the order of its STFs',
        description:
          'All filters that are given hold. Filtered by `owner` or `task`, by one of the states in which a job is open, or beside `run`, a page may hold fewer than `limit` and still have a next one.',
        querystring: z.object({
          run: RunText.optional(),
          state: JobState.optional().describe('How far they are'),
          facility: FacilityText.optional().describe('Where it is, or was last: a facility’s name or id'),
          owner: z.string().max(120).optional().describe('Who asked for it'),
          task: z.string().max(80).optional().describe('Of which task'),
          since: z.iso.datetime().optional().describe('Created at or after'),
          until: z.iso.datetime().optional().describe('Created before'),
          sort: z
            .enum(['created', '-created'])
            .optional()
            .describe('Of a run: by its STFs; without it `-created`, and of a run `created`'),
          ...pageQuery,
        }),
        response: answers(JobPage),
      },
    },
    async ({ query }, reply) => {
      const { store } = await records('work');
      const { run, state, facility, since, until, sort = run === undefined ? '-created' : 'created', ...wish } = query;
      const page = await listJobs(store, {
        ...wish,
        runId: run === undefined ? undefined : runIdOf(run, config.PAPILIO_INSTANCE),
        state,
        facility: facility && facilityNameOf(facility, config.PAPILIO_INSTANCE),
        since: since && new Date(since).toISOString(),
        until: until && new Date(until).toISOString(),
        isNewestFirst: sort === '-created',
      });
      linkNext(reply, page.next);
      return page;
    },
  );
};

/** Jobs, why they run where they run, and what they wrote. */
export const addJobs = (app: App, surroundings: Surroundings): void => {
  const { records, config, jobLogs } = surroundings;
  addJobList(app, surroundings);
  addJobActs(app, surroundings);
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
    async ({ params: { job } }, reply) => {
      const { store } = await records('work');
      const { view, etag } = await needJob(store, jobIdOf(job, config.PAPILIO_INSTANCE));
      void reply.header('etag', etag);
      const [waits] = await waitsFor(store, [view]);
      return { ...view, ...(waits !== undefined && { waitsFor: waits }) };
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
          attempt: wholeNumber(z.number().min(1)).optional().describe('Number of the attempt; the latest without it'),
          after: wholeNumber(z.number().min(0)).default(0).describe('Byte from which on it is read'),
          waitMs,
        }),
        response: textAnswers,
      },
    },
    async ({ params: { job }, query }, reply) => {
      const { store } = await records('work');
      const { view } = await needJob(store, jobIdOf(job, config.PAPILIO_INSTANCE));
      const attempt = attemptOf(view, query.attempt);
      const wish = { firstByte: query.after, maxBytes, waitMs: query.waitMs };
      const part = await jobLogs.read(attempt.id, wish).catch((thrown: unknown) => {
        throw missingLogOf(attempt, config) ?? thrown;
      });
      void reply.headers({ 'papilio-log-end': String(part.endByte), 'papilio-log-final': String(part.isFinal) });
      return reply.type('text/plain; charset=utf-8').send(part.text);
    },
  );
};
