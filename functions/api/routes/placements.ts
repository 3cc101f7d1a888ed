import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { explains, placements } from '#lib/records';
import { Explain, PlacementPage } from '#schema/assignment';
import { answers, linkNext } from '../answers.ts';
import { PlacementText, placementIdOf } from '../ids.ts';
import { pageQuery } from '../lists.ts';
import type { App, Surroundings } from '../surroundings.ts';

/** What waits for a place, and why everything went where it went. */
export const addPlacements = (app: App, { records, config }: Surroundings): void => {
  app.get(
    '/v1/placements',
    {
      config: { policy: 'placement.read' },
      schema: {
        tags: ['jobs'],
        summary: 'What waits at the broker for a place, with what it last said of it',
        querystring: z.object({ ...pageQuery }),
        response: answers(PlacementPage),
      },
    },
    async ({ query: { limit, cursor } }, reply) => {
      const { store } = await records('work');
      const from = { limit, ...(cursor === undefined ? {} : { cursor }) };
      const page = await placements.list(store, 'i1', 'placements', from);
      const told = await explains.getMany(
        store,
        page.items.map(({ doc }) => doc.jobId),
      );
      linkNext(reply, page.next);
      const items = page.items.map(({ doc: { kind: _, token: __, ...wait } }, at) => {
        const explain = told[at]?.doc;
        return explain ? { ...wait, explain } : wait;
      });
      return { ...page, items };
    },
  );

  app.get(
    '/v1/placements/:id',
    {
      config: { policy: 'placement.read' },
      schema: {
        tags: ['jobs'],
        summary: 'Why an attempt went where it went, or a job waits: every queue that was considered',
        params: z.object({ id: PlacementText }),
        response: answers(Explain),
      },
    },
    async ({ params }) => {
      const id = placementIdOf(params.id, config.PAPILIO_INSTANCE);
      const explain = await explains.get((await records('work')).store, id);
      if (!explain) throw new PapilioError('record-missing', `the broker has said nothing of ${id} yet`);
      return explain.doc;
    },
  );
};
