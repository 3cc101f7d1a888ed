import * as z from 'zod';
import { readId } from '#lib/model/ids';
import { Mend, Quarantine } from '#schema/quarantine';
import { QuarantinePage, QuarantineView } from '#schema/view';
import { registerAction } from '../actions.ts';
import { answers, linkNext } from '../answers.ts';
import { QuarantineText, quarantineIdOf, StfText, stfIdOf } from '../ids.ts';
import { pageQuery } from '../lists.ts';
import { listQuarantine, needQuarantine, whoHolds } from '../quarantine-view.ts';
import type { App, Surroundings } from '../surroundings.ts';

/** Messages that could not be understood or broke a rule, and what a person does to them. */
export const addQuarantine = (app: App, surroundings: Surroundings): void => {
  const { records, config } = surroundings;
  app.get(
    '/v1/quarantine',
    {
      config: { policy: 'quarantine.read' },
      schema: {
        tags: ['quarantine'],
        summary: 'Held, released, mended and discarded messages, the latest first',
        description:
          'Filtered, a page may hold fewer than `limit` and still have a next one: it reads at most 5,000 messages.',
        querystring: z.object({
          state: Quarantine.shape.state.optional().describe('What became of them'),
          stf: StfText.optional().describe('Only messages about this STF'),
          ...pageQuery,
        }),
        response: answers(QuarantinePage),
      },
    },
    async ({ query }, reply) => {
      const stf = query.stf && readId(stfIdOf(query.stf, config.PAPILIO_INSTANCE))?.name;
      const page = await listQuarantine(records, { ...query, stf });
      linkNext(reply, page.next);
      return page;
    },
  );

  app.get(
    '/v1/quarantine/:id',
    {
      config: { policy: 'quarantine.read' },
      schema: {
        tags: ['quarantine'],
        summary: 'One message, its bytes, what was found, and what was done',
        params: z.object({ id: QuarantineText }),
        response: answers(QuarantineView),
      },
    },
    async ({ params }, reply) => {
      const view = await needQuarantine(records, quarantineIdOf(params.id, config.PAPILIO_INSTANCE));
      void reply.header('etag', view.etag);
      return view;
    },
  );

  for (const { act, ...more } of acts) {
    registerAction(app, surroundings, {
      ...more,
      path: `/v1/quarantine/:id/${act}`,
      action: `quarantine.${act}`,
      tag: 'quarantine',
      id: QuarantineText,
      subject: (typed) => quarantineIdOf(typed, config.PAPILIO_INSTANCE),
      targets: ({ subject }) => whoHolds(records, subject, act),
    });
  }
};

const acts = [
  {
    act: 'mend',
    summary: 'Let another body take the place of a held message',
    description: 'The mended message is one of its own, with `mendOf`; the held one is kept as it came.',
    data: Mend.shape,
  },
  {
    act: 'replay',
    summary: 'Send a held message again as it is, after what was wrong is right',
    description: 'It is let go when it can be read now, or when its STF is archived; else it stays held.',
  },
  {
    act: 'discard',
    summary: 'Settle a held message as one that counts for nothing',
    description: 'It stays readable, and can still be mended or replayed.',
  },
] as const;
