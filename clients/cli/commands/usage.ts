import type { Command } from 'commander';
import * as z from 'zod';
import { UsageBy, type UsageGraduate } from '#schema/usage';
import * as api from '../../http/generated/operations.ts';
import { contextOf } from '../context.ts';
import { UsageError } from '../failure.ts';
import type { Io } from '../io.ts';
import { ListOptions, listOptions } from '../list-options.ts';
import { momentOption } from '../moment.ts';
import { facts } from '../table.ts';
import { dateAndTime } from '../words.ts';

const Range = ListOptions.extend({ since: momentOption('--since'), until: momentOption('--until') });
const ShowOptions = Range.extend({
  by: UsageBy.catch(() => {
    throw new UsageError(`--by is one of ${UsageBy.options.join(', ')}`, '--by route');
  }),
  client: z.string().optional(),
  who: z.string().optional(),
});

const number = (value: number): string => value.toLocaleString('en-US');

const ranged = (command: Command, usual: string): Command =>
  listOptions(command)
    .option('--since <moment>', `from the hour of this moment on, or so long ago, such as 6h (default: ${usual} ago)`)
    .option('--until <moment>', 'to the hour of this moment (default: now)');

const graduateLines = ({ name, requests, route, suggests, evidence }: UsageGraduate): string[] => [
  ...facts([
    ['integration', name],
    ['requests', `${number(requests)}, most of them ${route}`],
    ['would be', suggests === 'live-events' ? 'served by live events instead of polling' : 'a view of papilio’s own'],
  ]),
  ...evidence.map(({ isMet, says, threshold, rule }) => `  ${isMet ? '✓' : '–'} ${says} (${rule}: ${threshold})`),
];

/** `papilio usage show|graduates`. */
export const addUsage = (program: Command, io: Io): void => {
  const usage = program.command('usage').description('how the interface is used, and by what');
  ranged(usage.command('show'), '7 days')
    .description('requests by client, token, person, route or status')
    .option('--by <what>', `by what they are added up: ${UsageBy.options.join(', ')}`, 'client')
    .option('--client <client>', 'of this client only')
    .option('--who <who>', 'of this person or machine only')
    .addHelpText(
      'after',
      '\nExamples:\n  papilio usage show\n  papilio usage show --by route --client papilio-cli\n  papilio usage show --by who --since 2026-11-25T08:00:00Z -o csv',
    )
    .action(async (raw, command: Command) => {
      const { all, ...query } = ShowOptions.parse(raw);
      const { client, list } = contextOf(command, io);
      await list((cursor) => client.call(api.listUsage, { query: { ...query, cursor } }), {
        columns: [
          { head: query.by.toUpperCase(), of: ({ name }) => name },
          { head: 'REQUESTS', of: ({ requests }) => number(requests), isNumber: true },
          { head: 'REFUSED', of: ({ refused }) => number(refused), isNumber: true },
          { head: 'FAILED', of: ({ failed }) => number(failed), isNumber: true },
          { head: 'USERS', of: ({ users }) => number(users), isNumber: true },
          { head: 'DAYS', of: ({ days }) => number(days), isNumber: true },
          { head: 'FIRST HOUR', of: ({ firstHourAt }) => dateAndTime(firstHourAt), isWide: true },
          { head: 'LAST HOUR', of: ({ lastHourAt }) => dateAndTime(lastHourAt) },
        ],
        name: ({ name }) => name,
        wantsAll: all,
        none: 'no use was counted in that time',
      });
    });
  ranged(usage.command('graduates'), '14 days')
    .description('integrations that papilio should do by itself, with the evidence')
    .addHelpText('after', '\nExamples:\n  papilio usage graduates\n  papilio usage graduates --json name,evidence')
    .action(async (raw, command: Command) => {
      const { limit, since, until } = Range.parse(raw);
      const { client, all, io: own } = contextOf(command, io);
      const { items, next } = await client.call(api.listUsageGraduates, { query: { limit, since, until } });
      all(items, { name: ({ name }) => name, lines: graduateLines });
      if (items.length === 0) own.err.write('no integration is used so much that it should graduate\n');
      if (next !== undefined) own.err.write('there is more: give a larger --limit\n');
    });
};
