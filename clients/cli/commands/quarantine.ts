import type { Command } from 'commander';
import * as z from 'zod';
import { Quarantine } from '#schema/quarantine';
import type { QuarantineView } from '#schema/view';
import { ApiError } from '../../http/api-error.ts';
import * as api from '../../http/generated/operations.ts';
import { adviceOn } from '../advice.ts';
import { contextOf } from '../context.ts';
import { heldOfStf, isStf } from '../find-job.ts';
import type { Io } from '../io.ts';
import { ListOptions, oneOf, watchedOptions } from '../list-options.ts';
import { facts } from '../table.ts';
import { dateAndTime, harmless, shortId } from '../words.ts';
import { addActs } from './quarantine-act.ts';

const Options = ListOptions.extend({
  state: oneOf('--state', Quarantine.shape.state),
  stf: z.string().optional(),
});

/** A reason without the sentence of its code, which stands beside it; the name of a rule stays. */
const detailOf = ({ reason }: { readonly reason: string }): string => {
  const at = reason.indexOf(': ');
  return reason.slice(0, Math.max(0, at)).includes(' ') ? reason.slice(at + 2) : reason;
};

/** What people did; what both planes carried out is one act. */
const doneLines = ({ findings }: QuarantineView): [string, string][] => {
  const acts = new Map(findings.flatMap(({ acts = [] }) => acts.map((one) => [one.commandId, one] as const)));
  return [...acts.values()].map(({ act, by, why, at, mendedId }) => [
    act,
    harmless(`${dateAndTime(at)} UTC by ${by}: ${why}${mendedId === undefined ? '' : ` (now ${mendedId})`}`),
  ]);
};

const adviceLines = ({ id, raw, findings }: QuarantineView): [string, string][] => {
  const held = findings.find(({ state }) => state === 'held');
  return held ? adviceOn({ code: held.problem.code, id, raw }).map((step) => ['try', step]) : [];
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
    ...adviceLines(view),
  ]),
  '',
  harmless(view.raw),
];

const notHeld = (stf: string): ApiError =>
  new ApiError({
    ...{ code: 'record-missing', status: 404, title: 'not in quarantine' },
    detail: `no message about ${stf} is or was held`,
    help: `papilio stf show ${stf}`,
  });

/** `papilio quarantine list|show|mend|replay|discard`. */
export const addQuarantine = (program: Command, io: Io): void => {
  const quarantine = program.command('quarantine').description('messages that could not be understood or broke a rule');
  watchedOptions(quarantine.command('list'))
    .description('what is held, and what was settled, the latest first')
    .option('--state <state>', Quarantine.shape.state.options.join(', '))
    .option('--stf <stf>', 'only messages about this STF')
    .addHelpText(
      'after',
      '\nExamples:\n  papilio quarantine list --state held\n  papilio quarantine list --stf swf.102363.000001.stf',
    )
    .action(async (raw, command: Command) => {
      const { limit, all, state, stf } = Options.parse(raw);
      const { client, list } = contextOf(command, io);
      await list((cursor) => client.call(api.listQuarantine, { query: { limit, state, stf, cursor } }), {
        columns: [
          { head: 'SINCE', of: ({ quarantinedAt }) => dateAndTime(quarantinedAt) },
          { head: 'BY', of: ({ plane }) => plane },
          { head: 'STATE', of: (item) => item.state },
          { head: 'STF', of: ({ stf }) => stf ?? '–' },
          { head: 'CODE', of: ({ problem }) => problem.code },
          { head: 'ID', of: ({ id }) => shortId(id) },
          { head: 'REASON', of: ({ problem }) => detailOf(problem), isCut: true },
        ],
        name: ({ id }) => id,
        wantsAll: all,
        none: 'nothing is in quarantine',
      });
    });
  quarantine
    .command('show <id>')
    .description('one message, or all that are held of an STF: what was found, what can help, and the bytes')
    .addHelpText(
      'after',
      '\nExamples:\n  papilio quarantine show quarantine_0123456789abcdef0123456789abcdef\n  papilio quarantine show swf.102363.000001.stf',
    )
    .action(async (id: string, _options, command: Command) => {
      const { client, one, all } = contextOf(command, io);
      if (!isStf(id)) {
        const view = await client.call(api.getQuarantine, { path: { id } });
        return one(view, { name: view.id, lines: quarantineLines });
      }
      const views = await heldOfStf(client, id);
      if (views.length === 0) throw notHeld(id);
      all(views, { name: (view) => view.id, lines: quarantineLines });
    });
  addActs(quarantine, io);
};
