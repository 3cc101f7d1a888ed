import * as z from 'zod';
import type { FunctionName } from '../catalog.ts';
import { change, commit, untilNoConflict } from './change.ts';
import type { Deps } from './deps.ts';
import type { ErrorKind } from './error-rows.ts';
import { asPapilioError, PapilioError } from './errors.ts';
import { defineFunction } from './function.ts';
import { commands } from './records.ts';
import { Command, type CommandRecord } from './schema/command.ts';

/** A command with the data of its action. */
export type CommandOf<D extends z.ZodType> = Omit<Command, 'data'> & { readonly data: z.output<D> };

type CommandDefinition<D extends z.ZodType> = {
  readonly name: FunctionName;
  readonly action: string;
  readonly data: D;
  /** Does what is asked; events of what it changes name the command as their cause. May be called again after a kill. */
  readonly run: (command: CommandOf<D>, deps: Deps) => Promise<void>;
};

/** What the person can mend or must know; anything else is tried again. */
const refusals: ReadonlySet<ErrorKind> = new Set(['Invalid', 'Denied', 'Missing', 'Conflict']);

/**
 * Defines the function of an action: fed by the queue of its own name, it carries a command out once and records how it
 * ended as `command.done` or `command.refused`.
 */
export const defineCommand = <D extends z.ZodType>({ name, action, data, run }: CommandDefinition<D>) => ({
  action,
  data,
  ...defineFunction({
    name,
    effect: 'named',
    input: Command,
    output: z.object({}),
    run: async (command, deps) => {
      if (await commands.get(deps.store, command.id)) return {};
      const problem = await problemOf(() => carryOut(command, { action, data, run }, deps));
      await untilNoConflict(() => record(command, problem, name, deps));
      return {};
    },
  }),
});

const endings = { done: { type: 'command.done' }, refused: { type: 'command.refused' } } as const;

const carryOut = async <D extends z.ZodType>(
  command: Command,
  { action, data, run }: Pick<CommandDefinition<D>, 'action' | 'data' | 'run'>,
  deps: Deps,
): Promise<void> => {
  if (command.action !== action)
    throw new PapilioError('input-invalid', `${command.id} asks for ${command.action}, this does ${action}`);
  const parsed = data.safeParse(command.data);
  if (!parsed.success) throw new PapilioError('input-invalid', `${action}: ${z.prettifyError(parsed.error)}`);
  await run({ ...command, data: parsed.data }, deps);
};

const problemOf = async (act: () => Promise<void>): Promise<CommandRecord['problem']> => {
  try {
    await act();
    return undefined;
  } catch (thrown) {
    const error = asPapilioError(thrown);
    // A race for a record's version that could not be won in many tries passes by itself.
    if (!refusals.has(error.kind) || error.code === 'store-conflict') throw error;
    return { code: error.code, reason: error.reason };
  }
};

const record = async (
  command: Command,
  problem: CommandRecord['problem'],
  by: FunctionName,
  deps: Deps,
): Promise<void> => {
  if (await commands.get(deps.store, command.id)) return;
  const state = problem === undefined ? 'done' : 'refused';
  const doc: CommandRecord = { ...command, state, ...(problem === undefined ? {} : { problem }), endedAt: deps.now() };
  const { action, subject, by: who, why } = command;
  const data = { action, subject, who, why, ...problem };
  const fact = { ...endings[state], cause: command.id, by, data };
  await commit(deps, [change(deps, command.id, commands.put(command.id, doc, 0), fact)]);
};
