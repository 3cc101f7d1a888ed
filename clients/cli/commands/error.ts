import type { Command } from 'commander';
import { ErrorEntry } from '#schema/problem';
import * as api from '../../http/generated/operations.ts';
import { contextOf } from '../context.ts';
import { UsageError } from '../failure.ts';
import type { Io } from '../io.ts';
import { ListOptions, listOptions } from '../list-options.ts';
import { facts } from '../table.ts';

const Kind = ErrorEntry.shape.kind;
const KindOption = ListOptions.extend({
  kind: Kind.optional().catch(() => {
    throw new UsageError(`--kind is not one of ${Kind.options.join(', ')}`, '--kind Conflict');
  }),
});

const errorLines = (error: ErrorEntry): string[] =>
  facts([
    ['code', error.code],
    ['means', error.title],
    ['kind', error.kind],
    ['cause', error.cause],
    ['look at', error.evidence],
    ['later', error.retryable ? 'the same may succeed by itself' : 'something has to be mended first'],
    ['try', error.help],
  ]);

/** `papilio error list|show`. */
export const addError = (program: Command, io: Io): void => {
  const error = program.command('error').description('what can go wrong, and what to do about it');
  listOptions(error.command('list'))
    .description('every error code')
    .option('--kind <kind>', `only of one kind: ${Kind.options.join(', ')}`)
    .addHelpText('after', '\nExample:\n  papilio error list --kind Transient')
    .action(async (raw: object, command: Command) => {
      const { kind, limit, all } = KindOption.parse(raw);
      const { client, list } = contextOf(command, io);
      await list((cursor) => client.call(api.listErrors, { query: { kind, limit, cursor } }), {
        columns: [
          { head: 'CODE', of: ({ code }) => code },
          { head: 'KIND', of: ({ kind: of }) => of },
          { head: 'MEANS', of: ({ title }) => title },
        ],
        name: ({ code }) => code,
        wantsAll: all,
        none: 'no error of that kind',
      });
    });
  error
    .command('show <code>')
    .description('what one code means and what to try')
    .addHelpText('after', '\nExample:\n  papilio error show stf-corrupt')
    .action(async (code: string, _options: object, command: Command) => {
      const { client, one } = contextOf(command, io);
      one(await client.call(api.getError, { path: { code } }), { name: code, lines: errorLines });
    });
};
