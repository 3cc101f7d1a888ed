import type { Command } from 'commander';
import * as z from 'zod';
import { AuditLine } from '#schema/audit';
import * as api from '../../http/generated/operations.ts';
import { contextOf } from '../context.ts';
import { UsageError } from '../failure.ts';
import type { Io } from '../io.ts';
import { ListOptions, listOptions } from '../list-options.ts';
import { momentOption } from '../moment.ts';
import { dateAndTime, shortId } from '../words.ts';

const outcomes = AuditLine.shape.outcome.options.join(', ');
const Options = ListOptions.extend({
  by: z.string().optional(),
  subject: z.string().optional(),
  action: z.string().optional(),
  outcome: AuditLine.shape.outcome.optional().catch(() => {
    throw new UsageError(`--outcome is none of ${outcomes}`, '--outcome denied');
  }),
  since: momentOption('--since'),
  until: momentOption('--until'),
});

const reasonOf = ({ why, problem }: AuditLine): string => problem?.code ?? why ?? '–';

/** `papilio audit list`. */
export const addAudit = (program: Command, io: Io): void => {
  const audit = program.command('audit').description('who did what, and what was refused');
  listOptions(audit.command('list'))
    .description('acts, the latest first: who, what, to which thing, why; -o json has before and after, and from where')
    .option('--by <who>', 'by one person or token')
    .option('--subject <id>', 'done to one thing')
    .option('--action <action>', 'of one kind, such as processing.suspend')
    .option('--outcome <outcome>', outcomes)
    .option('--since <moment>', 'from a moment with its zone on, or so long ago, such as 6h')
    .option('--until <moment>', 'before a moment')
    .addHelpText(
      'after',
      '\nExamples:\n  papilio audit list --since 1d\n  papilio audit list --outcome denied --json at,by,action,subject',
    )
    .action(async (raw, command: Command) => {
      const { all, ...query } = Options.parse(raw);
      const { client, list } = contextOf(command, io);
      await list((cursor) => client.call(api.listAudit, { query: { ...query, cursor } }), {
        columns: [
          { head: 'AT', of: ({ at }) => dateAndTime(at) },
          { head: 'BY', of: ({ by }) => by },
          { head: 'DID', of: ({ action }) => action },
          { head: 'TO', of: ({ subject }) => shortId(subject) },
          { head: 'OUTCOME', of: ({ outcome, count }) => (count > 1 ? `${outcome} ×${count}` : outcome) },
          { head: 'BECAUSE', of: reasonOf },
          { head: 'ID', of: ({ id }) => id, isWide: true },
        ],
        name: ({ id }) => id,
        wantsAll: all,
        none: 'nobody did anything like that',
      });
    });
};
