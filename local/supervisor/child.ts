import { type ChildProcess, fork } from 'node:child_process';
import * as z from 'zod';
import type { Log } from '#lib/log';
import type { Clock } from '#ports/clock';
import { engineNodeFlags } from '../engine/node-flags.ts';
import { backoffMs, sleep } from '../plane/backoff.ts';
import { asJsonLine, type LogFile, lineCutter } from './log-file.ts';
import { stateOf } from './process-identity.ts';

/** A process that the supervisor keeps alive. */
export type Program = {
  readonly name: string;
  readonly path: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Wants to know how the process before it ended: a plane looks for the call that stopped its loop. */
  readonly asksEnding: boolean;
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
  /** Resolves when it ended by itself, its work done; rejects if it is given up. */
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
/** After so many falls one after the other, a process that has an end to come to is given up; the others never are. */
const mostFalls = 8;
const selfInflicted: ReadonlySet<string> = new Set(['SIGABRT', 'SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGTRAP']);

const endingOf = (code: number | null, signal: string | null): Ending =>
  (code !== null && code !== 0) || (signal !== null && selfInflicted.has(signal)) ? 'crash' : 'other';

const start = (program: Program, after: Ending): ChildProcess =>
  fork(program.path, [...program.args, ...(program.asksEnding && after !== 'other' ? ['--after', after] : [])], {
    cwd: program.folder,
    env: { ...program.environment },
    // its own group: Ctrl-C in a terminal reaches the supervisor alone, which stops the others in order
    detached: true,
    execArgv: ['--disable-warning=ExperimentalWarning', '--enable-source-maps', ...engineNodeFlags],
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
        text: this.#ending === 'loop' ? 'its loop stood still' : (signal ?? `${inWords(text)} (exit ${code})`),
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
      { child: this.#options.program.name, pid: this.process.pid, state },
      'loop stands still; process killed',
    );
    this.process.kill('SIGKILL');
  }
}

/** A process through all its lives. */
class Keeper {
  readonly ready = Promise.withResolvers<void>();
  readonly done = Promise.withResolvers<void>();
  readonly finished: Promise<void>;
  life: Life | undefined;
  starts = 0;
  readonly #options: ChildOptions;
  readonly #stopping = new AbortController();
  #falls = 0;
  #isReady = false;

  constructor(options: ChildOptions) {
    this.#options = options;
    // whoever does not wait for these two is told by `say`
    this.ready.promise.catch(() => undefined);
    this.done.promise.catch(() => undefined);
    this.finished = this.#keep();
  }

  /** From now on an end is final. */
  letGo(signal: NodeJS.Signals): void {
    this.#stopping.abort();
    this.life?.process.kill(signal);
  }

  async #keep(): Promise<void> {
    const { program, clock } = this.#options;
    const ticking = this.#tick();
    let after: Ending = 'other';
    while (!this.#stopping.signal.aborted) {
      const { ending, isDone, text } = await this.#liveOnce(after);
      if (this.#stopping.signal.aborted) break;
      if (isDone && program.endsByItself) {
        this.ready.resolve();
        this.done.resolve();
        break;
      }
      if (this.#givesUp(text)) break;
      after = ending;
      await sleep(clock, backoffMs(this.#falls, Math.random()), this.#stopping.signal);
    }
    ticking();
  }

  async #liveOnce(after: Ending) {
    const { program, clock, log } = this.#options;
    this.starts += 1;
    const life = new Life(this.#options, after, () => {
      this.#isReady = true;
      this.ready.resolve();
    });
    this.life = life;
    const { pid } = life.process;
    log.info({ child: program.name, pid, starts: this.starts }, 'process started');
    const end = await life.ended;
    this.life = undefined;
    log.info({ child: program.name, pid, ending: end.ending, text: end.text }, 'process ended');
    if (clock.nowMs() - life.startedAtMs > settledMs) this.#falls = 0;
    return end;
  }

  /** Counts a fall, tells of it, and says whether it was the last. */
  #givesUp(text: string): boolean {
    const { program, say } = this.#options;
    this.#falls += 1;
    if (program.endsByItself && this.#falls >= mostFalls) {
      this.done.reject(new Error(`${program.name} is given up: ${text}`));
      return true;
    }
    if (!this.#isReady && this.#falls >= mostFallsBeforeReady) {
      this.ready.reject(new Error(`${program.name} does not start: ${text}`));
    } else say(`${program.name} ended: ${text}; it is started again`);
    return false;
  }

  #tick(): () => void {
    const { clock } = this.#options;
    let cancel = () => {};
    const next = () => {
      cancel = clock.at(clock.nowMs() + tickMs, () => {
        this.life?.tick().catch(() => undefined);
        next();
      });
    };
    next();
    return () => cancel();
  }
}

/** Starts a process and keeps it alive until it is stopped. */
export const supervise = (options: ChildOptions): Child => {
  const { clock, program } = options;
  const keeper = new Keeper(options);
  return {
    name: program.name,
    pid: () => keeper.life?.process.pid,
    starts: () => keeper.starts,
    ready: keeper.ready.promise,
    done: keeper.done.promise,
    stop: async () => {
      keeper.letGo('SIGTERM');
      const giveUp = clock.at(clock.nowMs() + stopPatienceMs, () => keeper.letGo('SIGKILL'));
      await keeper.finished;
      giveUp();
    },
    kill: () => keeper.letGo('SIGKILL'),
  };
};
