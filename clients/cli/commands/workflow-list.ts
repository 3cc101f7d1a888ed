import type { Command } from 'commander';
import type { WorkflowView } from '#schema/catalogue';
import * as api from '../../http/generated/operations.ts';
import { contextOf } from '../context.ts';
import type { Io } from '../io.ts';
import { ListOptions, listOptions } from '../list-options.ts';
import { facts } from '../table.ts';
import { dateAndTime, harmless } from '../words.ts';
import { graphLines, readGraph } from '../workflow-graph.ts';

const workflowLines = ({ name, plane, comment, updatedAt, definition }: WorkflowView): string[] => [
  ...facts([
    ['workflow', name],
    ['plane', plane],
    ['does', comment],
    ['since', `${dateAndTime(updatedAt)} UTC`],
  ]),
  '',
  ...graphLines(readGraph(JSON.stringify(definition))).map(harmless),
];

/** `papilio workflow list|show`. */
export const addWorkflowList = (workflow: Command, io: Io): void => {
  listOptions(workflow.command('list'))
    .description('the state machines that papilio runs')
    .addHelpText('after', '\nExample:\n  papilio workflow list')
    .action(async (raw: object, command: Command) => {
      const { limit, all } = ListOptions.parse(raw);
      const { client, list } = contextOf(command, io);
      await list((cursor) => client.call(api.listWorkflows, { query: { limit, cursor } }), {
        columns: [
          { head: 'WORKFLOW', of: ({ name }) => name },
          { head: 'PLANE', of: ({ plane }) => plane },
          { head: 'STATES', of: ({ states }) => String(states), isNumber: true },
          { head: 'DOES', of: ({ comment }) => comment ?? '–' },
        ],
        name: ({ name }) => name,
        wantsAll: all,
        none: 'no plane has any yet',
      });
    });
  workflow
    .command('show <workflow>')
    .description('one of them, with its states; with --json its definition in Amazon States Language')
    .addHelpText(
      'after',
      '\nExamples:\n  papilio workflow show process-stf\n  papilio workflow show process-stf --json definition',
    )
    .action(async (name: string, _options: object, command: Command) => {
      const { client, one } = contextOf(command, io);
      one(await client.call(api.getWorkflow, { path: { workflow: name } }), { name, lines: workflowLines });
    });
};
