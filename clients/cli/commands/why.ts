import type { Command } from 'commander';
import type { ExecutionView } from '#schema/execution';
import type { Output } from '#schema/output';
import type { JobView, QuarantineView } from '#schema/view';
import { ApiError } from '../../http/api-error.ts';
import type { Client } from '../../http/client.ts';
import * as api from '../../http/generated/operations.ts';
import { adviceOn, isFileDamaged } from '../advice.ts';
import { causeWords } from '../cause-words.ts';
import { type Context, contextOf } from '../context.ts';
import { UsageError } from '../failure.ts';
import { findJob, heldOfStf, isStf } from '../find-job.ts';
import type { Io } from '../io.ts';
import { mergeSentence, missingWords } from '../merge-words.ts';
import { explainLines } from '../trace.ts';
import { harmless, shortId } from '../words.ts';

const stateWords: Readonly<Record<JobView['state'], string>> = {
  waiting: 'is waiting',
  assigned: 'has a place and is about to be submitted',
  submitting: 'is being submitted',
  submitted: 'is at its facility',
  succeeded: 'succeeded',
  failed: 'failed',
  cancelled: 'was cancelled',
};

const cancelWords = ({ id, state, acts = [] }: JobView): string[] => {
  const act = state === 'cancelled' ? acts.findLast((one) => one.act === 'cancel') : undefined;
  return act ? [harmless(`  because: ${act.by}, ${act.why}`), `  try: papilio job retry ${id}`] : [];
};

/** Where the reason of a job that never ran stands whole. */
const whole = ({ stfId, errorCode }: JobView): string =>
  stfId === undefined ? `papilio error show ${errorCode ?? 'bug'}` : `papilio stf show ${stfId}`;

/** Steps that can help a job that failed: a retry reads the same file again. */
const tries = ({ id, stfId, errorCode }: JobView, look: string): string[] => {
  const isOfFile = errorCode !== undefined && (isFileDamaged({ code: errorCode }) || errorCode.startsWith('stf-file-'));
  if (!isOfFile) return [`  try: ${look}, then papilio job retry ${id}`];
  const held = stfId === undefined ? [] : [`  see: papilio quarantine show ${shortId(stfId)}`];
  return [...adviceOn({ code: errorCode }).map((step) => `  try: ${step}`), ...held];
};

const endWords = (job: JobView): string[] => {
  const end = job.attempts.at(-1)?.end;
  if (job.state !== 'failed') return [];
  if (!end) return [`  because: ${job.errorCode ?? 'no reason recorded'}`, ...tries(job, whole(job))];
  const how = end.signal ?? (end.exitCode === undefined ? undefined : `exit code ${end.exitCode}`);
  return [
    `  because: ${[job.errorCode, end.outcome, how, end.reason].filter(Boolean).join(', ')}`,
    ...tries(job, `papilio job logs ${job.id}`),
  ];
};

const whyLines = (job: JobView): string[] => [
  `${job.id} ${stateWords[job.state]}`,
  ...cancelWords(job),
  ...(job.waitsFor === undefined ? [] : [harmless(`  Waiting for ${job.waitsFor}`)]),
  ...endWords(job),
  ...job.explains.flatMap(explainLines),
];

const executionLines = ({ id, status, error, cause, redrive }: ExecutionView): string[] => {
  if (status === 'SUCCEEDED' || status === 'RUNNING') return [`${id} ${status === 'RUNNING' ? 'runs' : 'succeeded'}`];
  const again = redrive?.isPossible ? `, then papilio exec redrive ${id}` : '';
  return [
    `${id} ${status.toLowerCase().replaceAll('_', ' ')}`,
    harmless(`  because: ${[error, causeWords(cause)].filter(Boolean).join(', ') || 'no reason recorded'}`),
    `  try: papilio exec history ${id} --all${again}`,
  ];
};

const quarantineLines = ({ id, raw, findings }: QuarantineView): string[] =>
  findings.flatMap(({ plane, state, problem }) => [
    `${id} is ${state} by the ${plane} plane`,
    harmless(`  because: ${problem.code}, ${problem.reason}`),
    ...(state === 'held' ? adviceOn({ code: problem.code, id, raw }) : [`papilio error show ${problem.code}`]).map(
      (step) => `  try: ${step}`,
    ),
  ]);

