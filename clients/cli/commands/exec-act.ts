import type { Command } from 'commander';
import * as z from 'zod';
import type { ExecutionView } from '#schema/execution';
import * as api from '../../http/generated/operations.ts';
import { reasonOf } from '../act.ts';
import { confirmed } from '../confirm.ts';
import { type Context, contextOf } from '../context.ts';
import { each, idsOf } from '../each.ts';
import { exit, Verdict } from '../failure.ts';
import type { Io } from '../io.ts';

const Options = z.object({ why: z.string().trim().min(1).optional(), dryRun: z.boolean().default(false) });

/** What would come of it: nothing, for the reason that is given. */
type Trial = { readonly view: ExecutionView; readonly refusal: string | undefined };
type Act = {
  readonly verb: 'stop' | 'redrive';
  readonly operation: typeof api.stopExecution | typeof api.redriveExecution;
  readonly would: string;
  readonly refusalOf: (view: ExecutionView) => string | undefined;
};

const stop: Act = {
  verb: 'stop',
  operation: api.stopExecution,
  would: 'be stopped',
  refusalOf: ({ status }) => (status === 'RUNNING' || status === 'PENDING_REDRIVE' ? undefined : 'it has ended'),
};
const redrive: Act = {
  verb: 'redrive',
  operation: api.redriveExecution,
  would: 'run again what failed',
  refusalOf: ({ redrive: known }) => (known?.isPossible ? undefined : (known?.reason ?? 'it cannot be redriven')),
};

const tryAll = async (context: Context, ids: readonly string[], act: Act): Promise<number> => {
  const { client, io } = context;
  const { done, code } = await each(ids, io, async (id): Promise<Trial> => {
    const view = await client.call(api.getExecution, { path: { execution: id } });
    return { view, refusal: act.refusalOf(view) };
  });
  await context.list(async () => ({ items: done }), {
    columns: [
      { head: 'EXECUTION', of: ({ view }) => view.id },
      { head: 'STATUS', of: ({ view }) => view.status },
      { head: 'WOULD', of: ({ refusal }) => (refusal === undefined ? act.would : `not: ${refusal}`) },
    ],
    name: ({ view }) => view.id,
    wantsAll: false,
    none: 'nothing was tried',
  });
  return code || (done.every(({ refusal }) => refusal === undefined) ? exit.ok : exit.failed);
};

/** Machines that wait for a job, which is not ended with them. */
const withJobs: ReadonlySet<string> = new Set(['process-stf', 'run-job', 'merge-run', 'prepare-run']);
const jobGoesOn =
  'the job that it waited for goes on where it runs: `papilio job cancel` ends it; one that waits for a place fails with execution-stopped when its turn comes\n';

const doAll = async (context: Context, ids: readonly string[], act: Act, why: string): Promise<number> => {
  const { client, io } = context;
  const { done, code } = await each(ids, io, (id) =>
    client.call(act.operation, { path: { execution: id }, body: { why } }),
  );
  await context.list(async () => ({ items: done }), {
    columns: [
      { head: 'EXECUTION', of: ({ id }) => id },
      { head: 'STATUS', of: ({ status }) => status },
    ],
    name: ({ id }) => id,
    wantsAll: false,
    none: 'nothing was done',
  });
  if (act === stop && done.some(({ machine }) => withJobs.has(machine))) io.err.write(jobGoesOn);
  return code;
};

const run = async (act: Act, typed: readonly string[], raw: object, command: Command, io: Io): Promise<void> => {
  const { why, dryRun } = Options.parse(raw);
  const reason = dryRun ? '' : reasonOf(why, 'the calibration was wrong');
  const context = contextOf(command, io);
  const ids = await idsOf(typed, io, `papilio exec list --status FAILED -o name | papilio exec ${act.verb} -`);
  if (!dryRun && act === stop) await confirmed(context, `Stop ${ids.join(', ')}? What they have done is not undone.`);
  const code = dryRun ? await tryAll(context, ids, act) : await doAll(context, ids, act, reason);
  if (code !== exit.ok) throw new Verdict(code);
};

/** `papilio exec stop|redrive`. */
export const addExecActs = (exec: Command, io: Io): void => {
  exec
    .command('stop <executions...>')
    .description('end executions that run, and the children of their Maps; - reads them from a pipe')
    .option('--why <reason>', 'the reason, which becomes the cause of their end')
    .option('--dry-run', 'only show which would be stopped (exit code 1 if one has ended)')
    .addHelpText(
      'after',
      `
Examples:
  papilio exec stop process-stf:prod_exec_bnl-1-stf-00102363-00000001-p1 --why 'the calibration was wrong'
  papilio exec list --machine process-stf --status RUNNING -o name | papilio exec stop - --dry-run`,
    )
    .action((ids: string[], raw: object, command: Command) => run(stop, ids, raw, command, io));
  exec
    .command('redrive <executions...>')
    .description('run again what failed of executions, not what succeeded; - reads them from a pipe')
    .option('--why <reason>', 'the reason, kept for ever')
    .option('--dry-run', 'only show whether they can be redriven, and why not (exit code 1 if one cannot)')
    .addHelpText(
      'after',
      `
Examples:
  papilio exec redrive process-stf:prod_exec_bnl-1-stf-00102363-00000001-p1 --why 'the file is there now'
  papilio exec list --status FAILED --all -o name | papilio exec redrive - --why 'the site is back'`,
    )
    .action((ids: string[], raw: object, command: Command) => run(redrive, ids, raw, command, io));
};
