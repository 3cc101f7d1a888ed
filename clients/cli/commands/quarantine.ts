import type { Command } from 'commander';
import { Quarantine } from '#schema/quarantine';
import type { QuarantineView } from '#schema/view';
import * as api from '../../http/generated/operations.ts';
import { contextOf } from '../context.ts';
import { UsageError } from '../failure.ts';
import type { Io } from '../io.ts';
import { ListOptions, watchedOptions } from '../list-options.ts';
import { facts } from '../table.ts';
import { dateAndTime, harmless, shortId } from '../words.ts';
import { addActs } from './quarantine-act.ts';

const Options = ListOptions.extend({
  state: Quarantine.shape.state.optional().catch(() => {
    throw new UsageError(`--state is none of ${states}`, '--state held');
  }),
});
const states = Quarantine.shape.state.options.join(', ');

/** What people did; what both planes carried out is one act. */
const doneLines = ({ findings }: QuarantineView): [string, string][] => {
  const acts = new Map(findings.flatMap(({ acts = [] }) => acts.map((one) => [one.commandId, one] as const)));
  return [...acts.values()].map(({ act, by, why, at, mendedId }) => [
    act,
    harmless(`${dateAndTime(at)} UTC by ${by}: ${why}${mendedId === undefined ? '' : ` (now ${mendedId})`}`),
  ]);
};

const quarantineLines = (view: QuarantineView): string[] => [
  ...facts([
    ['id', view.id],
    ['message', view.messageId],
    ['received', `${dateAndTime(view.receivedAt)} UTC`],
    ...view.findings.map(({ plane, problem, state }): [string, string] => [
      plane,
      `${state}: ${problem.code}, ${problem.reason}`,
    ]),
    ...doneLines(view),
  ]),
  '',
  harmless(view.raw),
];

/** `papilio quarantine list|show|mend|replay|discard`. */
export const addQuarantine = (program: Command, io: Io): void => {
  const quarantine = program.command('quarantine').description('messages that could not be understood or broke a rule');
  watchedOptions(quarantine.command('list'))
    .description('what is held, and what was settled, the latest first')
    .option('--state <state>', states)
    .addHelpText('after', '\nExample:\n  papilio quarantine list --state held')
    .action(async (raw, command: Command) => {
      const { limit, all, state } = Options.parse(raw);
      const { client, list } = contextOf(command, io);
      await list((cursor) => client.call(api.listQuarantine, { query: { limit, state, cursor } }), {
        columns: [
          { head: 'SINCE', of: ({ quarantinedAt }) => dateAndTime(quarantinedAt) },
          { head: 'BY', of: ({ plane }) => plane },
          { head: 'STATE', of: (item) => item.state },
          { head: 'CODE', of: ({ problem }) => problem.code },
          { head: 'REASON', of: ({ problem }) => problem.reason.slice(0, 80) },
          { head: 'ID', of: ({ id }) => shortId(id) },
        ],
        name: ({ id }) => id,
        wantsAll: all,
        none: 'nothing is in quarantine',
      });
    });
  quarantine
    .command('show <id>')
    .description('one message: what was found, and its bytes')
    .addHelpText('after', '\nExample:\n  papilio quarantine show quarantine_0123456789abcdef0123456789abcdef')
    .action(async (id: string, _options, command: Command) => {
      const { client, one } = contextOf(command, io);
      const view = await client.call(api.getQuarantine, { path: { id } });
      one(view, { name: view.id, lines: quarantineLines });
    });
  addActs(quarantine, io);
};
