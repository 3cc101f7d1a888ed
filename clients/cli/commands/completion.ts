import { Argument, type Command } from 'commander';
import * as z from 'zod';
import { completionsOf, lineFor, scripts } from '../completions.ts';
import { readGlobalOptions } from '../global-options.ts';
import type { Io } from '../io.ts';
import { openProfiles } from '../profiles.ts';

const Shell = z.enum(['bash', 'zsh', 'fish']);

/** `papilio completion`. */
export const addCompletion = (program: Command, io: Io): void => {
  program
    .command('completion')
    .addArgument(new Argument('<shell>', 'yours').choices(Shell.options))
    .description('what lets the Tab key complete commands, options and their values in your shell')
    .addHelpText(
      'after',
      `
Examples:
  papilio completion bash >> ~/.bashrc
  papilio completion zsh >> ~/.zshrc
  papilio completion fish > ~/.config/fish/completions/papilio.fish`,
    )
    .action((shell: string) => void io.out.write(scripts[Shell.parse(shell)]));
};

/** What the shells ask at every Tab. */
export const addComplete = (program: Command, io: Io): void => {
  program
    .command('complete', { hidden: true })
    .argument('<shell>')
    .argument('[words...]')
    .action((shell: string, words: string[], _raw, command: Command) => {
      const line = lineFor[Shell.parse(shell)];
      const names = () =>
        openProfiles(readGlobalOptions(command))
          .all()
          .profiles.map(({ name }) => name);
      const found = completionsOf(program, words, { '--profile': names });
      io.out.write(found.map((one) => `${line(one)}\n`).join(''));
    });
};
