import * as z from 'zod';
import type { FunctionName } from '../catalog.ts';
import { coverOf } from './audit-event.ts';
import { change, commit, untilNoConflict } from './change.ts';
import { beginCommand, lookAt, type Start } from './command-start.ts';
import type { Deps } from './deps.ts';
import type { ErrorKind } from './error-rows.ts';
import { asPapilioError, PapilioError } from './errors.ts';
import { defineFunction } from './function.ts';
import { differenceOf } from './model/snapshot.ts';
import { commands } from './records.ts';
import { Command, type CommandRecord } from './schema/command.ts';

/** A command with the data of its action. */
export type CommandOf<D extends z.ZodType> = Omit<Command, 'data'> & { readonly data: z.output<D> };

/** Carries a command out; refuses data that are not its action's. */
type CarryOut = (command: Command, deps: Deps) => Promise<void>;

/** Does what is asked; events of what it changes name the command as their cause. May be called again after a kill. */
type Run<D extends z.ZodType> = (command: CommandOf<D>, deps: Deps) => Promise<void>;

/** What the person can mend or must know; anything else is tried again. */
const refusals: ReadonlySet<ErrorKind> = new Set(['Invalid', 'Denied', 'Missing', 'Conflict']);

/** One action: the data that it takes and what it does. @throws input-invalid for other data */
export const onAction =
  <D extends z.ZodType>(data: D, run: Run<D>): CarryOut =>
  async (command, deps) => {
    const parsed = data.safeParse(command.data);
    if (!parsed.success) throw new PapilioError('input-invalid', `${command.action}: ${z.prettifyError(parsed.error)}`);
    await run({ ...command, data: parsed.data }, deps);
  };

/**
 * Defines the function of some actions: fed by the queue of its own name, it carries a command out once and records how
 * it ended as `command.done` or `command.refused`.
 */
export const defineCommands = (name: FunctionName, actions: Readonly<Record<string, CarryOut>>) =>
  defineFunction({
    name,
    effect: 'named',
    input: Command,
    output: z.object({}),
    run: async (command, deps) => {
      if (await commands.get(deps.store, command.id)) return {};
      const start = await beginCommand(command, deps.store);
      const problem = await problemOf(async () => {
        const act = Object.hasOwn(actions, command.action) ? actions[command.action] : undefined;
        if (!act) throw new PapilioError('input-invalid', `${name} does no ${command.action}`);
        await act(command, deps);
      });
      await untilNoConflict(() => record({ command, problem, by: name, start }, deps));
      return {};
    },
  });

const endings = { done: { type: 'command.done' }, refused: { type: 'command.refused' } } as const;

const problemOf = async (act: () => Promise<void>): Promise<CommandRecord['problem']> => {
  try {
    await act();
    return undefined;
  } catch (thrown) {
    const error = asPapilioError(thrown);
    // A race for a record's version that could not be won in many tries passes by itself.
    if (!refusals.has(error.kind) || error.code === 'store-conflict') throw thrown;
    return { code: error.code, reason: error.reason };
  }
};

type Ended = {
  readonly command: Command;
  readonly problem: CommandRecord['problem'];
  readonly by: FunctionName;
  readonly start: Start;
};

const record = async ({ command, problem, by, start }: Ended, deps: Deps): Promise<void> => {
  if (await commands.get(deps.store, command.id)) return;
  const state = problem === undefined ? 'done' : 'refused';
  const changed = differenceOf(start.before, await lookAt(deps.store, command.subject));
  const isChanged = Object.keys({ ...changed.before, ...changed.after }).length > 0;
  const doc: CommandRecord = {
    ...{ ...command, state, endedAt: deps.now() },
    ...(problem && { problem }),
    ...(isChanged && changed),
  };
  const { action, subject, by: who, why } = command;
  const data = { action, subject, who, why, ...problem, ...coverOf('command', doc) };
  const fact = { ...endings[state], cause: command.id, by, data };
  await commit(deps, [change(deps, command.id, commands.put(command.id, doc, 0), fact)], [start.forget]);
};
