import * as z from 'zod';
import { UsageBy, UsageGraduatePage, UsagePage } from '#schema/usage';
import { graduation } from '../../monitoring/policy.ts';
import { answers, linkNext } from '../answers.ts';
import { pageQuery } from '../lists.ts';
import type { App, Surroundings } from '../surroundings.ts';
import { hoursBetween, listGraduates, listUsage } from '../usage-view.ts';

const dayMs = 86_400_000;
const usualDays = 7;

const range = {
  since: z.iso.datetime().optional().describe('From the hour of this moment on'),
  until: z.iso.datetime().optional().describe('To the hour of this moment; without it to now'),
};

/** How the interface is used, and which integrations should graduate to a built-in view. */
export const addUsageRoutes = (app: App, { records, clock }: Surroundings): void => {
  const hours = ({ since, until }: { since?: string | undefined; until?: string | undefined }, days: number) => {
    const untilMs = until === undefined ? clock.nowMs() : Date.parse(until);
    return hoursBetween(since === undefined ? untilMs - days * dayMs : Date.parse(since), untilMs);
  };
  app.get(
    '/v1/usage',
    {
      config: { policy: 'usage.read' },
      schema: {
        tags: ['usage'],
        summary: 'Requests by client, token, person, route or status; the most used first',
        description: 'Counted by the hour, and known some seconds after they were answered.',
        querystring: z.object({
          by: UsageBy.default('client').describe('By what it is added up'),
          client: z.string().max(60).optional().describe('Of this client only'),
          who: z.string().max(120).optional().describe('Of this person or machine only'),
          ...range,
          ...pageQuery,
        }),
        response: answers(UsagePage),
      },
    },
    async ({ query }, reply) => {
      const { store } = await records('work');
      const page = await listUsage(store, hours(query, usualDays), query);
      linkNext(reply, page.next);
      return page;
    },
  );
  app.get(
    '/v1/usage/graduates',
    {
      config: { policy: 'usage.read' },
      schema: {
        tags: ['usage'],
        summary: 'Integrations that should graduate to a built-in view, with the evidence',
        description: `Of the last ${graduation.windowDays} days, unless other moments are given.`,
        querystring: z.object({ ...range, ...pageQuery }),
        response: answers(UsageGraduatePage),
      },
    },
    async ({ query }, reply) => {
      const { store } = await records('work');
      const page = await listGraduates(store, hours(query, graduation.windowDays), query);
      linkNext(reply, page.next);
      return page;
    },
  );
};
