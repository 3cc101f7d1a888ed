import type { Command } from 'commander';
import * as z from 'zod';
import * as api from '../../http/generated/operations.ts';
import { contextOf } from '../context.ts';
import { exit, Verdict } from '../failure.ts';
import type { Io } from '../io.ts';
import { facts } from '../table.ts';

const Options = z.object({ on: z.string().optional() });

/** `papilio can`. */
export const addCan = (program: Command, io: Io): void => {
  program
    .command('can <action>')
    .description('whether you may do something, why or why not, and what would change it (exit code 4 if not)')
    .option('--on <thing>', 'a facility, or the id of a job or token')
    .addHelpText('after', '\nExamples:\n  papilio can processing.suspend\n  papilio can facility.drain --on local')
    .action(async (action: string, raw, command: Command) => {
      const { client, one } = contextOf(command, io);
      const { on } = Options.parse(raw);
      const view = await client.call(api.getMeCan, { query: { action, on } });
      one(view, {
        name: view.isAllowed ? 'yes' : 'no',
        lines: ({ isAllowed, because, change }) =>
          facts([
            [isAllowed ? 'yes' : 'no', because],
            ['try', change],
          ]),
      });
      if (!view.isAllowed) throw new Verdict(exit.denied);
    });
};
