import type { Command } from 'commander';
import type { Explain } from '#schema/assignment';
import * as api from '../../http/generated/operations.ts';
import { contextOf } from '../context.ts';
import type { Io } from '../io.ts';
import { ListOptions, listOptions } from '../list-options.ts';
import { explainLines } from '../trace.ts';
import { dateAndTime } from '../words.ts';

/** Why a job waits, in a few words. */
const reasonOf = (explain: Explain | undefined): string =>
  explain?.held ?? (explain?.considered.flatMap(({ reason }) => reason ?? [])[0] || '–');

/** `papilio placement list|show`. */
export const addPlacement = (program: Command, io: Io): void => {
  const placement = program
    .command('placement')
    .description('what waits for a place, and why things went where they went');
  listOptions(placement.command('list'))
    .description('jobs that wait at the broker, with what it last said of them')
    .addHelpText('after', '\nExample:\n  papilio placement list')
    .action(async (raw: object, command: Command) => {
      const { limit, all } = ListOptions.parse(raw);
      const { client, list } = contextOf(command, io);
      await list((cursor) => client.call(api.listPlacements, { query: { limit, cursor } }), {
        columns: [
          { head: 'JOB', of: ({ jobId }) => jobId },
          { head: 'ATTEMPT', of: ({ attempt }) => String(attempt), isNumber: true },
          { head: 'PRIORITY', of: ({ priority }) => String(priority), isNumber: true },
          { head: 'SINCE (UTC)', of: ({ requestedAt }) => dateAndTime(requestedAt) },
          { head: 'BECAUSE', of: ({ explain }) => reasonOf(explain) },
        ],
        name: ({ jobId }) => jobId,
        wantsAll: all,
        none: 'nothing waits for a place',
      });
    });
  placement
    .command('show <id>')
    .description('why an attempt went where it went, or a job waits: every queue that was considered')
    .addHelpText('after', '\nExample:\n  papilio placement show attempt_bnl-1-00102363-00000001-p1-a1')
    .action(async (id: string, _options: object, command: Command) => {
      const { client, one } = contextOf(command, io);
      one(await client.call(api.getPlacement, { path: { id } }), { name: id, lines: explainLines });
    });
};
