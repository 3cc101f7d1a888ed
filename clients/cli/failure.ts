import { CommanderError } from 'commander';
import { ApiError } from '../http/api-error.ts';
import type { Io } from './io.ts';
import { harmless } from './words.ts';

/** What the exit codes say. */
export const exit = {
  ok: 0,
  failed: 1,
  usage: 2,
  missing: 3,
  denied: 4,
  conflict: 5,
  unavailable: 6,
  stillRunning: 8,
  timeout: 124,
  interrupted: 130,
} as const;

/** The command did what it was asked, and the answer is that something is not well. */
export class Verdict extends Error {
  readonly exitCode: number;
  constructor(exitCode: number) {
    super('');
    this.exitCode = exitCode;
  }
}

/** The command was used in a way that cannot work. */
export class UsageError extends Error {
  readonly help: string;
  constructor(message: string, help: string) {
    super(message);
    this.help = help;
  }
}

const codesByStatus: Readonly<Record<number, number>> = {
  0: exit.unavailable,
  400: exit.usage,
  401: exit.denied,
  403: exit.denied,
  404: exit.missing,
  409: exit.conflict,
  412: exit.conflict,
  422: exit.usage,
  429: exit.unavailable,
  502: exit.unavailable,
  503: exit.unavailable,
};

const say = (io: Io, error: { code: string; message: string; help: string; requestId?: string | undefined }): void => {
  io.err.write(harmless(`error[${error.code}]: ${error.message}\n  try: ${error.help}\n`));
  if (error.requestId !== undefined) io.err.write(harmless(`  request: ${error.requestId}\n`));
};

/** Tells the user what happened and what to try; returns the exit code. */
export const explainFailure = (thrown: unknown, io: Io): number => {
  if (thrown instanceof Verdict) return thrown.exitCode;
  // Commander has said it already, help and version included.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exit.ok : exit.usage;
  if (io.signal.aborted) return exit.interrupted;
  if (thrown instanceof DOMException && thrown.name === 'TimeoutError') {
    const help = 'give it more time with --timeout, or look later';
    say(io, { code: 'timeout', message: 'the time that --timeout gave is over', help });
    return exit.timeout;
  }
  if (thrown instanceof UsageError) {
    say(io, { code: 'usage', message: thrown.message, help: thrown.help });
    return exit.usage;
  }
  if (thrown instanceof ApiError) {
    say(io, thrown);
    return codesByStatus[thrown.status] ?? exit.failed;
  }
  say(io, {
    code: 'bug',
    message: thrown instanceof Error ? thrown.message : String(thrown),
    help: 'report it with the command that you gave',
  });
  return exit.failed;
};
