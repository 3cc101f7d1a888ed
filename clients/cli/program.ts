import { Command } from 'commander';
import { argumentWords, firstOperand } from './argument-words.ts';
import { commands } from './commands.ts';
import { loadWriter } from './context.ts';
import { exit, explainFailure } from './failure.ts';
import { addGlobalOptions } from './global-options.ts';
import type { Io } from './io.ts';
import { usageOf } from './zod-usage.ts';

const examples = `
Examples:
  papilio status --watch                         how it goes, live
  papilio stf trace swf.102363.000001.stf        the whole life of an STF
  papilio why swf.102363.000001.stf              why its job ran where it ran
  papilio stf list --run 102363 --json           for a program

Exit codes: 0 ok, 1 the work failed, 2 usage, 3 not found, 4 denied, 5 conflict, 6 unavailable, 8 still running,
124 timeout, 130 interrupted.`;

/** The command line without its commands. */
const createRoot = (io: Io): Command =>
  addGlobalOptions(new Command('papilio'))
    .description(
      'Workflow and workload management for ePIC streaming computing: look at a running papilio, and steer it.',
    )
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => io.out.write(text),
      writeErr: (text) => io.err.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'error[usage]: ')),
      getOutHelpWidth: () => io.out.columns ?? 100,
    })
    .showHelpAfterError('  try: the same with --help says how it is used')
    .addHelpText('after', examples)
    .hook('preAction', (_, command) => loadWriter(command))
    .exitOverride();

/** The command line with all its commands, or only with those of the first word that is used. */
export const createProgram = async (io: Io, words: readonly string[] = []): Promise<Command> => {
  const program = createRoot(io);
  const first = firstOperand(program, words);
  // What completes words has to know all of them.
  const wanted = Object.entries(commands).filter(([name]) => name === first && name !== 'complete');
  const loaded = (wanted.length === 0 ? Object.entries(commands) : wanted).map(([, load]) => load());
  // Commands inherit what is set so far, so they come last.
  for (const add of await Promise.all(loaded)) add(program, io);
  return program;
};

/** Runs one command line; returns the exit code. */
export const run = async (words: readonly string[], io: Io): Promise<number> => {
  try {
    const program = await createProgram(io, words);
    await program.parseAsync(argumentWords(program, words), { from: 'user' });
    return exit.ok;
  } catch (thrown) {
    return explainFailure(usageOf(thrown) ?? thrown, io);
  }
};
