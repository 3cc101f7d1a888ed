import type { Command } from 'commander';
import * as z from 'zod';
import type { FacetRevision } from '#schema/facet';
import * as api from '../../http/generated/operations.ts';
import { onlyWhether, performToItsEnd, reasonOf } from '../act.ts';
import { type Context, contextOf } from '../context.ts';
import type { Io } from '../io.ts';
import { facts } from '../table.ts';
import { dateAndTime } from '../words.ts';

const Options = z.object({ why: z.string().optional(), dryRun: z.boolean().default(false) });

type Standing = { readonly value: string } & Partial<FacetRevision>;

const linesOf = ({ value, eventAt, reason, previousValue }: Standing): string[] =>
  facts([
    ['processing', value],
    ['since', eventAt && `${dateAndTime(eventAt)} UTC`],
    ['because', reason],
    ['before', previousValue],
  ]);

const show = async ({ client, one }: Context): Promise<void> => {
  const { facets } = await client.call(api.getState);
  const standing: Standing = facets.find(({ facet }) => facet === 'processing') ?? { value: 'running' };
  one(standing, { name: standing.value, lines: linesOf });
};

/** `papilio processing show|suspend|resume`. */
export const addProcessing = (program: Command, io: Io): void => {
  const processing = program.command('processing').description('whether what is archived is processed');
  const run = async (verb: 'suspend' | 'resume', raw: object, command: Command): Promise<void> => {
    const context = contextOf(command, io);
    const { dryRun, ...given } = Options.parse(raw);
    if (dryRun) return onlyWhether(context, `processing.${verb}`);
    const why = reasonOf(given.why, 'a new firmware is loaded');
    const operation = { suspend: api.suspendProcessing, resume: api.resumeProcessing }[verb];
    await performToItsEnd(
      context,
      (options) => context.client.call(operation, { body: { why } }, options),
      'papilio processing show',
    );
    await show(context);
  };
  processing
    .command('show')
    .description('whether it runs, since when and why')
    .addHelpText('after', '\nExample:\n  papilio processing show')
    .action((_options: object, command: Command) => show(contextOf(command, io)));
  processing
    .command('suspend')
    .description('hold it: archiving goes on, what comes waits until somebody resumes it')
    .option('--why <reason>', 'the reason, kept for ever')
    .option('--dry-run', 'only say whether you may')
    .addHelpText('after', `\nExample:\n  papilio processing suspend --why 'a new firmware is loaded'`)
    .action((raw: object, command: Command) => run('suspend', raw, command));
  processing
    .command('resume')
    .description('end an operator’s hold: what waits is placed at once')
    .option('--why <reason>', 'the reason, kept for ever')
    .option('--dry-run', 'only say whether you may')
    .addHelpText('after', `\nExample:\n  papilio processing resume --why 'the firmware is loaded'`)
    .action((raw: object, command: Command) => run('resume', raw, command));
};
