import * as z from 'zod';
import { EventPage } from '#schema/view';
import { answers, linkNext, waitMs } from '../answers.ts';
import { listEvents } from '../events.ts';
import { readPosition, startOfLogs } from '../position.ts';
import type { App, Surroundings } from '../surroundings.ts';

/** The event logs of both planes, as one stream. */
export const addEvents = (app: App, { records, feed }: Surroundings): void => {
  app.get(
    '/v1/events',
    {
      config: { policy: 'event.read' },
      schema: {
        tags: ['events'],
        summary: 'Events of both logs after a position',
        description:
          'Each log keeps its own order; between the logs events stand by time, tied by `cause`. `next` is never absent: asking after it, with `waitMs`, brings what is new.',
        querystring: z.object({
          after: z.string().max(40).optional().describe('A position, `a<number>-w<number>`; the beginning without it'),
          limit: z.coerce.number().int().min(1).max(1000).default(100),
          type: z.string().max(60).optional().describe('A type such as `stf.archived`, or a noun such as `stf`'),
          subject: z.string().max(160).optional().describe('Id of the thing that it happened to'),
          waitMs,
        }),
        response: answers(EventPage),
      },
    },
    async ({ query }, reply) => {
      const after = query.after === undefined ? startOfLogs : readPosition(query.after);
      await feed.wait(after, query.waitMs);
      const page = await listEvents(records, after, query);
      linkNext(reply, page.next, 'after');
      return page;
    },
  );
};
