import { type ChildProcess, fork } from 'node:child_process';
import * as z from 'zod';
import { problemOf } from '#lib/errors';
import type { Log } from '#lib/log';
import type { Clock } from '#ports/clock';
import { asJsonLine, type LogFile, lineCutter } from './log-file.ts';
import { stateOf } from './process-identity.ts';

/** A process that the supervisor keeps alive. */
export type Program = {
  readonly name: string;
  readonly path: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Options of Node. */
  readonly nodeFlags: readonly string[];
  /** Wants to know how the process before it ended: a plane looks for the call that stopped its loop. */
  readonly asksEnding: boolean;
  /** Ends by itself when its work is done: exit code 0 is not an accident. */
  readonly endsByItself: boolean;
};

/** Why a process ended, as the next one of its name is told with `--after`. */
export type Ending = 'loop' | 'crash' | 'other';

/** What one life of a process is started with. */
export type LifeOptions = {
  readonly program: Program;
  readonly output: LogFile;
  readonly log: Log;
  readonly clock: Clock;
  /** How long its loop may stand still before it is killed. */
  readonly standstillMs: number;
};

const Message = z.object({ kind: z.string() });

/** How often heartbeats are counted. */
export const tickMs = 500;
/** A loop that does not turn for so long stands still. Ticks are counted, not time: a machine that slept has missed nothing. */
export const standstillMs = 5_000;
/** Before the first heartbeat a process may still read its journal. */
const missedTicksAtStart = 120;
const selfInflicted: ReadonlySet<string> = new Set(['SIGABRT', 'SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP']);

const endingOf = (code: number | null, signal: string | null): Ending =>
  (code !== null && code !== 0) || (signal !== null && selfInflicted.has(signal)) ? 'crash' : 'other';

const start = (program: Program, after: Ending, clock: Clock): ChildProcess =>
  fork(program.path, [...program.args, ...(program.asksEnding && after !== 'other' ? ['--after', after] : [])], {
    cwd: program.folder,
    // The clocks of all processes agree with the supervisor’s, whenever the machine’s was set back.
    env: { ...program.environment, PAPILIO_CLOCK_FLOOR_MS: String(clock.nowMs()) },
    // its own group: Ctrl-C in a terminal reaches the supervisor alone, which stops the others in order
    detached: true,
    execArgv: ['--disable-warning=ExperimentalWarning', '--enable-source-maps', ...program.nodeFlags],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });

const Complaint = z.object({ reason: z.string().optional(), msg: z.string() });

/** A line of a log as a person would say it. */
const inWords = (line: string): string => {
  try {
    const said = Complaint.safeParse(JSON.parse(line)).data;
    return said?.reason ?? said?.msg ?? line;
  } catch {
    return line;
  }
};

/** A line that says why a process fell: of its log, or the first of a stack, whose error may be of our catalogue. */
const isTelling = (line: string): boolean => /^(\{|\w*(Error|Exception)\b|\w+: \[[a-z-]+\] )/.test(line);

/** The code of the catalogue that a line names; that of an error that is not in it is not one. */
const codeIn = (words: string): string | undefined => {
  const { code } = problemOf(words.replace(/^\w+: (?=\[)/, ''));
  return code === 'bug' ? undefined : code;
};

const write = (program: Program, child: ChildProcess, output: LogFile): (() => string) => {
  let last = '';
  for (const stream of [child.stdout, child.stderr]) {
    const cutter = lineCutter((line) => {
      if (last === '' || isTelling(line)) last = line;
      output.line(asJsonLine(program.name, line, new Date().toISOString()));
    });
    stream?.setEncoding('utf8').on('data', cutter.push).on('end', cutter.end);
  }
  return () => last;
};

/** How a life ended. */
export type End = {
  readonly ending: Ending;
  readonly isDone: boolean;
  /** One line for a person. */
  readonly text: string;
  /** Of the error catalogue, where the process named one. */
  readonly code: string | undefined;
};

/** One life of a process. */
export class Life {
  readonly process: ChildProcess;
  readonly startedAtMs: number;
  readonly ended: Promise<End>;
  #missed = 0;
  #hasBeaten = false;
  #ending: Ending | undefined;
  readonly #options: LifeOptions;

  constructor(options: LifeOptions, after: Ending, onReady: () => void) {
    const { program, output, clock } = options;
    this.#options = options;
    this.startedAtMs = clock.nowMs();
    this.process = start(program, after, clock);
    const lastLine = write(program, this.process, output);
    this.process.on('message', (raw) => {
      const kind = Message.safeParse(raw).data?.kind;
      this.#missed = 0;
      this.#hasBeaten = true;
      if (kind === 'ready') onReady();
    });
    const { promise, resolve } = Promise.withResolvers<End>();
    this.ended = promise;
    const end = (code: number | null, signal: string | null, line: string) => {
      const words = inWords(line);
      resolve({
        ending: this.#ending ?? endingOf(code, signal),
        isDone: code === 0,
        text: this.#ending === 'loop' ? 'its loop stood still' : (signal ?? `${words} (exit ${code})`),
        code: codeIn(words),
      });
    };
    this.process.once('close', (code, signal) => end(code, signal, lastLine()));
    this.process.once('error', (error) => end(1, null, error.message));
  }

  /** Counts a tick without a heartbeat; ends the process at the last one. */
  async tick(): Promise<void> {
    this.#missed += 1;
    const allowed = this.#hasBeaten ? Math.ceil(this.#options.standstillMs / tickMs) : missedTicksAtStart;
    if (this.#missed < allowed || this.#ending !== undefined) return;
    const state = await stateOf(this.process.pid ?? 0);
    // somebody stopped it: nothing in it is to blame
    this.#ending = state === 'T' || state === 't' ? 'other' : 'loop';
    this.#options.log.error(
      { child: this.#options.program.name, pid: this.process.pid, state },
      'loop stands still; process killed',
    );
    this.process.kill('SIGKILL');
  }
}
