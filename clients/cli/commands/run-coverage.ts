import type { Command } from 'commander';
import type { CoverageView } from '#schema/tf-index';
import * as api from '../../http/generated/operations.ts';
import { contextOf } from '../context.ts';
import type { Io } from '../io.ts';
import { ListOptions, listOptions } from '../list-options.ts';
import { facts } from '../table.ts';

const totalLines = (view: CoverageView): string[] => [
  ...facts([
    ['run', String(view.run)],
    ['TFs', `${view.tfFirst} to before ${view.tfEnd}`],
    ['held', `${view.tfsHeld}, of which ${view.tfsOverlapped} by several STFs; ${view.gaps} gaps`],
    [
      'came again',
      view.repeated.length === 0
        ? undefined
        : `with other content: ${view.repeated.map(({ name }) => name).join(', ')}; papilio quarantine list has them`,
    ],
  ]),
  '',
];

const words = {
  held: (sequences: readonly number[]) => sequences.join(' to '),
  gap: (sequences: readonly number[]) => `between ${sequences.join(' and ')}`,
  overlap: (sequences: readonly number[]) => sequences.join(', '),
} as const;

/** `papilio run coverage`. */
export const addCoverage = (run: Command, io: Io): void => {
  listOptions(run.command('coverage <run>'))
    .description('which TFs of a run are in the archive: held, gaps and overlaps')
    .addHelpText(
      'after',
      '\nExamples:\n  papilio run coverage 102363\n  papilio run coverage 102363 --all -o jsonl | grep \'"gap"\'',
    )
    .action(async (number: string, raw, command: Command) => {
      const { limit, all } = ListOptions.parse(raw);
      const { client, list, format, print } = contextOf(command, io);
      const page = (cursor: string | undefined) =>
        client.call(api.listRunCoverage, { path: { run: number }, query: { limit, cursor } });
      const first = await page(undefined);
      if (format === 'table') print(totalLines(first));
      await list((cursor) => (cursor === undefined ? Promise.resolve(first) : page(cursor)), {
        columns: [
          { head: 'KIND', of: ({ kind }) => kind },
          { head: 'FIRST TF', of: ({ tfFirst }) => tfFirst, isNumber: true },
          { head: 'END TF', of: ({ tfEnd }) => tfEnd, isNumber: true },
          { head: 'TFS', of: ({ tfCount }) => String(tfCount), isNumber: true },
          { head: 'STFS', of: ({ kind, sequences }) => words[kind](sequences) },
        ],
        name: ({ tfFirst, tfEnd }) => `${tfFirst}-${tfEnd}`,
        wantsAll: all,
        none: 'no TFs',
      });
    });
};
