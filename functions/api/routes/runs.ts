import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { readFacet } from '#lib/facet';
import { facetRevisions, recentRuns, runs, timelines } from '#lib/records';
import { readNumbering } from '#lib/run-numbering';
import { FacetName } from '#schema/facet';
import { FacetPage, RunPage, RunView, StateHistory, StateView } from '#schema/view';
import { overlapsOf } from '../../daq/recent-runs.ts';
import { answers, linkNext } from '../answers.ts';
import { RunText, runIdOf, runNumberOf } from '../ids.ts';
import { pageQuery } from '../lists.ts';
import { mergeViewOf } from '../merge-view.ts';
import type { App, Surroundings } from '../surroundings.ts';
import { idsOf } from '../tf-view.ts';

/** Runs as the DAQ tells them. */
export const addRuns = (app: App, { records, feed, config }: Surroundings): void => {
  app.get(
    '/v1/runs',
    {
      config: { policy: 'run.read' },
      schema: {
        tags: ['runs'],
        summary: 'Runs, the latest number first unless sorted otherwise',
        querystring: z.object({
          ...pageQuery,
          sort: z.enum(['run', '-run']).default('-run').describe('By number; `-` the largest first'),
        }),
        response: answers(RunPage),
      },
    },
    async ({ query }, reply) => {
      const { store } = await records('work');
      const cursor = query.cursor === undefined ? {} : { cursor: query.cursor };
      const page = await runs.list(store, 'i1', 'runs', {
        limit: query.limit,
        newestFirst: query.sort === '-run',
        ...cursor,
      });
      linkNext(reply, page.next);
      const items = page.items.map(({ doc }) => ({ ...doc, figures: feed.tally.figures(doc.run) }));
      return { ...page, items };
    },
  );

  app.get(
    '/v1/runs/:run',
    {
      config: { policy: 'run.read' },
      schema: { tags: ['runs'], summary: 'One run', params: z.object({ run: RunText }), response: answers(RunView) },
    },
    async ({ params }) => {
      const { store } = await records('work');
      const { doc } = await runs.need(store, runIdOf(params.run, config.PAPILIO_INSTANCE));
      const [merged, numbering] = await Promise.all([
        mergeViewOf(doc, { store, ids: idsOf({ config }) }),
        readNumbering(doc.run, { store, ids: idsOf({ config }), config }),
      ]);
      return { ...doc, figures: feed.tally.figures(doc.run), ...(merged && { merged }), numbering };
    },
  );
};

/** The detector's state, now and as it came about. */
export const addState = (app: App, { records, feed, config }: Surroundings): void => {
  const currentRun = (): string => {
    const ribbon = feed.tally.ribbon();
    if (!ribbon) throw new PapilioError('record-missing', 'no run was announced yet');
    return String(ribbon.run);
  };

  app.get(
    '/v1/state',
    {
      config: { policy: 'state.read' },
      schema: { tags: ['runs'], summary: 'The detector’s state now', response: answers(StateView) },
    },
    async () => {
      const ribbon = feed.tally.ribbon();
      const { store } = await records('work');
      const ids = idsOf({ config });
      const [run, recent, ...known] = await Promise.all([
        ribbon && runs.get(store, ids.run(ribbon.run)),
        recentRuns.get(store, ids.of('recent', 'runs')),
        ...FacetName.options.map((facet) => readFacet(facet, { ids, store })),
      ]);
      return {
        ...(ribbon && { ribbon }),
        ...(run && { run: run.doc }),
        facets: known.flatMap((revision) => revision?.doc ?? []),
        overlaps: recent ? overlapsOf(recent.doc) : [],
      };
    },
  );

  app.get(
    '/v1/state/facets/:facet',
    {
      config: { policy: 'state.read' },
      schema: {
        tags: ['runs'],
        summary: 'Every revision of a facet of the detector, the latest first',
        params: z.object({ facet: FacetName.describe('What of the detector') }),
        querystring: z.object(pageQuery),
        response: answers(FacetPage),
      },
    },
    async ({ params, query: { limit, cursor } }, reply) => {
      const { store } = await records('work');
      const from = cursor === undefined ? {} : { cursor };
      const page = await facetRevisions.list(store, 'i1', `facet#${params.facet}`, {
        limit,
        newestFirst: true,
        ...from,
      });
      linkNext(reply, page.next);
      return { ...page, items: page.items.map(({ doc }) => doc) };
    },
  );

  app.get(
    '/v1/state/history',
    {
      config: { policy: 'state.read' },
      schema: {
        tags: ['runs'],
        summary: 'What the DAQ said of a run, in the order of its own stamps, and how it was judged',
        querystring: z.object({ run: RunText.optional() }),
        response: answers(StateHistory),
      },
    },
    async ({ query }) => {
      const runId = runIdOf(query.run ?? currentRun(), config.PAPILIO_INSTANCE);
      const { store } = await records('work');
      const timeline = await timelines.need(store, runId);
      return { run: runNumberOf(runId), items: timeline.doc.steps };
    },
  );
};
