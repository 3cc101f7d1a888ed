import type { Command } from 'commander';
import * as z from 'zod';
import { JobState } from '#schema/job';
import type { JobView } from '#schema/view';
import type { Client } from '../../http/client.ts';
import * as api from '../../http/generated/operations.ts';
import { contextOf } from '../context.ts';
import { exit, UsageError, Verdict } from '../failure.ts';
import { findJob } from '../find-job.ts';
import type { Io } from '../io.ts';
import { ListOptions, orRunMissing, runOption, watchedOptions } from '../list-options.ts';
import { momentOption } from '../moment.ts';
import { facts } from '../table.ts';
import { jobStory } from '../trace.ts';
import { dateAndTime, harmless } from '../words.ts';
import { addJobActs } from './job-act.ts';

const LogOptions = z.object({
  follow: z.boolean().default(false),
  attempt: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .catch(() => {
      throw new UsageError('--attempt is not a number from 1 on', '--attempt 1');
    }),
});

const JobsOptions = ListOptions.extend({
  run: runOption,
  state: JobState.optional().catch(() => {
    throw new UsageError(`--state is not one of ${JobState.options.join(', ')}`, '--state failed');
  }),
  site: z.string().optional(),
  owner: z.string().optional(),
  since: momentOption('--since'),
  until: momentOption('--until'),
  oldest: z.boolean().default(false),
});

const jobLines = (job: JobView): string[] => [
  ...facts([
    ['job', job.id],
    ['task', job.task],
    ['stf', job.stfId],
    ['state', job.errorCode === undefined ? job.state : `${job.state}: ${job.errorCode}`],
    [
      'may use',
      `${job.resources.cores} cores, ${job.resources.memoryMb} MB, ${job.resources.diskMb} MB of disk, ${job.resources.timeoutS} s`,
    ],
    ['created', `${dateAndTime(job.createdAt)} UTC`],
    ['settled', job.settledAt && `${dateAndTime(job.settledAt)} UTC`],
    ['owner', job.owner],
    ...(job.acts ?? []).map(({ act, by, why, at }): [string, string] => [
      act,
      `${dateAndTime(at)} UTC by ${by}: ${why}`,
    ]),
  ]),
  ...jobStory(job),
];

/** Writes a log as it grows; ends with the attempt, or at the end of what there is. */
const writeLog = async (
  client: Client,
  jobId: string,
  { follow, attempt }: z.output<typeof LogOptions>,
  io: Io,
): Promise<void> => {
  let after = 0;
  for (;;) {
    const query = { after, attempt, waitMs: follow ? 20_000 : 0 };
    const response = await client.open(api.getJobLog, { path: { job: jobId }, query });
    const { headers } = response;
    const text = await response.text();
    // A payload's output may hold what a terminal would obey; a file gets it as it is.
    io.out.write(io.out.isTTY ? harmless(text) : text);
    after = Number(headers.get('papilio-log-end') ?? after);
    const isOver = headers.get('papilio-log-final') === 'true';
    if (isOver || (!follow && text === '')) return;
  }
};

const addList = (job: Command, io: Io): void => {
  watchedOptions(job.command('list'))
    .description('jobs, the latest first; of a run in the order of its STFs')
    .option('--run <run>', 'of this run')
    .option('--state <state>', `only those that are ${JobState.options.join(', ')}`)
    .option('--site <site>', 'only those that are there, or were last')
    .option('--owner <owner>', 'only those that this person asked for')
    .option('--since <moment>', 'only those made at or after it, or so long ago, such as 6h')
    .option('--until <moment>', 'only those made before it')
    .option('--oldest', 'the oldest first')
    .addHelpText(
      'after',
      '\nExamples:\n  papilio job list --run 102363\n  papilio job list --state failed --site local -o name',
    )
    .action(async (raw, command: Command) => {
      const { site: facility, oldest, all, ...query } = JobsOptions.parse(raw);
      const { client, list } = contextOf(command, io);
      const wish = { ...query, facility, ...(oldest && { sort: 'created' as const }) };
      await list(
        (cursor) => orRunMissing(client, wish.run, client.call(api.listJobs, { query: { ...wish, cursor } })),
        {
          columns: [
            { head: 'JOB', of: ({ id }) => id },
            { head: 'TASK', of: ({ task }) => task },
            { head: 'STATE', of: ({ state, errorCode }) => errorCode ?? state },
            { head: 'ATTEMPTS', of: ({ attempts }) => String(attempts.length), isNumber: true },
            { head: 'AT', of: ({ attempts }) => attempts.at(-1)?.facility ?? '–' },
            { head: 'STF', of: ({ stfId }) => stfId ?? '–', isWide: true },
            { head: 'CREATED', of: ({ createdAt }) => dateAndTime(createdAt), isWide: true },
            { head: 'OWNER', of: ({ owner }) => owner ?? '–', isWide: true },
          ],
          name: ({ id }) => id,
          wantsAll: all,
          none: 'no jobs',
        },
      );
    });
};

/** `papilio job list|show|logs|cancel|retry`. */
export const addJob = (program: Command, io: Io): void => {
  const job = program.command('job').description('units of work, each at one site');
  addList(job, io);
  addJobActs(job, io);
  job
    .command('show <job>')
    .description('one job with its attempts and why each went where it went; an STF’s name means its job')
    .addHelpText('after', '\nExample:\n  papilio job show swf.102363.000001.stf')
    .action(async (typed: string, _options, command: Command) => {
      const { client, one } = contextOf(command, io);
      const view = await findJob(client, typed);
      one(view, { name: view.id, lines: jobLines });
    });
  job
    .command('logs <job>')
    .description('what the payload wrote (exit code 1 if the job failed)')
    .option('-f, --follow', 'stay until it ends')
    .option('--attempt <n>', 'of this attempt (default: the latest)')
    .addHelpText('after', '\nExample:\n  papilio job logs swf.102363.000001.stf --follow')
    .action(async (typed: string, raw, command: Command) => {
      const options = LogOptions.parse(raw);
      const { client } = contextOf(command, io);
      const { id } = await findJob(client, typed);
      await writeLog(client, id, options, io);
      const { state } = await client.call(api.getJob, { path: { job: id } });
      if (state === 'failed' || state === 'cancelled') throw new Verdict(exit.failed);
    });
};
