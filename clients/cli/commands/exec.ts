import type { Command } from 'commander';
import * as z from 'zod';
import { type ExecutionEvent, ExecutionStatus } from '#schema/execution';
import * as api from '../../http/generated/operations.ts';
import { type Context, contextOf } from '../context.ts';
import { tookMs, viewLines } from '../execution-lines.ts';
import { exit, UsageError, Verdict } from '../failure.ts';
import type { Io } from '../io.ts';
import { ListOptions, listOptions, watchedOptions } from '../list-options.ts';
import { dateAndTime, duration, harmless, preciseTime } from '../words.ts';
import { addExecActs } from './exec-act.ts';

const states = ExecutionStatus.options.join(', ');
const Options = ListOptions.extend({
  plane: z
    .enum(['archive', 'work'])
    .optional()
    .catch(() => {
      throw new UsageError('--plane is neither archive nor work', '--plane work');
    }),
  machine: z.string().optional(),
  parent: z.string().optional(),
  status: ExecutionStatus.optional().catch(() => {
    throw new UsageError(`--status is none of ${states}`, '--status RUNNING');
  }),
});

/** What an event is about, in a few words; its data are for `--json`. */
const aboutOf = ({ details }: ExecutionEvent): string =>
  ['name', 'index', 'resourceType', 'resource', 'length', 'error', 'cause']
    .flatMap((field) => (details[field] === undefined ? [] : [String(details[field])]))
    .join(' ')
    .slice(0, 120);

const eventLine = (event: ExecutionEvent): string =>
  harmless(
    `${String(event.id).padStart(5)} ${preciseTime(event.at)} ${event.type.padEnd(26)} ${aboutOf(event)}`.trimEnd(),
  );

const addList = (exec: Command, io: Io): void => {
  watchedOptions(exec.command('list'))
    .description('executions of both planes, the latest first')
    .option('--plane <plane>', 'archive or work')
    .option('--machine <name>', 'of a state machine, such as process-stf')
    .option('--status <status>', states)
    .option('--parent <execution>', 'those that the distributed Maps of an execution have made')
    .addHelpText(
      'after',
      '\nExamples:\n  papilio exec list --machine process-stf --status FAILED\n  papilio exec list --parent merge-run:prod_exec_bnl-1-run-00102363-p1 --status FAILED',
    )
    .action(async (raw, command: Command) => {
      const { all, ...query } = Options.parse(raw);
      const { client, list } = contextOf(command, io);
      await list((cursor) => client.call(api.listExecutions, { query: { ...query, cursor } }), {
        columns: [
          { head: 'STARTED', of: ({ startedAt }) => dateAndTime(startedAt) },
          { head: 'STATUS', of: ({ status }) => status },
          { head: 'TOOK', of: (item) => duration(tookMs(item)), isNumber: true },
          { head: 'EXECUTION', of: ({ id }) => id },
          { head: 'PLANE', of: ({ plane }) => plane, isWide: true },
        ],
        name: ({ id }) => id,
        wantsAll: all,
        none: 'no executions',
      });
    });
};

const addHistory = (exec: Command, io: Io): void => {
  listOptions(exec.command('history <execution>'))
    .description('what happened in an execution, event by event; with --json all that AWS tells of each')
    .addHelpText(
      'after',
      '\nExample:\n  papilio exec history process-stf:prod_exec_bnl-1-stf-00102363-00000001-p1 --all',
    )
    .action(async (execution: string, raw, command: Command) => {
      const { limit, all } = ListOptions.parse(raw);
      const { client, list } = contextOf(command, io);
      const page = async (after: string | undefined) => {
        const query = { after: after === undefined ? undefined : Number(after), limit };
        const found = await client.call(api.listExecutionHistory, { path: { execution }, query });
        return { items: found.items, ...(found.hasMore && { next: String(found.after) }) };
      };
      await list(page, {
        columns: [
          { head: 'ID', of: ({ id }) => String(id), isNumber: true },
          { head: 'AFTER', of: ({ previousId }) => String(previousId), isNumber: true },
          { head: 'TIME (UTC)', of: ({ at }) => preciseTime(at) },
          { head: 'EVENT', of: ({ type }) => type },
          { head: 'ABOUT', of: aboutOf },
        ],
        name: ({ id }) => String(id),
        wantsAll: all,
        none: 'no events',
      });
    });
};

/** Events as they happen, until the execution has ended. */
const watch = async (execution: string, { client, stream }: Context): Promise<ExecutionStatus> => {
  for (let after = 0; ; ) {
    const query = { after, limit: 500, waitMs: 20_000 };
    const part = await client.call(api.listExecutionHistory, { path: { execution }, query });
    stream(part.items, { name: ({ id }) => String(id), line: eventLine });
    after = part.after;
    if (part.status !== 'RUNNING' && !part.hasMore && part.items.length === 0) return part.status;
  }
};

/** `papilio exec list|show|history|watch|stop|redrive`. */
export const addExec = (program: Command, io: Io): void => {
  const exec = program.command('exec').description('executions of state machines');
  addList(exec, io);
  exec
    .command('show <execution>')
    .description('one execution: its input, and its output or what went wrong')
    .addHelpText('after', '\nExample:\n  papilio exec show process-stf:prod_exec_bnl-1-stf-00102363-00000001-p1')
    .action(async (execution: string, _options, command: Command) => {
      const { client, one } = contextOf(command, io);
      const view = await client.call(api.getExecution, { path: { execution } });
      one(view, { name: view.id, lines: viewLines });
    });
  addHistory(exec, io);
  exec
    .command('watch <execution>')
    .description('its events as they happen, until it has ended (exit code 1 unless it succeeds)')
    .addHelpText('after', '\nExample:\n  papilio exec watch prepare-run:prod_exec_bnl-1-prepare-00102363')
    .action(async (execution: string, _options, command: Command) => {
      const status = await watch(execution, contextOf(command, io));
      if (status !== 'SUCCEEDED') throw new Verdict(exit.failed);
    });
  addExecActs(exec, io);
};
