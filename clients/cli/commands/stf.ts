import type { Command } from 'commander';
import * as z from 'zod';
import { StfView } from '#schema/view';
import * as api from '../../http/generated/operations.ts';
import { contextOf, widthOf } from '../context.ts';
import { GetOptions, getOne, getOptions, stfRemote } from '../get.ts';
import type { Io } from '../io.ts';
import { ListOptions, oneOf, orRunMissing, runOption, watchedOptions } from '../list-options.ts';
import { facts } from '../table.ts';
import { traceLines } from '../trace.ts';
import { dateAndTime, duration, size, timeOfDay } from '../words.ts';

const states = StfView.shape.processing.options;
const Options = ListOptions.extend({
  run: runOption,
  processing: oneOf('--processing', StfView.shape.processing),
  newest: z.boolean().default(false),
});

const latencyOf = ({ receivedAt, stf }: StfView): string =>
  stf?.settledAt === undefined ? '–' : duration(Date.parse(stf.settledAt) - Date.parse(receivedAt));

/** An STF for a person. */
export const stfLines = (view: StfView): string[] => {
  const { replica, stf } = view;
  return facts([
    ['stf', view.name],
    ['id', view.id],
    ['run', `${view.run}, sequence ${view.sequence}`],
    ['TFs', stf && `${stf.tfFirst} to before ${stf.tfEnd}`],
    ['BXs', stf && `${stf.bxFirst} to before ${stf.bxEnd}`],
    ['state', stf?.state && `${stf.state}/${stf.substate ?? '?'}`],
    ['received', `${dateAndTime(view.receivedAt)} UTC`],
    [
      'archived',
      replica
        ? `${dateAndTime(replica.archivedAt)} UTC, ${size(replica.sizeBytes)}, adler32 ${replica.checksumAdler32}`
        : 'not yet',
    ],
    ['object', replica?.objectKey],
    ['processing', stf?.failure ? `failed: ${stf.failure.code}, ${stf.failure.reason}` : view.processing],
    ['settled', stf?.settledAt && `${dateAndTime(stf.settledAt)} UTC, ${latencyOf(view)} after its message`],
    ['job', stf?.jobId],
    ['output', stf?.outputId],
  ]);
};

/** Why an STF is not processed, as far as a list says it. */
const whyOf = ({ stf, waitsFor }: StfView): string => stf?.failure?.reason ?? waitsFor ?? '–';

const addList = (stf: Command, io: Io): void => {
  watchedOptions(stf.command('list'))
    .description('STFs of a run in their order, or of all runs, the newest first')
    .option('--run <run>', 'run number (default: all runs)')
    .option('--processing <state>', `only those that are ${states.join(', ')}`)
    .option('--newest', 'the newest first, also of one run')
    .addHelpText(
      'after',
      '\nExamples:\n  papilio stf list --run 102363\n  papilio stf list --processing waiting\n  papilio stf list --processing failed --all -o name\n  papilio stf list --run 102363 --watch',
    )
    .action(async (raw, command: Command) => {
      const { run, processing, newest, limit, all } = Options.parse(raw);
      const { client, list } = contextOf(command, io);
      const query = { run, processing, limit, sort: newest ? ('-sequence' as const) : undefined };
      await list((cursor) => orRunMissing(client, run, client.call(api.listStfs, { query: { ...query, cursor } })), {
        columns: [
          { head: 'STF', of: ({ name }) => name },
          { head: 'RECEIVED', of: ({ receivedAt }) => timeOfDay(receivedAt) },
          { head: 'STATE', of: (item) => (item.stf?.state ? `${item.stf.state}/${item.stf.substate ?? '?'}` : '–') },
          { head: 'SIZE', of: ({ replica }) => size(replica?.sizeBytes), isNumber: true },
          { head: 'ARCHIVED', of: ({ isArchived }) => (isArchived ? 'yes' : 'no') },
          { head: 'PROCESSING', of: (item) => item.stf?.failure?.code ?? item.processing },
          { head: 'TOOK', of: latencyOf, isNumber: true },
          { head: 'FIRST TF', of: (item) => item.stf?.tfFirst ?? '–', isNumber: true, isWide: true },
          { head: 'JOB', of: (item) => item.stf?.jobId ?? '–', isWide: true },
          ...(processing === undefined || processing === 'processed' ? [] : [{ head: 'WHY', of: whyOf, isCut: true }]),
        ],
        name: ({ name }) => name,
        wantsAll: all,
        none: 'no STFs',
      });
    });
};

/** `papilio stf list|show|get|trace`. */
export const addStf = (program: Command, io: Io): void => {
  const stf = program.command('stf').description('super timeframes: files of about 1000 contiguous timeframes');
  addList(stf, io);
  stf
    .command('show <stf>')
    .description('one STF: its copy, its TFs and BXs, its processing')
    .addHelpText('after', '\nExample:\n  papilio stf show swf.102363.000001.stf')
    .action(async (name: string, _options, command: Command) => {
      const { client, one } = contextOf(command, io);
      const view = await client.call(api.getStf, { path: { stf: name } });
      one(view, { name: view.name, lines: stfLines });
    });
  getOptions(stf.command('get <stf>'))
    .description('download the archived file of an STF; a broken download goes on where it stopped')
    .addHelpText('after', '\nExample:\n  papilio stf get swf.102363.000001.stf --to stf.bin')
    .action(async (name: string, raw: object, command: Command) => {
      const context = contextOf(command, io);
      const view = await context.client.call(api.getStf, { path: { stf: name } });
      await getOne(context, stfRemote(context.client, view), GetOptions.parse(raw));
    });
  stf
    .command('trace <stf>')
    .description('the whole life of an STF, step by step, with what caused each step')
    .addHelpText('after', '\nExample:\n  papilio stf trace swf.102363.000001.stf')
    .action(async (name: string, _options, command: Command) => {
      const { client, one } = contextOf(command, io);
      const trace = await client.call(api.getStfTrace, { path: { stf: name } });
      one(trace, {
        name: trace.stf.name,
        lines: (whole) => [...stfLines(whole.stf), '', ...traceLines(whole, widthOf(io))],
      });
    });
};
