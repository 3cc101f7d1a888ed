import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { Status, Summary } from '#schema/status';
import { createSightings } from '../../monitoring/sightings.ts';
import { answers, waitMs } from '../answers.ts';
import { PositionText, RunText, runIdOf, runNumberOf } from '../ids.ts';
import { readPosition } from '../position.ts';
import { statusOf } from '../status.ts';
import { summaryOf } from '../summary-view.ts';
import type { App, Surroundings } from '../surroundings.ts';

/** How it goes, now and at the next change. */
export const addStatus = (app: App, surroundings: Surroundings): void => {
  const { feed, config } = surroundings;
  const sightings = createSightings();
  app.get(
    '/v1/status',
    {
      config: { policy: 'status.read' },
      schema: {
        tags: ['status'],
        summary: 'State, counts, rates, backlogs, latencies, the planes’ health, and what is broken',
        description: 'With `after` and `waitMs` the answer comes with the next event after that position.',
        querystring: z.object({
          after: PositionText.optional().describe('`position` of an earlier answer'),
          waitMs,
        }),
        response: answers(Status),
      },
    },
    async ({ query }) => {
      if (query.after !== undefined) await feed.wait(readPosition(query.after), query.waitMs);
      return statusOf(surroundings, sightings);
    },
  );

  app.get(
    '/v1/summary',
    {
      config: { policy: 'status.read' },
      schema: {
        tags: ['status'],
        summary: 'The account of a run: what came in, what became of it, what came out',
        description:
          'Lists at most 100 outputs, without a run those of the latest runs; `outputCount` counts all, and `/v1/outputs?run=` lists all of a run.',
        querystring: z.object({ run: RunText.optional().describe('A run; everything without it') }),
        response: answers(Summary),
      },
    },
    async ({ query }) => {
      if (query.run === undefined) return summaryOf(surroundings, undefined);
      const number = runNumberOf(runIdOf(query.run, config.PAPILIO_INSTANCE));
      if (!feed.tally.knows(number)) throw new PapilioError('record-missing', `no message named run ${number}`);
      return summaryOf(surroundings, number);
    },
  );
};
