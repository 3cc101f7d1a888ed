import type { Command } from 'commander';
import * as z from 'zod';
import type { JobView } from '#schema/view';
import * as api from '../../http/generated/operations.ts';
import { perform, reasonOf } from '../act.ts';
import { confirmed } from '../confirm.ts';
import { type Context, contextOf } from '../context.ts';
import { each, idsOf } from '../each.ts';
import { exit, Verdict } from '../failure.ts';
import { findJob } from '../find-job.ts';
import type { Io } from '../io.ts';
import { shortId } from '../words.ts';

const Options = z.object({ why: z.string().trim().min(1).optional(), dryRun: z.boolean().default(false) });

/** What would come of it: nothing, for the reason that is given. */
type Trial = { readonly job: JobView; readonly refusal: string | undefined };
type Act = {
  readonly verb: 'cancel' | 'retry';
  readonly operation: typeof api.cancelJob | typeof api.retryJob;
  readonly would: string;
  readonly refusalOf: (job: JobView) => string | undefined;
};

const isOver = ({ state }: JobView): boolean => ['succeeded', 'failed', 'cancelled'].includes(state);
const cancel: Act = {
  verb: 'cancel',
  operation: api.cancelJob,
  would: 'be cancelled',
  refusalOf: (job) => (isOver(job) ? `it has ${job.state === 'cancelled' ? 'been cancelled' : job.state}` : undefined),
};
const retry: Act = {
  verb: 'retry',
  operation: api.retryJob,
  would: 'be run again',
  refusalOf: ({ state, attempts }) => {
    if (state !== 'failed' && state !== 'cancelled') return `it is ${state}`;
    return attempts.some((attempt) => attempt.state !== 'settled') ? 'its payload has not ended yet' : undefined;
  },
};

const tryAll = async (context: Context, ids: readonly string[], act: Act): Promise<number> => {
  const { done, code } = await each(ids, context.io, async (id): Promise<Trial> => {
    const job = await findJob(context.client, id);
    return { job, refusal: act.refusalOf(job) };
  });
  await context.list(async () => ({ items: done }), {
    columns: [
      { head: 'JOB', of: ({ job }) => job.id },
      { head: 'STATE', of: ({ job }) => job.state },
      { head: 'WOULD', of: ({ refusal }) => (refusal === undefined ? act.would : `not: ${refusal}`) },
    ],
    name: ({ job }) => job.id,
    wantsAll: false,
    none: 'nothing was tried',
  });
  return code || (done.every(({ refusal }) => refusal === undefined) ? exit.ok : exit.failed);
};

const doAll = async (context: Context, ids: readonly string[], act: Act, why: string): Promise<number> => {
  const { client, io } = context;
  const { done, code } = await each(ids, io, async (typed) => {
    const { id } = await findJob(client, typed);
    return perform(context, (options) => client.call(act.operation, { path: { id }, body: { why } }, options));
  });
  await context.list(async () => ({ items: done }), {
    columns: [
      { head: 'JOB', of: ({ subject }) => subject },
      { head: 'ACTION', of: ({ action }) => action },
      { head: 'STATE', of: ({ state }) => state },
      { head: 'COMMAND', of: ({ id }) => shortId(id) },
    ],
    name: ({ subject }) => subject,
    wantsAll: false,
    none: 'nothing was done',
  });
  return code || (done.some(({ state }) => state === 'waiting') ? exit.stillRunning : exit.ok);
};

const run = async (act: Act, typed: readonly string[], raw: object, command: Command, io: Io): Promise<void> => {
  const { why, dryRun } = Options.parse(raw);
  const reason = dryRun ? '' : reasonOf(why, 'the calibration was wrong');
  const context = contextOf(command, io);
  const ids = await idsOf(typed, io, `papilio job list --state failed -o name | papilio job ${act.verb} -`);
  if (!dryRun && act === cancel) await confirmed(context, `Cancel ${ids.join(', ')}? What they have computed is lost.`);
  const code = dryRun ? await tryAll(context, ids, act) : await doAll(context, ids, act, reason);
  if (code !== exit.ok) throw new Verdict(code);
};

/** `papilio job cancel|retry`. */
export const addJobActs = (job: Command, io: Io): void => {
  job
    .command('cancel <jobs...>')
    .description(
      'end jobs with their payloads, wherever they are; an STF’s name means its job, - reads them from a pipe',
    )
    .option('--why <reason>', 'the reason, kept for ever')
    .option('--dry-run', 'only show which would be cancelled (exit code 1 if one has ended)')
    .addHelpText(
      'after',
      `
Examples:
  papilio job cancel swf.102363.000001.stf --why 'the calibration was wrong'
  papilio job list --state waiting -o name | papilio job cancel - --dry-run`,
    )
    .action((ids: string[], raw: object, command: Command) => run(cancel, ids, raw, command, io));
  job
    .command('retry <jobs...>')
    .description('run jobs again that failed or were cancelled; an STF’s name means its job, - reads them from a pipe')
    .option('--why <reason>', 'the reason, kept for ever')
    .option('--dry-run', 'only show which would be run again, and why not (exit code 1 if one would not)')
    .addHelpText(
      'after',
      `
Examples:
  papilio job retry swf.102363.000001.stf --why 'the calibration is right now'
  papilio job list --state failed --all -o name | papilio job retry - --why 'the site is back'`,
    )
    .action((ids: string[], raw: object, command: Command) => run(retry, ids, raw, command, io));
};
