import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import * as z from 'zod';
import { type Reading, readDaqBody } from '#schema/daq-dialects';
import { type QuarantineAct, readHeld } from '#schema/quarantine';
import type { QuarantineView } from '#schema/view';
import type { Client } from '../../http/client.ts';
import * as api from '../../http/generated/operations.ts';
import { type Ask, perform, reasonOf } from '../act.ts';
import { adviceOn, isFileDamaged } from '../advice.ts';
import { confirmed } from '../confirm.ts';
import { type Context, contextOf } from '../context.ts';
import { each, idsOf } from '../each.ts';
import { exit, UsageError, Verdict } from '../failure.ts';
import type { Io } from '../io.ts';
import { isReadAgain, replayOutcome } from '../replay-outcome.ts';
import { readStdin } from '../stdin.ts';
import { harmless, shortId } from '../words.ts';

type Act = QuarantineAct['act'];
const Options = z.object({
  why: z.string().trim().min(1).optional(),
  file: z.string().optional(),
  dryRun: z.boolean().default(false),
});
type Options = z.output<typeof Options>;

/** What a message would be read as, and whether its file is known to be damaged: then it is held again. */
type Trial = { readonly id: string; readonly reading: Reading; readonly damage?: string | undefined };

const bodyOf = async ({ file }: Options, io: Io): Promise<string> => {
  if (file === undefined || file === '-') return readStdin(io);
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`--file ${file}: ${reason}`, 'name a file with the mended body, or pipe it in');
  }
};

const tryOut = async ({ client }: Context, id: string, body: string | undefined): Promise<Trial> => {
  const view = await client.call(api.getQuarantine, { path: { id } });
  if (body !== undefined) return { id: view.id, reading: readDaqBody(body) };
  const held = view.findings.find(({ problem }) => isFileDamaged({ ...problem, raw: view.raw }));
  return { id: view.id, reading: readHeld(view.raw), damage: held?.problem.code };
};

const wordsOf = ({ reading }: Trial): string =>
  'fact' in reading ? JSON.stringify(reading.fact) : `${reading.problem.code}, ${reading.problem.reason}`;

const tryAll = async (context: Context, ids: readonly string[], body: string | undefined): Promise<number> => {
  const { done, code } = await each(ids, context.io, (id) => tryOut(context, id, body));
  await context.list(async () => ({ items: done }), {
    columns: [
      { head: 'ID', of: ({ id }) => shortId(id) },
      { head: 'WOULD BE READ', of: ({ reading }) => ('fact' in reading ? reading.fact.type : 'no') },
      {
        head: 'THEN',
        of: ({ damage }) => (damage === undefined ? '–' : `held again, unless its file is another: ${damage}`),
      },
      { head: 'AS', of: (trial) => harmless(wordsOf(trial)), isCut: true },
    ],
    name: ({ id }) => id,
    wantsAll: false,
    none: 'nothing was tried',
  });
  return code || (done.every(({ reading }) => 'fact' in reading) ? exit.ok : exit.failed);
};

/** How an act on one message is asked for. */
const askFor = ({ client }: Context, act: Act, id: string, { why, body }: { why: string; body: string }): Ask => {
  const path = { id };
  if (act === 'mend') return (options) => client.call(api.mendQuarantine, { path, body: { why, body } }, options);
  const operation = { replay: api.replayQuarantine, discard: api.discardQuarantine }[act];
  return (options) => client.call(operation, { path, body: { why } }, options);
};

const doAll = async (
  context: Context,
  act: Act,
  ids: readonly string[],
  content: { readonly why: string; readonly body: string },
): Promise<number> => {
  const { done, code } = await each(ids, context.io, (id) => perform(context, askFor(context, act, id, content)));
  await context.list(async () => ({ items: done }), {
    columns: [
      { head: 'MESSAGE', of: ({ subject }) => shortId(subject) },
      { head: 'ACTION', of: ({ action }) => action },
      { head: 'STATE', of: ({ state }) => state },
      { head: 'COMMAND', of: ({ id }) => shortId(id) },
    ],
    name: ({ id }) => id,
    wantsAll: false,
    none: 'nothing was done',
  });
  return code || (done.some(({ state }) => state === 'waiting') ? exit.stillRunning : exit.ok);
};

const codesOf = { released: exit.ok, 'held again': exit.failed, 'not settled yet': exit.stillRunning } as const;

