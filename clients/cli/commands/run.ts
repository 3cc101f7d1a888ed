import type { Command } from 'commander';
import * as z from 'zod';
import type { Summary } from '#schema/status';
import type { MergeView, RunView } from '#schema/view';
import type { Client } from '../../http/client.ts';
import * as api from '../../http/generated/operations.ts';
import { contextOf } from '../context.ts';
import type { NamedRemote } from '../fetch-file.ts';
import { getAll, outputRemote } from '../get.ts';
import type { Io } from '../io.ts';
import { ListOptions, orRunMissing, watchedOptions } from '../list-options.ts';
import { mergeSentence, mergeShare } from '../merge-words.ts';
import { facts, table } from '../table.ts';
import { duration, size } from '../words.ts';
import { addCoverage } from './run-coverage.ts';

type Numbering = NonNullable<RunView['numbering']>;

const pairOf = ({ pair }: RunView): string => (pair ? `${pair.state}/${pair.substate}` : '–');
const stampOf = (stamp: string | undefined): string =>
  stamp === undefined ? '–' : stamp.slice(0, 19).replace('T', ' ');

const namesAndValues = (values: Readonly<Record<string, string | number | boolean>>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');

/** The merged output that is current, or why there is none. */
const mergedWords = ({ id, jobId, ...merged }: MergeView): string => {
  if (id !== undefined) return `${id}, ${mergeSentence(merged)}`;
  return jobId === undefined ? 'nothing was processed' : `no output yet, see papilio why ${jobId}`;
};

const valuesText = ({ tfsPerStf, bxPerTf }: Pick<Numbering, 'tfsPerStf' | 'bxPerTf'>): string =>
  `${tfsPerStf} TFs an STF, ${bxPerTf} BXs a TF`;
const numberingText = (numbering: Numbering): string =>
  `${valuesText(numbering)}, by ${numbering.sequence === undefined ? 'the settings' : `STF ${numbering.sequence}`}`;
/** Files with another numbering than that of their run, as far as they are listed. */
const differingText = ({ differing }: Numbering): string | undefined =>
  differing.length === 0
    ? undefined
    : differing.map((other) => `STF ${other.sequences.join(', ')}: ${valuesText(other)}`).join('; ');

const runLines = (run: RunView): string[] => {
  const { figures } = run;
  const stfs = figures?.stfs;
  const messages = figures?.messages;
  return facts([
    ['run', String(run.run)],
    ['id', run.id],
    ['phase', `${run.phase}, ${pairOf(run)}`],
    ['started', `${stampOf(run.startedAt)}, ended ${stampOf(run.endedAt)}`],
    ['conditions', run.conditions && namesAndValues(run.conditions)],
    ['numbering', run.numbering && numberingText(run.numbering)],
    ['differing', run.numbering && differingText(run.numbering)],
    ['restarts', run.restarts === undefined ? undefined : `${run.restarts}, after its end; see papilio state history`],
    [
      'STFs',
      stfs &&
        `seen ${stfs.seen} of ${run.totalStfs ?? '?'}, archived ${stfs.archived}, processed ${stfs.processed}, failed ${stfs.failed}, quarantined ${stfs.quarantined}`,
    ],
    [
      'messages',
      messages && `seen ${messages.seen}, repeated ${messages.duplicate}, quarantined ${messages.quarantined}`,
    ],
    ['merged', run.merged && mergedWords(run.merged)],
    ['latency', figures && `p50 ${duration(figures.latencyMs.p50)}, p99 ${duration(figures.latencyMs.p99)}`],
  ]);
};

const outputLines = ({ outputs }: Summary): string[] =>
  table(
    [
      { head: 'OUTPUT', of: ({ name }) => name },
      { head: 'SIZE', of: ({ sizeBytes }) => size(sizeBytes), isNumber: true },
      { head: 'ADLER32', of: ({ checksumAdler32 }) => checksumAdler32 },
      { head: 'MERGES', of: ({ merge }) => (merge ? mergeShare(merge) : '–') },
    ],
    outputs,
  );

/** Outputs of a run, page by page. */
async function* outputsOf(client: Client, run: string): AsyncGenerator<NamedRemote> {
  let cursor: string | undefined;
  do {
    const query = { run, limit: 500, cursor };
    const page = await orRunMissing(client, run, client.call(api.listOutputs, { query }));
    for (const output of page.items) yield outputRemote(client, output);
    cursor = page.next;
  } while (cursor !== undefined);
}

const Get = z.object({ outputs: z.string().min(1), force: z.boolean().default(false) });

const addGet = (run: Command, io: Io): void => {
  run
    .command('get <run>')
    .description('download what processing made of a run; done again, it fetches only what is missing')
    .requiredOption('--outputs <folder>', 'folder for the outputs, made if it does not exist')
    .option('--force', 'replace files that exist and differ')
    .addHelpText('after', '\nExample:\n  papilio run get 102363 --outputs run-102363')
    .action(async (number: string, raw: object, command: Command) => {
      const { outputs: folder, force } = Get.parse(raw);
      const context = contextOf(command, io);
      await getAll(context, outputsOf(context.client, number), { folder, force });
    });
};

/** `papilio run list|show|coverage|get`. */
export const addRun = (program: Command, io: Io): void => {
  const run = program.command('run').description('data-taking runs of the DAQ');
  watchedOptions(run.command('list'))
    .description('runs, the latest number first')
    .addHelpText('after', '\nExample:\n  papilio run list -o name')
    .action(async (raw, command: Command) => {
      const { limit, all } = ListOptions.parse(raw);
      const { client, list } = contextOf(command, io);
      await list((cursor) => client.call(api.listRuns, { query: { limit, cursor } }), {
        columns: [
          { head: 'RUN', of: (item) => String(item.run), isNumber: true },
          { head: 'PHASE', of: ({ phase }) => phase },
          { head: 'STATE', of: pairOf },
          { head: 'STARTED', of: ({ startedAt }) => stampOf(startedAt) },
          { head: 'SEEN', of: ({ figures }) => String(figures?.stfs.seen ?? '–'), isNumber: true },
          { head: 'ARCHIVED', of: ({ figures }) => String(figures?.stfs.archived ?? '–'), isNumber: true },
          { head: 'PROCESSED', of: ({ figures }) => String(figures?.stfs.processed ?? '–'), isNumber: true },
          { head: 'FAILED', of: ({ figures }) => String(figures?.stfs.failed ?? '–'), isNumber: true },
        ],
        name: (item) => String(item.run),
        wantsAll: all,
        none: 'no runs yet',
      });
    });
  addCoverage(run, io);
  addGet(run, io);
  run
    .command('show <run>')
    .description('one run: its state, its counts, its outputs')
    .option('--outputs', 'list the outputs too')
    .addHelpText('after', '\nExample:\n  papilio run show 102363 --outputs')
    .action(async (number: string, raw: { outputs?: boolean }, command: Command) => {
      const { client, one } = contextOf(command, io);
      const view = await client.call(api.getRun, { path: { run: number } });
      if (!raw.outputs) return one(view, { name: String(view.run), lines: runLines });
      const summary = await client.call(api.getSummary, { query: { run: String(view.run) } });
      one(
        { ...view, outputs: summary.outputs },
        { name: String(view.run), lines: () => [...runLines(view), '', ...outputLines(summary)] },
      );
    });
};
