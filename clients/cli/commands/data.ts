import type { Command } from 'commander';
import * as z from 'zod';
import type { Output } from '#schema/output';
import type { ProvenanceView } from '#schema/provenance';
import * as api from '../../http/generated/operations.ts';
import { contextOf } from '../context.ts';
import { GetOptions, getOne, getOptions, outputRemote } from '../get.ts';
import type { Io } from '../io.ts';
import { currentRun, ListOptions, listOptions, orRunMissing, runOption } from '../list-options.ts';
import { mergeSentence, mergeShare, missingWords } from '../merge-words.ts';
import { facts } from '../table.ts';
import { dateAndTime, size } from '../words.ts';

const outputLines = (output: Output): string[] =>
  facts([
    ['output', output.id],
    ['name', output.name],
    ['is', `${size(output.sizeBytes)}, adler32 ${output.checksumAdler32}, ${output.objectKey}`],
    ['registered', `${dateAndTime(output.registeredAt)} UTC`],
    ['merges', output.merge && mergeSentence(output.merge)],
    ...missingWords(output).map((line): [string, string] => ['missing', line]),
    ['supersedes', output.supersedes],
    ['superseded by', output.supersededBy],
    ['inputs in', output.provenance.manifest?.objectKey],
    ['made by', output.provenance.jobId],
    ['at', output.provenance.facility],
  ]);

const nameOf = ({ id, name }: { readonly id: string; readonly name?: string | undefined }): string =>
  name === undefined ? id : `${name} (${id})`;

const provenanceLines = ({ id, name, noun, from, fromCount, by, into }: ProvenanceView): string[] =>
  facts([
    [noun, nameOf({ id, name })],
    ['made from', fromCount > from.length ? `${fromCount} things, the first of them:` : undefined],
    ...from.map((one): [string, string] => ['made from', nameOf(one)]),
    ['by', by && `${by.payload.name} of ${by.build}`],
    ['job', by?.jobId],
    ['attempt', by?.attemptId],
    ['at', by?.facility],
    ['execution', by?.executionId],
    ...into.map((one): [string, string] => ['made into', nameOf(one)]),
  ]);

const addList = (data: Command, io: Io): void => {
  listOptions(data.command('list'))
    .description('outputs of a run; of its merge the current pass')
    .option('--run <run>', 'run number (default: the run that the DAQ spoke of last)')
    .option('--superseded', 'list the merged outputs that a later pass has superseded instead')
    .addHelpText(
      'after',
      '\nExamples:\n  papilio data list --run 102363\n  papilio data list --run 102363 --superseded',
    )
    .action(async (raw: object, command: Command) => {
      const own = { run: runOption, superseded: z.boolean().optional() };
      const { run, superseded, limit, all } = ListOptions.extend(own).parse(raw);
      const which = superseded ? { superseded: 'true' as const } : {};
      const { client, list } = contextOf(command, io);
      const number = run ?? (await currentRun(client));
      const query = { run: number, ...which, limit };
      await list((cursor) => orRunMissing(client, run, client.call(api.listOutputs, { query: { ...query, cursor } })), {
        columns: [
          { head: 'OUTPUT', of: ({ id }) => id },
          { head: 'SIZE', of: ({ sizeBytes }) => size(sizeBytes), isNumber: true },
          { head: 'ADLER32', of: ({ checksumAdler32 }) => checksumAdler32 },
          { head: 'MERGES', of: ({ merge }) => (merge ? mergeShare(merge) : '–') },
          { head: 'REGISTERED (UTC)', of: ({ registeredAt }) => dateAndTime(registeredAt) },
        ],
        name: ({ id }) => id,
        wantsAll: all,
        none: 'no outputs',
      });
    });
};

/** `papilio data list|show|get|trace`. */
export const addData = (program: Command, io: Io): void => {
  const data = program.command('data').description('what processing made, and out of what');
  addList(data, io);
  data
    .command('show <output>')
    .description('one output with its checksums')
    .addHelpText('after', '\nExample:\n  papilio data show output_00102363-00000001-p1-hits')
    .action(async (output: string, _options: object, command: Command) => {
      const { client, one } = contextOf(command, io);
      const view = await client.call(api.getOutput, { path: { output } });
      one(view, { name: view.id, lines: outputLines });
    });
  getOptions(data.command('get <output>'))
    .description('download an output, compared with its checksum; a broken download goes on where it stopped')
    .addHelpText(
      'after',
      '\nExamples:\n  papilio data get output_00102363-00000001-p1-hits\n  papilio data get output_00102363-00000001-p1-hits --to - | jq .',
    )
    .action(async (output: string, raw: object, command: Command) => {
      const context = contextOf(command, io);
      const view = await context.client.call(api.getOutput, { path: { output } });
      await getOne(context, outputRemote(context.client, view), GetOptions.parse(raw));
    });
  data
    .command('trace <id>')
    .description('what an output or an STF was made from, how, and what was made from it')
    .addHelpText(
      'after',
      '\nExamples:\n  papilio data trace swf.102363.000001.stf\n  papilio data trace output_00102363-00000001-p1-hits',
    )
    .action(async (id: string, _options: object, command: Command) => {
      const { client, one } = contextOf(command, io);
      const view = await client.call(api.getProvenance, { path: { id } });
      one(view, { name: view.id, lines: provenanceLines });
    });
};
