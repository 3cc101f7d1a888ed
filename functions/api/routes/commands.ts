import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { CommandView } from '#schema/command';
import { answers, waitMs } from '../answers.ts';
import { awaitEndings, viewOf } from '../command-view.ts';
import { CommandText, commandIdOf } from '../ids.ts';
import type { App, Surroundings } from '../surroundings.ts';

/** What people asked papilio to do. */
export const addCommands = (app: App, surroundings: Surroundings): void => {
  const { config, pending } = surroundings;
  app.get(
    '/v1/commands/:id',
    {
      config: { policy: 'command.read' },
      schema: {
        tags: ['commands'],
        summary: 'What was asked, by whom and why, and how it ended',
        description: 'With `waitMs` the answer comes when it has ended.',
        params: z.object({ id: CommandText }),
        querystring: z.object({ waitMs }),
        response: answers(CommandView),
      },
    },
    async ({ params, query }) => {
      const id = commandIdOf(params.id, config.PAPILIO_INSTANCE);
      const known = pending.get(id);
      const count = known?.targets.length ?? 1;
      const endings = await awaitEndings(surroundings, id, { count, waitMs: query.waitMs });
      const command = known?.command ?? endings[0]?.record;
      if (!command) throw new PapilioError('record-missing', `${id}: no plane has ended a command of that id`);
      return viewOf(command, endings, endings.length >= count);
    },
  );
};
