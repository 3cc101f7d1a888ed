import * as z from 'zod';
import { periods } from '#lib/records';
import type { Command } from '#schema/command';
import { PeriodDraft, PeriodEnd, RunPeriod } from '#schema/run-period';
import { U64 } from '#schema/tf';
import { PeriodPage } from '#schema/view';
import { registerAction } from '../actions.ts';
import { answers, etagOf, linkNext } from '../answers.ts';
import { PeriodText, RunText, runIdOf, runNumberOf } from '../ids.ts';
import { pageQuery } from '../lists.ts';
import { findPeriods, periodIdOf } from '../period-view.ts';
import type { App, Surroundings } from '../surroundings.ts';
import { idsOf } from '../tf-view.ts';

const listQuery = z.object({
  run: RunText.optional().describe('Those that hold this run, by its number or by the time it began'),
  at: z.iso.datetime().optional().describe('Those that hold this moment, or a run that was being taken then'),
  tf: U64.optional().describe('Those that hold this TF, by its run or by the time of its STF'),
  configuration: z
    .templateLiteral([z.string().min(1), '=', z.string().min(1)])
    .optional()
    .describe('Those in whose configuration a name has a value: `beam=5x41`'),
  ...pageQuery,
});

const nameAndValue = (text: string): [string, string] => {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
};

/** Run periods: named parts of the stream, which may overlap. */
export const addPeriods = (app: App, surroundings: Surroundings): void => {
  const { records, config } = surroundings;
  app.get(
    '/v1/periods',
    {
      config: { policy: 'period.read' },
      schema: {
        tags: ['periods'],
        summary: 'Run periods by name: all, or those that hold all that is asked for',
        description: 'A run, a moment or a TF may be in many. What is asked for is answered on one page.',
        querystring: listQuery,
        response: answers(PeriodPage),
      },
    },
    async ({ query: { run, at, tf, configuration, limit, cursor } }, reply) => {
      const { store } = await records('work');
      if ([run, at, tf, configuration].every((wanted) => wanted === undefined)) {
        const page = await periods.list(store, 'i1', 'periods', { limit, ...(cursor === undefined ? {} : { cursor }) });
        linkNext(reply, page.next);
        return { ...page, items: page.items.map(({ doc }) => doc) };
      }
      const wanted = {
        ...{ at, tf },
        run: run === undefined ? undefined : runNumberOf(runIdOf(run, config.PAPILIO_INSTANCE)),
        configuration: configuration === undefined ? undefined : nameAndValue(configuration),
      };
      return { items: await findPeriods(wanted, { store, ids: idsOf(surroundings) }) };
    },
  );

  app.get(
    '/v1/periods/:id',
    {
      config: { policy: 'period.read' },
      schema: {
        tags: ['periods'],
        summary: 'One run period',
        params: z.object({ id: PeriodText }),
        response: answers(RunPeriod),
      },
    },
    async ({ params }, reply) => {
      const { store } = await records('work');
      const { doc, version } = await periods.need(store, periodIdOf(params.id, config.PAPILIO_INSTANCE));
      void reply.header('etag', etagOf(version));
      return doc;
    },
  );

  const targets = async ({ subject }: Command) => {
    const { store } = await records('work');
    const known = await periods.get(store, subject);
    if (known === undefined) return { targets: [{ plane: 'work', queue: 'keep-periods' }] } as const;
    const { version } = known;
    return { targets: [{ plane: 'work', queue: 'keep-periods', version }], etag: etagOf(version) } as const;
  };
  for (const action of actions)
    registerAction(app, surroundings, {
      ...action,
      path: `/v1/periods/:id/${action.verb}`,
      action: `period.${action.verb}`,
      tag: 'periods',
      id: PeriodText,
      subject: (typed) => periodIdOf(typed, config.PAPILIO_INSTANCE),
      targets,
    });
};

const actions = [
  {
    verb: 'name',
    summary: 'Name a run period',
    description: 'It begins with `runFirst` or with `startsAt`, and is open until it is closed if it has no end.',
    data: PeriodDraft.shape,
  },
  {
    verb: 'close',
    summary: 'Give an open run period its end',
    description: 'One of time ends now unless `endsAt` says otherwise.',
    data: PeriodEnd.shape,
  },
] as const;
