import * as z from 'zod';
import { outputs, outputsOfRun } from '#lib/records';
import { Output } from '#schema/output';
import { OutputPage, ProvenanceView } from '#schema/provenance';
import { answers, etagOf, linkNext } from '../answers.ts';
import { madeIdOf, OutputText, outputIdOf, ProvenanceText, RunText, runIdOf } from '../ids.ts';
import { pageQuery } from '../lists.ts';
import { shownOutputs } from '../merge-view.ts';
import { fileAnswers, fileDescription, sendFile } from '../object-bytes.ts';
import { provenanceOf } from '../provenance-view.ts';
import type { App, Surroundings } from '../surroundings.ts';

/** What processing made, and out of what. */
export const addProvenance = (app: App, surroundings: Surroundings): void => {
  const { records, config } = surroundings;
  const instance = config.PAPILIO_INSTANCE;
  app.get(
    '/v1/outputs',
    {
      config: { policy: 'output.read' },
      schema: {
        tags: ['outputs'],
        summary: 'Outputs of a run, in the order of its STFs; of its merge the current pass',
        querystring: z.object({
          run: RunText,
          superseded: z
            .enum(['true', 'false'])
            .default('false')
            .describe('`true`: instead those that a later pass has superseded'),
          ...pageQuery,
        }),
        response: answers(OutputPage),
      },
    },
    async ({ query: { run, superseded, limit, cursor } }, reply) => {
      const { store } = await records('work');
      const from = { limit, ...(cursor === undefined ? {} : { cursor }) };
      const page = await outputs.list(store, 'i1', outputsOfRun(runIdOf(run, instance), superseded === 'true'), from);
      linkNext(reply, page.next);
      const found = page.items.map(({ doc }) => doc);
      return { ...page, items: await shownOutputs(found, store) };
    },
  );

  app.get(
    '/v1/outputs/:output',
    {
      config: { policy: 'output.read' },
      schema: {
        tags: ['outputs'],
        summary: 'One output, with its checksums and where it came from',
        params: z.object({ output: OutputText }),
        response: answers(Output),
      },
    },
    async ({ params: { output } }, reply) => {
      const { store } = await records('work');
      const { doc, version } = await outputs.need(store, outputIdOf(output, instance));
      void reply.header('etag', etagOf(version));
      const [shown = doc] = await shownOutputs([doc], store);
      return shown;
    },
  );

  addBytes(app, surroundings);

  app.get(
    '/v1/provenance/:id',
    {
      config: { policy: 'provenance.read' },
      schema: {
        tags: ['outputs'],
        summary: 'What an output or an STF was made from, how, and what was made from it',
        params: z.object({ id: ProvenanceText }),
        response: answers(ProvenanceView),
      },
    },
    async ({ params: { id } }) => provenanceOf((await records('work')).store, madeIdOf(id, instance)),
  );
};

const addBytes = (app: App, surroundings: Surroundings): void => {
  const { records, config } = surroundings;
  app.get(
    '/v1/outputs/:output/bytes',
    {
      config: { policy: 'output.read' },
      schema: {
        tags: ['outputs'],
        summary: 'The file of an output',
        description: fileDescription,
        params: z.object({ output: OutputText }),
        response: fileAnswers,
      },
    },
    async (request, reply) => {
      const outputId = outputIdOf(request.params.output, config.PAPILIO_INSTANCE);
      const { doc } = await outputs.need((await records('work')).store, outputId);
      return sendFile({ ...doc, objects: surroundings.outputs }, request, reply, surroundings);
    },
  );
};
