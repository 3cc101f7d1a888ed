import type { Command } from 'commander';
import type { JobView } from '#schema/view';
import { contextOf } from '../context.ts';
import { findJob } from '../find-job.ts';
import type { Io } from '../io.ts';
import { explainLines } from '../trace.ts';
import { harmless } from '../words.ts';

const stateWords: Readonly<Record<JobView['state'], string>> = {
  waiting: 'waits for a place: the broker has not found one yet',
  assigned: 'has a place and is about to be handed over',
  submitting: 'is being handed over',
  submitted: 'is with its facility',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'was cancelled',
};

const cancelWords = ({ id, state, acts = [] }: JobView): string[] => {
  const act = state === 'cancelled' ? acts.findLast((one) => one.act === 'cancel') : undefined;
  return act ? [harmless(`  because: ${act.by}, ${act.why}`), `  try: papilio job retry ${id}`] : [];
};

const endWords = (job: JobView): string[] => {
  const end = job.attempts.at(-1)?.end;
  if (job.state !== 'failed' || !end) return [];
  const how = end.signal ?? (end.exitCode === undefined ? undefined : `exit code ${end.exitCode}`);
  return [
    `  because: ${[job.errorCode, end.outcome, how, end.reason].filter(Boolean).join(', ')}`,
    `  try: papilio job logs ${job.id}, then papilio job retry ${job.id}`,
  ];
};

const whyLines = (job: JobView): string[] => [
  `${job.id} ${stateWords[job.state]}`,
  ...cancelWords(job),
  ...endWords(job),
  ...job.explains.flatMap(explainLines),
  ...(job.explains.length === 0 ? ['no decision about it was made yet'] : []),
];

/** `papilio why`. */
export const addWhy = (program: Command, io: Io): void => {
  program
    .command('why <id>')
    .description('why a job ran where it ran, waits, or failed; an STF’s name means its job')
    .addHelpText('after', '\nExample:\n  papilio why swf.102363.000001.stf')
    .action(async (typed: string, _options, command: Command) => {
      const { client, one } = contextOf(command, io);
      const job = await findJob(client, typed);
      one(job, { name: job.id, lines: whyLines });
    });
};