/** Advice by what a merge lacks. */
const mergeAdvice = ({ runId, merge }: Output): string[] => {
  const run = String(Number(/(\d{1,8})$/.exec(runId)?.[1] ?? 0));
  const because = new Set(merge?.missing.map((one) => one.because));
  return [
    ...(because.has('failed')
      ? [`  try: papilio stf list --run ${run} --processing failed, then papilio job retry`]
      : []),
    ...(because.has('waiting') ? [`  try: papilio stf list --run ${run} --processing waiting`] : []),
    '  it is merged again by itself when more STFs of the run are processed',
  ];
};

const outputLines = (output: Output): string[] => {
  const { id, merge, supersededBy, provenance } = output;
  const later = supersededBy === undefined ? [] : [`${id} was superseded by ${supersededBy}`];
  if (merge === undefined)
    return [...later, `${id} was made by ${provenance.jobId}`, `  try: papilio why ${provenance.jobId}`];
  const missing = missingWords(output).map((line) => `  missing: ${line}`);
  return [
    ...later,
    `${id} merges ${mergeSentence(merge)}`,
    ...missing,
    ...(merge.isPartial && later.length === 0 ? mergeAdvice(output) : []),
  ];
};

/** The job of what was typed, or the messages that are held of an STF without a record. */
const jobOrHeld = async (client: Client, typed: string): Promise<{ job: JobView } | { held: QuarantineView[] }> => {
  try {
    return { job: await findJob(client, typed) };
  } catch (thrown) {
    if (!(thrown instanceof ApiError) || thrown.status !== 404 || !isStf(typed)) throw thrown;
    const held = await heldOfStf(client, typed);
    if (held.length === 0) throw thrown;
    return { held };
  }
};

/** Kinds of things by what their ids look like; a job is meant by its STF too. */
const kinds: readonly { readonly looks: RegExp; readonly show: (context: Context, id: string) => Promise<void> }[] = [
  {
    looks: /(^|_)quarantine_/,
    show: async ({ client, one }, id) => {
      const view = await client.call(api.getQuarantine, { path: { id } });
      one(view, { name: view.id, lines: quarantineLines });
    },
  },
  {
    looks: /(^|_)output_/,
    show: async ({ client, one }, output) => {
      const view = await client.call(api.getOutput, { path: { output } });
      one(view, { name: view.id, lines: outputLines });
    },
  },
  {
    looks: /:|(^|_)exec_/,
    show: async ({ client, one }, execution) => {
      const view = await client.call(api.getExecution, { path: { execution } });
      one(view, { name: view.id, lines: executionLines });
    },
  },
  {
    looks: /^swf\.|^\d{8}-\d{8}$|(^|_)(stf|job)_/,
    show: async (context, typed) => {
      const { client, one, all } = context;
      const found = await jobOrHeld(client, typed);
      if ('held' in found) all(found.held, { name: ({ id }) => id, lines: quarantineLines });
      else one(found.job, { name: found.job.id, lines: whyLines });
    },
  },
];

/** `papilio why`. */
export const addWhy = (program: Command, io: Io): void => {
  program
    .command('why <id>')
    .description(
      'why a job ran where it ran, waits or failed, an execution ended, a message is held, or a merge is partial; by any id',
    )
    .addHelpText(
      'after',
      '\nExamples:\n  papilio why swf.102363.000001.stf\n  papilio why process-stf:prod_exec_bnl-1-stf-00102363-00000001-p1\n  papilio why output_00102363-p1-merged\n  papilio why quarantine_0123456789abcdef0123456789abcdef',
    )
    .action(async (typed: string, _options, command: Command) => {
      const kind = kinds.find(({ looks }) => looks.test(typed));
      if (kind === undefined)
        throw new UsageError(
          `${typed} is neither an STF nor a job, an output, an execution or a message in quarantine`,
          'papilio status',
        );
      await kind.show(contextOf(command, io), typed);
    });
};
