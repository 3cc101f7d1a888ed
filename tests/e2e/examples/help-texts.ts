import type { Command } from 'commander';
import { createProgram } from '../../../clients/cli/program.ts';

/** A command with what its help shows as examples. */
export type Help = { readonly command: string; readonly isGroup: boolean; readonly examples: readonly string[] };

const collect = (command: Command, names: readonly string[], textOf: (command: Command) => string): Help[] => {
  const block = /\nExamples?:\n((?: {2}.+\n?)+)/.exec(textOf(command))?.[1] ?? '';
  // What an example is for stands behind it, after some space.
  const examples = block.split('\n').flatMap((line) => line.trim().split(/ {3,}/)[0] || []);
  const own = { command: names.join(' '), isGroup: command.commands.length > 0, examples };
  const { commands } = command;
  const shown = commands.filter((one) => command.createHelp().visibleCommands(command).includes(one));
  return [own, ...shown.flatMap((one) => collect(one, [...names, one.name()], textOf))];
};

/** Every help text that there is. */
export const helpTexts = async (): Promise<Help[]> => {
  let text = '';
  const out = {
    columns: 100,
    write: (more: string | Uint8Array) => {
      text += more;
    },
  };
  const program = await createProgram({ out, err: out, signal: new AbortController().signal });
  return collect(program, ['papilio'], (command) => {
    text = '';
    command.outputHelp();
    return text;
  });
};
