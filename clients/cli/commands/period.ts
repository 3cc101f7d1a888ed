import type { Command } from 'commander';
import * as z from 'zod';
import type { RunPeriod } from '#schema/run-period';
import * as api from '../../http/generated/operations.ts';
import { type Ask, performToItsEnd, reasonOf } from '../act.ts';
import { type Context, contextOf } from '../context.ts';
import { UsageError } from '../failure.ts';
import type { Io } from '../io.ts';
import { ListOptions, listOptions } from '../list-options.ts';
import { momentOption } from '../moment.ts';
import { facts } from '../table.ts';
import { dateAndTime } from '../words.ts';

const Options = ListOptions.extend({
  run: z.string().optional(),
  at: momentOption('--at'),
  tf: z.string().optional(),
  configuration: z.string().optional(),
});

/** `102363..102370`, or `102363..` for what is open: first and last run. */
const runsOf = (text: string): { runFirst: number; runEnd?: number } => {
  const [, first, dots, last] = /^(\d{1,7})(\.\.(\d{1,7})?)?$/.exec(text)?.slice(0, 4) ?? [];
  if (first === undefined) throw new UsageError(`--runs ${text} is not FIRST..LAST`, '--runs 102363..102370');
  const runFirst = Number(first);
  if (dots === undefined) return { runFirst, runEnd: runFirst + 1 };
  return { runFirst, ...(last === undefined ? {} : { runEnd: Number(last) + 1 }) };
};

const settingsOf = (words: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=');
      if (at > 0 && at < word.length - 1) return [word.slice(0, at), word.slice(at + 1)];
      throw new UsageError(`--set ${word} is not NAME=VALUE`, '--set beam=5x41');
    }),
  );

const NameOptions = z.object({
  why: z.string().optional(),
  runs: z.string().optional(),
  from: momentOption('--from'),
  to: momentOption('--to'),
  set: z.array(z.string()).default([]),
  note: z.string().optional(),
});
const CloseOptions = z.object({ why: z.string().optional(), after: z.string().optional(), at: momentOption('--at') });

const extentOf = ({ runFirst, runEnd, startsAt, endsAt }: RunPeriod): string => {
  if (runFirst === undefined)
    return `${dateAndTime(startsAt)} to ${endsAt === undefined ? '…' : dateAndTime(endsAt)} UTC`;
  return `runs ${runFirst} to ${runEnd === undefined ? '…' : runEnd - 1}`;
};

const configurationOf = ({ configuration }: RunPeriod): string =>
  Object.entries(configuration)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ') || '–';

const periodLines = (period: RunPeriod): string[] =>
  facts([
    ['name', period.name],
    ['id', period.id],
    ['holds', extentOf(period)],
    ['configuration', configurationOf(period)],
    ['note', period.note],
    ['named', `${dateAndTime(period.namedAt)} UTC by ${period.namedBy}`],
    ['closed', period.closedAt && `${dateAndTime(period.closedAt)} UTC by ${period.closedBy}`],
  ]);

/** Does it, and shows the period as it is then. */
const carryOut = async (context: Context, period: string, ask: Ask): Promise<void> => {
  await performToItsEnd(context, ask, 'papilio period show');
  const { client, one } = context;
  one(await client.call(api.getPeriod, { path: { id: period } }), { name: period, lines: periodLines });
};

const reasonOfPeriod = (why: string | undefined): string => reasonOf(why, 'the magnet is back at 1.7 T');

/** `papilio period list|show|name|close`. */
export const addPeriod = (program: Command, io: Io): void => {
  const period = program.command('period').description('run periods: named parts of the stream, which may overlap');
  listOptions(period.command('list'))
    .description('all by name, or those that hold all that is asked for')
    .option('--run <run>', 'those that hold this run')
    .option('--at <moment>', 'those that hold this moment, with its zone')
    .option('--tf <tf>', 'those that hold this TF')
    .option('--configuration <name=value>', 'those in which this holds')
    .addHelpText(
      'after',
      '\nExamples:\n  papilio period list --run 102363\n  papilio period list --configuration beam=5x41 -o name',
    )
    .action(async (raw, command: Command) => {
      const { limit, all, at, ...wanted } = Options.parse(raw);
      const { client, list } = contextOf(command, io);
      const query = { ...wanted, at, limit };
      await list((cursor) => client.call(api.listPeriods, { query: { ...query, cursor } }), {
        columns: [
          { head: 'NAME', of: ({ name }) => name },
          { head: 'HOLDS', of: extentOf },
          { head: 'CONFIGURATION', of: configurationOf },
          { head: 'NOTE', of: ({ note }) => note ?? '' },
        ],
        name: ({ name }) => name,
        wantsAll: all,
        none: 'no such run period',
      });
    });
  period
    .command('show <period>')
    .description('one run period')
    .addHelpText('after', '\nExample:\n  papilio period show low-lumi')
    .action(async (typed: string, _options, command: Command) => {
      const { client, one } = contextOf(command, io);
      const view = await client.call(api.getPeriod, { path: { id: typed } });
      one(view, { name: view.name, lines: periodLines });
    });
  addNaming(period, io);
};

const addNaming = (period: Command, io: Io): void => {
  period
    .command('name <period>')
    .description('name a run period: by run numbers, or by time')
    .option('--runs <first..last>', 'first and last run; FIRST.. is open until it is closed')
    .option('--from <moment>', 'its first moment, with its zone')
    .option('--to <moment>', 'the moment at which it is over; open until it is closed without')
    .option('--set <name=value...>', 'what holds in it')
    .option('--note <note>', 'what else is to be known')
    .option('--why <reason>', 'the reason, kept for ever')
    .addHelpText(
      'after',
      `
Examples:
  papilio period name low-lumi --runs 102363..102370 --set beam=5x41 field=1.7T --why 'luminosity scan'
  papilio period name night-shift --from 2026-11-25T22:00:00Z --why 'shift plan'`,
    )
    .action(async (typed: string, raw, command: Command) => {
      const { why, runs, from, to, set, note } = NameOptions.parse(raw);
      const extent = runs === undefined ? {} : runsOf(runs);
      const body = {
        why: reasonOfPeriod(why),
        ...extent,
        startsAt: from,
        endsAt: to,
        note,
        configuration: settingsOf(set),
      };
      const context = contextOf(command, io);
      await carryOut(context, typed, (options) =>
        context.client.call(api.namePeriod, { path: { id: typed }, body }, options),
      );
    });
  period
    .command('close <period>')
    .description('give an open run period its end')
    .option('--after <run>', 'its last run')
    .option('--at <moment>', 'the moment at which it is over (default, for one of time: now)')
    .option('--why <reason>', 'the reason, kept for ever')
    .addHelpText('after', `\nExample:\n  papilio period close night-shift --why 'the shift is over'`)
    .action(async (typed: string, raw, command: Command) => {
      const { why, after, at } = CloseOptions.parse(raw);
      const runEnd = after === undefined ? undefined : runsOf(after).runEnd;
      const body = { why: reasonOfPeriod(why), runEnd, endsAt: at };
      const context = contextOf(command, io);
      await carryOut(context, typed, (options) =>
        context.client.call(api.closePeriod, { path: { id: typed }, body }, options),
      );
    });
};
