import type { Command } from 'commander';
import * as z from 'zod';
import { StateHistory, StateView } from '#schema/view';
import { contextOf } from '../context.ts';
import type { Io } from '../io.ts';
import { facts, table } from '../table.ts';
import { dateAndTime, shortId } from '../words.ts';

const Options = z.object({ run: z.string().optional() });
type Pair = { readonly state: string; readonly substate: string } | undefined;
const pairWords = (pair: Pair): string => (pair ? `${pair.state}/${pair.substate}` : '–');

const stateLines = ({ ribbon, run }: StateView): string[] => {
  if (!ribbon) return ['no run was announced yet'];
  return facts([
    ['state', `${ribbon.state ?? '?'}/${ribbon.substate ?? '?'}`],
    ['run', `${ribbon.run}, ${ribbon.phase}`],
    ['since', `${dateAndTime(ribbon.since)} UTC`],
    ['started', run?.startedAt],
    ['ended', run?.endedAt],
  ]);
};

const historyLines = ({ items }: StateHistory): string[] =>
  table(
    [
      { head: 'STAMPED', of: ({ stampedAt }) => stampedAt },
      { head: 'MESSAGE', of: ({ type }) => type },
      { head: 'FROM', of: ({ from }) => pairWords(from) },
      { head: 'TO', of: ({ to, pair }) => pairWords(to ?? pair) },
      { head: 'JUDGED', of: ({ isLegal, reason }) => (isLegal ? 'legal' : `held: ${reason ?? 'illegal'}`) },
      { head: 'ID', of: ({ messageId }) => shortId(messageId) },
    ],
    items,
  );

/** `papilio state show|history`. */
export const addState = (program: Command, io: Io): void => {
  const state = program.command('state').description('the detector’s state, as the DAQ tells it');
  state
    .command('show')
    .description('the state now, and since when')
    .addHelpText('after', '\nExample:\n  papilio state show --json')
    .action(async (_options, command: Command) => {
      const { client, one } = contextOf(command, io);
      const view = await client.get('/v1/state', StateView, {}, io.signal);
      one(view, { name: pairWords(view.run?.pair), lines: stateLines });
    });
  state
    .command('history')
    .description('every state message of a run in the order of the DAQ’s stamps, and how it was judged')
    .option('--run <run>', 'run number (default: the run that the DAQ spoke of last)')
    .addHelpText('after', '\nExample:\n  papilio state history --run 102363')
    .action(async (raw, command: Command) => {
      const { client, one } = contextOf(command, io);
      const history = await client.get('/v1/state/history', StateHistory, Options.parse(raw), io.signal);
      one(history, { name: String(history.run), lines: historyLines });
    });
};
