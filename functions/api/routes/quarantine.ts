import * as z from 'zod';
import { QuarantinePage, QuarantineView } from '#schema/view';
import { answers, linkNext } from '../answers.ts';
import { quarantineIdOf } from '../ids.ts';
import { pageQuery } from '../lists.ts';
import { listQuarantine, needQuarantine } from '../quarantine-view.ts';
import type { App, Surroundings } from '../surroundings.ts';

/** Messages that could not be understood or broke a rule. */
export const addQuarantine = (app: App, { records, config }: Surroundings): void => {
  app.get(
    '/v1/quarantine',
    {
      schema: {
        tags: ['quarantine'],
        summary: 'Held and released messages, the latest first',
        description: 'Filtered by `state`, a page may hold fewer than `limit` and still have a next one.',
        querystring: z.object({ state: z.enum(['held', 'released']).optional(), ...pageQuery }),
        response: answers(QuarantinePage),
      },
    },
    async ({ query }, reply) => {
      const page = await listQuarantine(records, query);
      linkNext(reply, page.next);
      return { ...page, items: page.items.filter((line) => query.state === undefined || line.state === query.state) };
    },
  );

  app.get(
    '/v1/quarantine/:id',
    {
      schema: {
        tags: ['quarantine'],
        summary: 'One message, its bytes and what was found',
        params: z.object({ id: z.string().max(80) }),
        response: answers(QuarantineView),
      },
    },
    async ({ params }) => needQuarantine(records, quarantineIdOf(params.id, config.PAPILIO_INSTANCE)),
  );
};
