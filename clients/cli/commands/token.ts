import type { Command } from 'commander';
import * as z from 'zod';
import { Role } from '#schema/access';
import type { TokenMade, TokenView } from '#schema/token';
import * as api from '../../http/generated/operations.ts';
import { onlyWhether, perform, reasonOf } from '../act.ts';
import { confirmed } from '../confirm.ts';
import { type Context, contextOf } from '../context.ts';
import { each, idsOf } from '../each.ts';
import { exit, UsageError, Verdict } from '../failure.ts';
import type { Io } from '../io.ts';
import { ListOptions, listOptions } from '../list-options.ts';
import { facts } from '../table.ts';
import { dateAndTime, shortId } from '../words.ts';

const words = z
  .string()
  .transform((text) => text.split(',').map((word) => word.trim()))
  .optional();
const CreateOptions = z.object({
  role: words.pipe(z.array(Role).optional()).catch(() => {
    throw new UsageError(`--role is none of ${Role.options.join(', ')}`, '--role viewer');
  }),
  only: words,
  facility: words,
  days: z.coerce
    .number()
    .int()
    .min(1)
    .max(366)
    .catch(() => {
      throw new UsageError('--days is not a number from 1 to 366', '--days 90');
    }),
  why: z.string().optional(),
});

const tokenLines = (view: TokenView): string[] =>
  facts([
    ['token', view.id],
    ['for', view.name],
    ['state', view.state],
    ['owner', view.owner],
    ['roles', view.roles.join(', ')],
    ['only', view.policies?.join(', ')],
    ['facilities', view.facilities.join(', ') || undefined],
    ['made', `${dateAndTime(view.createdAt)} UTC`],
    ['until', `${dateAndTime(view.expiresAt)} UTC`],
    ['last used', view.lastUsedAt && `${dateAndTime(view.lastUsedAt)} UTC`],
    ['ended', view.revokedAt && `${dateAndTime(view.revokedAt)} UTC by ${view.revokedBy}`],
  ]);

const show = ({ io, one }: Context, made: TokenMade): void => {
  if (made.secret === undefined) io.err.write('this request was sent before: its token was shown then\n');
  one(made, {
    name: made.secret ?? made.id,
    lines: ({ id, secret, expiresAt }) =>
      facts([
        ['token', secret],
        ['id', id],
        ['until', `${dateAndTime(expiresAt)} UTC`],
      ]),
  });
  io.err.write('keep it now: papilio never shows it again\n');
};

const addList = (token: Command, io: Io): void => {
  listOptions(token.command('list'))
    .description('tokens of machines, the latest first: yours, or as an administrator everybody’s')
    .option('--owner <who>', 'those that somebody has made')
    .addHelpText('after', '\nExamples:\n  papilio token list\n  papilio token list --json id,name,lastUsedAt')
    .action(async (raw, command: Command) => {
      const { all, ...query } = ListOptions.extend({ owner: z.string().optional() }).parse(raw);
      const { client, list } = contextOf(command, io);
      await list((cursor) => client.call(api.listTokens, { query: { ...query, cursor } }), {
        columns: [
          { head: 'TOKEN', of: ({ id }) => shortId(id) },
          { head: 'FOR', of: ({ name }) => name },
          { head: 'STATE', of: ({ state }) => state },
          { head: 'ROLES', of: ({ roles }) => roles.join(', ') },
          { head: 'UNTIL', of: ({ expiresAt }) => dateAndTime(expiresAt) },
          { head: 'LAST USED', of: ({ lastUsedAt }) => dateAndTime(lastUsedAt) },
          { head: 'OWNER', of: ({ owner }) => owner, isWide: true },
        ],
        name: ({ id }) => id,
        wantsAll: all,
        none: 'no tokens',
      });
    });
};

const addCreate = (token: Command, io: Io): void => {
  token
    .command('create <name>')
    .description('make a token for a machine: it may no more than you; it is shown this once')
    .option('--role <roles>', 'some of your roles, or viewer or user, with commas between them')
    .option('--only <policies>', 'what it is limited to, such as job.read, with commas between several')
    .option('--facility <names>', 'some of the facilities that you care for')
    .option('--days <n>', 'how long it holds', '90')
    .option('--why <reason>', 'the reason, kept for ever')
    .addHelpText(
      'after',
      `
Examples:
  papilio token create grafana --role viewer --days 30 --why 'the dashboard of the control room'
  papilio token create pilot --only job.read,bundle.read --why 'pilots at BNL' -o name > token`,
    )
    .action(async (name: string, raw, command: Command) => {
      const { role, only, facility, days, why } = CreateOptions.parse(raw);
      const context = contextOf(command, io);
      const reason = reasonOf(why, 'the dashboard of the control room');
      const body = { name, why: reason, roles: role, policies: only, facilities: facility, days };
      show(context, await context.client.call(api.createToken, { body }));
    });
};

/** `papilio token list|show|create|revoke`. */
export const addToken = (program: Command, io: Io): void => {
  const token = program.command('token').description('tokens of machines: made, looked at and ended by who owns them');
  addList(token, io);
  token
    .command('show <token>')
    .description('one token: what it may, until when, when it was last used')
    .addHelpText('after', '\nExample:\n  papilio token show token_0123456789abcdef')
    .action(async (id: string, _raw, command: Command) => {
      const { client, one } = contextOf(command, io);
      const view = await client.call(api.getToken, { path: { id } });
      one(view, { name: view.id, lines: tokenLines });
    });
  addCreate(token, io);
  token
    .command('revoke <tokens...>')
    .description('end tokens: the next request that shows one is refused; - reads them from a pipe')
    .option('--why <reason>', 'the reason, kept for ever')
    .option('--dry-run', 'only say whether you may')
    .addHelpText('after', `\nExample:\n  papilio token revoke token_0123456789abcdef --why 'it was in a log'`)
    .action(async (typed: string[], raw: { why?: string; dryRun?: boolean }, command: Command) => {
      const context = contextOf(command, io);
      if (raw.dryRun) return onlyWhether(context, 'token.revoke', typed[0]);
      const why = reasonOf(raw.why, 'it was in a log');
      const { client, list } = context;
      const ids = await idsOf(typed, io, 'papilio token list -o name | papilio token revoke -');
      await confirmed(context, `End ${ids.length === 1 ? ids[0] : `${ids.length} tokens`} for ever?`);
      const { done, code } = await each(ids, context.io, (id) =>
        perform(context, (options) => client.call(api.revokeToken, { path: { id }, body: { why } }, options)),
      );
      await list(async () => ({ items: done }), {
        columns: [
          { head: 'TOKEN', of: ({ subject }) => shortId(subject) },
          { head: 'STATE', of: ({ state }) => state },
        ],
        name: ({ subject }) => subject,
        wantsAll: false,
        none: 'nothing was ended',
      });
      if (code !== exit.ok) throw new Verdict(code);
    });
};
