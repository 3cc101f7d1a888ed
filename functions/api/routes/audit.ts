import * as z from 'zod';
import { AuditLine, AuditPage } from '#schema/audit';
import { answers, linkNext } from '../answers.ts';
import { listAudit } from '../audit-view.ts';
import { pageQuery } from '../lists.ts';
import type { App, Surroundings } from '../surroundings.ts';

/** Who did what. */
export const addAuditLog = (app: App, { records }: Surroundings): void => {
  app.get(
    '/v1/audit',
    {
      config: { policy: 'audit.read' },
      schema: {
        tags: ['access'],
        summary: 'Who did what, why, before and after, and from where; and what was refused; the latest first',
        description: 'Filtered, a page may hold fewer than `limit` and still have a next one.',
        querystring: z.object({
          by: z.string().max(120).optional().describe('Who did it'),
          subject: z.string().max(160).optional().describe('Id of the thing that it was done to'),
          action: z.string().max(60).optional().describe('An act, such as `processing.suspend`'),
          outcome: AuditLine.shape.outcome.optional().describe('How it ended'),
          since: z.iso.datetime().optional().describe('From this moment on'),
          until: z.iso.datetime().optional().describe('Before this moment'),
          ...pageQuery,
        }),
        response: answers(AuditPage),
      },
    },
    async ({ query }, reply) => {
      const page = await listAudit(records, query);
      linkNext(reply, page.next);
      return page;
    },
  );
};
