import type { Command } from 'commander';
import { FacetName, type FacetRevision } from '#schema/facet';
import type { HistoryStep, StateHistory, StateView } from '#schema/view';
import * as api from '../../http/generated/operations.ts';
import { contextOf } from '../context.ts';
import { UsageError } from '../failure.ts';
import type { Io } from '../io.ts';
import { ListOptions, listOptions, runOption } from '../list-options.ts';
import { facts, table } from '../table.ts';
import { dateAndTime, shortId } from '../words.ts';

const HistoryOptions = ListOptions.extend({
  run: runOption,
  facet: FacetName.optional().catch(() => {
    throw new UsageError(`--facet is none of ${facets}`, '--facet detector');
  }),
});
const facets = FacetName.options.join(', ');
type Pair = { readonly state: string; readonly substate: string } | undefined;
const pairWords = (pair: Pair): string => (pair ? `${pair.state}/${pair.substate}` : '–');

/** Who said it, and how sure that is. */
const saidBy = ({ owner, confidence }: FacetRevision): string => `${owner}, ${confidence}`;

const facetLines = (revisions: readonly FacetRevision[]): string[] =>
  table(
    [
      { head: 'FACET', of: ({ facet }) => facet },
      { head: 'VALUE', of: ({ value }) => value },
      { head: 'SINCE', of: ({ eventAt }) => dateAndTime(eventAt) },
      { head: 'SAID BY', of: saidBy },
      { head: 'BECAUSE', of: ({ reason }) => reason },
    ],
    revisions,
  );

const stateLines = ({ ribbon, run, facets: known, overlaps }: StateView): string[] => {
  const now = ribbon
    ? facts([
        ['state', `${ribbon.state ?? '?'}/${ribbon.substate ?? '?'}`],
        ['run', `${ribbon.run}, ${ribbon.phase}`],
        ['since', `${dateAndTime(ribbon.since)} UTC`],
        ['started', run?.startedAt],
        ['ended', run?.endedAt],
        ...overlaps.map((overlap): [string, string] => [
          'overlap',
          `run ${overlap.run} began before run ${overlap.with} had ended`,
        ]),
      ])
    : ['no run was announced yet'];
  return known.length === 0 ? now : [...now, '', ...facetLines(known)];
};

const judgedAs = ({ isLegal, rule, reason }: HistoryStep): string =>
  isLegal ? 'legal' : `held: ${[rule, reason ?? 'illegal'].filter((word) => word !== undefined).join(': ')}`;

const historyLines = ({ items }: StateHistory): string[] =>
  table(
    [
      { head: 'STAMPED', of: ({ stampedAt }) => stampedAt },
      { head: 'MESSAGE', of: ({ type }) => type },
      { head: 'FROM', of: ({ from }) => pairWords(from) },
      { head: 'TO', of: ({ to, pair }) => pairWords(to ?? pair) },
      { head: 'JUDGED', of: judgedAs },
      { head: 'ID', of: ({ messageId }) => shortId(messageId) },
    ],
    items,
  );

/** `papilio state show|history`. */
export const addState = (program: Command, io: Io): void => {
  const state = program.command('state').description('the detector’s state, as the DAQ tells it');
  state
    .command('show')
    .description('the state now, facet by facet: since when, and who said so')
    .addHelpText('after', '\nExample:\n  papilio state show --json')
    .action(async (_options, command: Command) => {
      const { client, one } = contextOf(command, io);
      const view = await client.call(api.getState);
      one(view, { name: pairWords(view.run?.pair), lines: stateLines });
    });
  listOptions(state.command('history'))
    .description(
      'how it came about: every message of a run in the DAQ’s order and how it was judged, or a facet’s revisions',
    )
    .option('--run <run>', 'run number (default: the run that the DAQ spoke of last)')
    .option('--facet <facet>', `revisions of a facet instead, the latest first: ${facets}`)
    .addHelpText(
      'after',
      '\nExamples:\n  papilio state history --run 102363\n  papilio state history --facet observed --limit 20',
    )
    .action(async (raw, command: Command) => {
      const { run, facet, limit, all } = HistoryOptions.parse(raw);
      const { client, one, list } = contextOf(command, io);
      if (facet === undefined) {
        const history = await client.call(api.listStateHistory, { query: { run } });
        return one(history, { name: String(history.run), lines: historyLines });
      }
      if (run !== undefined) throw new UsageError('a facet is of the detector, not of a run', 'leave out --run');
      await list((cursor) => client.call(api.listStateFacets, { path: { facet }, query: { limit, cursor } }), {
        columns: [
          { head: 'REVISION', of: ({ revision }) => String(revision), isNumber: true },
          { head: 'VALUE', of: ({ value }) => value },
          { head: 'SINCE', of: ({ eventAt }) => dateAndTime(eventAt) },
          { head: 'TYPE', of: ({ type }) => type },
          { head: 'SAID BY', of: saidBy },
          { head: 'BECAUSE', of: ({ reason }) => reason },
          { head: 'CAUSE', of: ({ causeId }) => (causeId === undefined ? '–' : shortId(causeId)) },
        ],
        name: ({ revision }) => String(revision),
        wantsAll: all,
        none: 'nothing is known of it yet',
      });
    });
};
