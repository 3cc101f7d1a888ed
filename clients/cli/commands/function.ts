import type { Command } from 'commander';
import * as z from 'zod';
import { FunctionView } from '#schema/catalogue';
import * as api from '../../http/generated/operations.ts';
import { contextOf } from '../context.ts';
import { UsageError } from '../failure.ts';
import type { Io } from '../io.ts';
import { ListOptions, listOptions } from '../list-options.ts';
import { facts } from '../table.ts';

const Options = ListOptions.extend({
  plane: FunctionView.shape.plane.optional().catch(() => {
    throw new UsageError('--plane is neither archive nor work', '--plane work');
  }),
  area: z.string().optional(),
});

const triggerOf = ({ trigger }: FunctionView): string => {
  if (trigger.kind === 'machine') return 'a state machine';
  if (trigger.kind === 'schedule') return `every ${trigger.everyS} s`;
  return `queue ${trigger.queue}, ${trigger.batch} at a time, ${trigger.parallel} at once`;
};

const functionLines = (view: FunctionView): string[] =>
  facts([
    ['function', view.name],
    ['area', view.area],
    ['plane', view.plane],
    ['runs on', triggerOf(view)],
    ['one for', view.isPerFacility ? 'each site' : 'the plane'],
    ['limits', `${view.timeoutS} s, ${view.memoryMb} MB`],
    ['uses', view.uses.join(', ')],
  ]);

/** `papilio function list|show`. */
export const addFunction = (program: Command, io: Io): void => {
  const noun = program.command('function').description('the functions that papilio is made of');
  listOptions(noun.command('list'))
    .description('all of them by name')
    .option('--plane <plane>', 'only those of archive, or of work')
    .option('--area <area>', 'only those of an area, such as jobs')
    .addHelpText('after', '\nExample:\n  papilio function list --plane work --area jobs')
    .action(async (raw: object, command: Command) => {
      const { all, ...query } = Options.parse(raw);
      const { client, list } = contextOf(command, io);
      await list((cursor) => client.call(api.listFunctions, { query: { ...query, cursor } }), {
        columns: [
          { head: 'FUNCTION', of: ({ name }) => name },
          { head: 'AREA', of: ({ area }) => area },
          { head: 'PLANE', of: ({ plane }) => plane },
          { head: 'RUNS ON', of: triggerOf },
        ],
        name: ({ name }) => name,
        wantsAll: all,
        none: 'no such function',
      });
    });
  noun
    .command('show <function>')
    .description('one function: where it runs, on what, and within which limits')
    .addHelpText('after', '\nExample:\n  papilio function show assign-jobs')
    .action(async (name: string, _options: object, command: Command) => {
      const { client, one } = contextOf(command, io);
      one(await client.call(api.getFunction, { path: { function: name } }), { name, lines: functionLines });
    });
};
