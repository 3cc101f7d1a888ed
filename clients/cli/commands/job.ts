import type { Command } from 'commander';
import * as z from 'zod';
import type { JobView } from '#schema/view';
import type { Client } from '../../http/client.ts';
import * as api from '../../http/generated/operations.ts';
import { contextOf } from '../context.ts';
import { exit, UsageError, Verdict } from '../failure.ts';
import { findJob } from '../find-job.ts';
import type { Io } from '../io.ts';
import { currentRun, ListOptions, listOptions } from '../list-options.ts';
import { facts } from '../table.ts';
import { jobStory } from '../trace.ts';
import { dateAndTime, harmless } from '../words.ts';

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
  listOptions(job.command('list'))
    .description('jobs of a run')
    .option('--run <run>', 'run number (default: the run that the DAQ spoke of last)')
    .addHelpText('after', '\nExample:\n  papilio job list --run 102363')
    .action(async (raw, command: Command) => {
      const { run, limit, all } = ListOptions.extend({ run: z.string().optional() }).parse(raw);
      const { client, list } = contextOf(command, io);
      const number = run ?? (await currentRun(client));
      await list((cursor) => client.call(api.listJobs, { query: { run: number, limit, cursor } }), {
        columns: [
          { head: 'JOB', of: ({ id }) => id },
          { head: 'TASK', of: ({ task }) => task },
          { head: 'STATE', of: ({ state, errorCode }) => errorCode ?? state },
          { head: 'ATTEMPTS', of: ({ attempts }) => String(attempts.length), isNumber: true },
          { head: 'AT', of: ({ attempts }) => attempts.at(-1)?.facility ?? '–' },
        ],
        name: ({ id }) => id,
        wantsAll: all,
        none: 'no jobs',
      });
    });
};

/** `papilio job list|show|logs`. */
export const addJob = (program: Command, io: Io): void => {
  const job = program.command('job').description('units of work, each at one site');
  addList(job, io);
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
      if (state === 'failed') throw new Verdict(exit.failed);
    });
};