/** Messages whose file is read again, as they are now. */
const readAgain = async (client: Client, ids: readonly string[], io: Io): Promise<QuarantineView[]> => {
  // Those that are not there are named by the act itself.
  const quiet = { ...io, err: { write: () => true } };
  const { done } = await each(ids, quiet, (id) => client.call(api.getQuarantine, { path: { id } }));
  return done.filter(isReadAgain);
};

/** Sends messages again and waits for what becomes of those whose file is read again. */
const replayAll = async (context: Context, ids: readonly string[], why: string): Promise<number> => {
  const { client, io, options } = context;
  const before = await readAgain(client, ids, io);
  const code = await doAll(context, 'replay', ids, { why, body: '' });
  if (code !== exit.ok) return code;
  let worst: number = exit.ok;
  for (const view of before) {
    const { id, kind, reason } = await replayOutcome(client, view, { wait: options.wait, signal: io.signal });
    io.err.write(harmless(`${kind}: ${shortId(id)}${reason === undefined ? '' : `: ${reason}`}\n`));
    if (kind === 'held again') for (const step of adviceIn(view)) io.err.write(harmless(`  try: ${step}\n`));
    worst = worst === exit.failed ? worst : codesOf[kind] || worst;
  }
  return worst;
};

const adviceIn = ({ id, raw, findings }: QuarantineView): string[] => {
  const held = findings.find(({ state }) => state === 'held');
  return held ? adviceOn({ code: held.problem.code, id, raw }) : [];
};

/** Runs an act on one message or several. */
const run = async (act: Act, typed: readonly string[], raw: object, command: Command, io: Io): Promise<void> => {
  const options = Options.parse(raw);
  const { why, dryRun } = options;
  const reason = dryRun ? '' : reasonOf(why, 'the sender was told');
  const context = contextOf(command, io);
  const ids = await idsOf(typed, io, 'papilio quarantine list --state held -o name | papilio quarantine …');
  if (!dryRun && act === 'discard') await confirmed(context, `Discard ${ids.join(', ')}, for ever?`);
  const body = act === 'mend' ? await bodyOf(options, io) : '';
  const code = dryRun
    ? await tryAll(context, ids, act === 'mend' ? body : undefined)
    : act === 'replay'
      ? await replayAll(context, ids, reason)
      : await doAll(context, act, ids, { why: reason, body });
  if (code !== exit.ok) throw new Verdict(code);
};

/** `papilio quarantine mend|replay|discard`. */
export const addActs = (quarantine: Command, io: Io): void => {
  const why = ['--why <reason>', 'the reason, kept for ever'] as const;
  const dryRun = ['--dry-run', 'only show what the message would be read as (exit code 1 if it could not be)'] as const;
  quarantine
    .command('mend <id>')
    .description('let another body take the place of a held message, which is kept as it came')
    .option(...why)
    .option('--file <file>', 'the mended body (default: what is piped in)')
    .option(...dryRun)
    .addHelpText(
      'after',
      `
Examples:
  papilio quarantine show quarantine_0123456789abcdef0123456789abcdef --json | jq -r .raw > body.json
  papilio quarantine mend quarantine_0123456789abcdef0123456789abcdef --file body.json --dry-run
  papilio quarantine mend quarantine_0123456789abcdef0123456789abcdef --file body.json --why 'run number was wrong'`,
    )
    .action((id: string, raw: object, command: Command) => run('mend', [id], raw, command, io));
  quarantine
    .command('replay <ids...>')
    .description('send held messages again as they are, after what was wrong is right; - reads ids from a pipe')
    .option(...why)
    .option(...dryRun)
    .addHelpText(
      'after',
      `
Example:
  papilio quarantine list --state held -o name | papilio quarantine replay - --why 'the file is there now'`,
    )
    .action((ids: string[], raw: object, command: Command) => run('replay', ids, raw, command, io));
  quarantine
    .command('discard <ids...>')
    .description('settle held messages as ones that count for nothing; they stay readable; - reads ids from a pipe')
    .option(...why)
    .addHelpText(
      'after',
      `
Example:
  papilio quarantine discard quarantine_0123456789abcdef0123456789abcdef --why 'a test of the sender'`,
    )
    .action((ids: string[], raw: object, command: Command) => run('discard', ids, raw, command, io));
};
