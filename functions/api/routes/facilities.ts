import * as z from 'zod';
import { facilities } from '#lib/records';
import type { Command } from '#schema/command';
import { DrainWish, Facility } from '#schema/facility';
import { FacilityPage } from '#schema/view';
import { registerAction } from '../actions.ts';
import { answers, etagOf, linkNext } from '../answers.ts';
import { FacilityText, facilityIdOf } from '../ids.ts';
import { pageQuery } from '../lists.ts';
import type { Asked } from '../plugins/policy.ts';
import type { App, Surroundings } from '../surroundings.ts';

const params = z.object({ facility: FacilityText });
const Acted = z.object({ id: z.string() });

const acts = [
  {
    act: 'drain',
    summary: 'Send nothing more to a facility',
    description: 'What is there runs to its end; what waits goes elsewhere, or waits and says why. `untilAt` ends it.',
    data: DrainWish.shape,
  },
  {
    act: 'resume',
    summary: 'Let a facility have work again',
    description: 'What waits is placed at once.',
    data: {},
  },
] as const;

/** Facilities, and whether they get work. */
export const addFacilities = (app: App, surroundings: Surroundings): void => {
  const { records, config } = surroundings;
  const need = async (id: string) => facilities.need((await records('work')).store, id);
  app.get(
    '/v1/facilities',
    {
      config: { policy: 'facility.read' },
      schema: {
        tags: ['facilities'],
        summary: 'The facilities that take work, by name',
        querystring: z.object({
          drained: z.enum(['true', 'false']).optional().describe('Only those that are drained, or are not'),
          ...pageQuery,
        }),
        response: answers(FacilityPage),
      },
    },
    async ({ query }, reply) => {
      const { store } = await records('work');
      const { drained, limit, cursor } = query;
      const page = await facilities.list(store, 'i1', 'facilities', {
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      });
      linkNext(reply, page.next);
      const items = page.items.map(({ doc }) => doc);
      return {
        ...page,
        items: items.filter((one) => drained === undefined || drained === String(one.drain !== undefined)),
      };
    },
  );

  app.get(
    '/v1/facilities/:facility',
    {
      config: { policy: 'facility.read' },
      schema: {
        tags: ['facilities'],
        summary: 'One facility: its queues, whether it gets work, and what people did to it',
        params,
        response: answers(Facility),
      },
    },
    async ({ params: { facility } }, reply) => {
      const { doc, version } = await need(facilityIdOf(facility, config.PAPILIO_INSTANCE));
      void reply.header('etag', etagOf(version));
      return doc;
    },
  );

  const targets = async ({ subject }: Command) => {
    const { version } = await need(subject);
    return { targets: [{ plane: 'work', queue: 'steer-facility', version }] as const, etag: etagOf(version) };
  };
  const object = async (request: Asked) => {
    const { id } = Acted.parse(request.params);
    return { facility: (await need(facilityIdOf(id, config.PAPILIO_INSTANCE))).doc.name };
  };
  for (const { act, ...more } of acts)
    registerAction(app, surroundings, {
      ...more,
      path: `/v1/facilities/:id/${act}`,
      action: `facility.${act}`,
      tag: 'facilities',
      id: FacilityText,
      subject: (typed) => facilityIdOf(typed, config.PAPILIO_INSTANCE),
      object,
      targets,
    });
};
