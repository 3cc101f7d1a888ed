import { type ChildProcess, fork } from 'node:child_process';
import * as z from 'zod';
import type { Log } from '#lib/log';
import type { Clock } from '#ports/clock';
import { backoffMs } from '../plane/backoff.ts';
import { asJsonLine, type LogFile, lineCutter } from './log-file.ts';
import { stateOf } from './process-identity.ts';

/** A process that the supervisor keeps alive. */
export type Program = {
  readonly name: string;
  readonly path: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Ends by itself when its work is done: exit code 0 is not an accident. */
  readonly endsByItself: boolean;
};

/** Why a process ended, as the next one of its name is told with `--after`. */
type Ending = 'loop' | 'crash' | 'other';

/** A supervised process through all its lives. */
export type Child = {
  readonly name: string;
  readonly pid: () => number | undefined;
  readonly starts: () => number;
  /** Resolves when it says `ready`; rejects if it falls three times before that. */
  readonly ready: Promise<void>;
  /** Resolves when it ended by itself, its work done. */
  readonly done: Promise<void>;
  /** SIGTERM, then SIGKILL when it does not end in time. */
  readonly stop: () => Promise<void>;
  readonly kill: () => void;
};

type ChildOptions = {
  readonly program: Program;
  readonly output: LogFile;
  readonly log: Log;
  readonly clock: Clock;
  readonly say: (line: string) => void;
  /** How long its loop may stand still before it is killed. */
  readonly standstillMs: number;
};

const Message = z.object({ kind: z.string() });

const tickMs = 500;
/** A loop that does not turn for so long stands still. Ticks are counted, not time: a machine that slept has missed nothing. */
export const standstillMs = 5_000;
/** Before the first heartbeat a process may still read its journal. */
const missedTicksAtStart = 120;
const stopPatienceMs = 7_000;
const settledMs = 10_000;
const mostFallsBeforeReady = 3;
const selfInflicted: ReadonlySet<string> = new Set(['SIGABRT', 'SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP']);

const endingOf = (code: number | null, signal: string | null): Ending =>
  (code !== null && code !== 0) || (signal !== null && selfInflicted.has(signal)) ? 'crash' : 'other';

const start = (program: Program, after: Ending): ChildProcess =>
  fork(program.path, [...program.args, ...(after === 'other' ? [] : ['--after', after])], {
    cwd: program.folder,
    env: { ...program.environment },
    // its own group: Ctrl-C in a terminal reaches the supervisor alone, which stops the others in order
    detached: true,
    execArgv: ['--disable-warning=ExperimentalWarning', '--enable-source-maps'],
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

const write = (program: Program, child: ChildProcess, output: LogFile): (() => string) => {
  let last = '';
  for (const stream of [child.stdout, child.stderr]) {
    const cutter = lineCutter((line) => {
      last = line;
      output.line(asJsonLine(program.name, line, new Date().toISOString()));
    });
    stream?.setEncoding('utf8').on('data', cutter.push).on('end', cutter.end);
  }
  return () => last;
};

/** One life of a process. */
class Life {
  readonly process: ChildProcess;
  readonly startedAtMs: number;
  readonly ended: Promise<{ ending: Ending; isDone: boolean; text: string }>;
  #missed = 0;
  #hasBeaten = false;
  #ending: Ending | undefined;
  readonly #options: ChildOptions;

  constructor(options: ChildOptions, after: Ending, onReady: () => void) {
    const { program, output, clock } = options;
    this.#options = options;
    this.startedAtMs = clock.nowMs();
    this.process = start(program, after);
    const lastLine = write(program, this.process, output);
    this.process.on('message', (raw) => {
      const kind = Message.safeParse(raw).data?.kind;
      this.#missed = 0;
      this.#hasBeaten = true;
      if (kind === 'ready') onReady();
    });
    const { promise, resolve } = Promise.withResolvers<{ ending: Ending; isDone: boolean; text: string }>();
    this.ended = promise;
    const end = (code: number | null, signal: string | null, text: string) =>
      resolve({
        ending: this.#ending ?? endingOf(code, signal),
        isDone: code === 0,
        text: `${inWords(text)} (${signal ?? `exit ${code}`})`,
      });
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
      { process: this.#options.program.name, pid: this.process.pid, state },
      'loop stands still; process killed',
    );
    this.process.kill('SIGKILL');
  }
}

/** Starts a process and keeps it alive until it is stopped. */
export const supervise = (options: ChildOptions): Child => {
  const { program, log, clock, say } = options;
  const ready = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<void>();
  let life: Life | undefined;
  let cancel = () => {};
  let starts = 0;
  let failures = 0;
  let isReady = false;
  let isStopping = false;

  const tick = () => {
    cancel = clock.at(clock.nowMs() + tickMs, () => {
      life?.tick().catch(() => undefined);
      tick();
    });
  };
  const finish = () => {
    life = undefined;
    cancel();
    stopped.resolve();
  };
  const fall = (text: string) => {
    failures += 1;
    if (isReady || failures < mostFallsBeforeReady) say(`${program.name} ended: ${text}; it is started again`);
    else ready.reject(new Error(`${program.name} does not start: ${text}`));
  };
  const live = async (after: Ending): Promise<void> => {
    starts += 1;
    const current = new Life(options, after, () => {
      isReady = true;
      ready.resolve();
    });
    life = current;
    log.info({ process: program.name, pid: current.process.pid, starts }, 'process started');
    const { ending, isDone, text } = await current.ended;
    log.info({ process: program.name, pid: current.process.pid, ending, text }, 'process ended');
    if (isDone && program.endsByItself) done.resolve();
    if (isStopping || (isDone && program.endsByItself)) return finish();
    if (clock.nowMs() - current.startedAtMs > settledMs) failures = 0;
    life = undefined;
    fall(text);
    const waitMs = backoffMs(failures, Math.random());
    await new Promise<void>((resolve) => void clock.at(clock.nowMs() + waitMs, resolve));
    return isStopping ? finish() : live(ending);
  };
  tick();
  live('other').catch((error: unknown) => ready.reject(error));
  ready.promise.catch(() => undefined);
  return {
    name: program.name,
    pid: () => life?.process.pid,
    starts: () => starts,
    ready: ready.promise,
    done: done.promise,
    stop: async () => {
      isStopping = true;
      life?.process.kill('SIGTERM');
      const giveUp = clock.at(clock.nowMs() + stopPatienceMs, () => life?.process.kill('SIGKILL'));
      await stopped.promise;
      giveUp();
    },
    kill: () => {
      isStopping = true;
      life?.process.kill('SIGKILL');
    },
  };
};
