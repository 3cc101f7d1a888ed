import { Command } from 'commander';
import { addDev } from './commands/dev.ts';
import { addDoctor } from './commands/doctor.ts';
import { addEvent } from './commands/event.ts';
import { addExec } from './commands/exec.ts';
import { addJob } from './commands/job.ts';
import { addPeriod } from './commands/period.ts';
import { addProcessing } from './commands/processing.ts';
import { addQuarantine } from './commands/quarantine.ts';
import { addRun } from './commands/run.ts';
import { addSite } from './commands/site.ts';
import { addState } from './commands/state.ts';
import { addStatus } from './commands/status.ts';
import { addStf } from './commands/stf.ts';
import { addTf } from './commands/tf.ts';
import { addVersion } from './commands/version.ts';
import { addWhy } from './commands/why.ts';
import { addWorkflow } from './commands/workflow.ts';
import { loadWriter } from './context.ts';
import { exit, explainFailure } from './failure.ts';
import { addGlobalOptions } from './global-options.ts';
import type { Io } from './io.ts';

const commands = [
  addStatus,
  addStf,
  addTf,
  addRun,
  addState,
  addPeriod,
  addProcessing,
  addJob,
  addSite,
  addWhy,
  addQuarantine,
  addEvent,
  addExec,
  addWorkflow,
  addDoctor,
  addDev,
  addVersion,
];

const examples = `
Examples:
  papilio status --watch                         how it goes, live
  papilio stf trace swf.102363.000001.stf        the whole life of an STF
  papilio why swf.102363.000001.stf              why its job ran where it ran
  papilio stf list --run 102363 --json           for a program

Exit codes: 0 ok, 1 the work failed, 2 usage, 3 not found, 4 denied, 5 conflict, 6 unavailable, 8 still running,
124 timeout, 130 interrupted.`;

/** The whole command line. */
export const createProgram = (io: Io): Command => {
  const program = addGlobalOptions(new Command('papilio'))
    .description('Workflow and workload management for ePIC streaming computing: look at a running papilio.')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => io.out.write(text),
      writeErr: (text) => io.err.write(text),
      getOutHelpWidth: () => io.out.columns ?? 100,
    })
    .showHelpAfterError('(--help says how it is used)')
    .addHelpText('after', examples)
    .hook('preAction', (_, command) => loadWriter(command))
    .exitOverride();
  // Commands inherit what is set so far, so they come last.
  for (const add of commands) add(program, io);
  return program;
};

/** Runs one command line; returns the exit code. */
export const run = async (words: readonly string[], io: Io): Promise<number> => {
  try {
    await createProgram(io).parseAsync(words, { from: 'user' });
    return exit.ok;
  } catch (thrown) {
    return explainFailure(thrown, io);
  }
};
