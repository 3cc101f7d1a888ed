import { errorCatalogue } from '#lib/error-rows';
import type { ProcessExit, ProcessLine, ProcessState } from '#schema/processes';
import { backoffMs, sleep } from '../plane/backoff.ts';
import { type End, type Ending, Life, type LifeOptions, tickMs } from './life.ts';

/** A supervised process through all its lives. */
export type Child = {
  readonly name: string;
  readonly pid: () => number | undefined;
  readonly starts: () => number;
  /** How it is, as `processes.json` has it. */
  readonly line: () => ProcessLine;
  /** Resolves when it is ready for the first time, however often it falls before that. */
  readonly ready: Promise<void>;
  /** Resolves when it is ready, or has fallen so often that others need not wait for it. */
  readonly settled: Promise<void>;
  /** Resolves when it ended by itself, its work done; rejects if it is given up. */
  readonly done: Promise<void>;
  /** Rejects when it cannot come up: it needs a person, or fell too often before it was ready. */
  readonly hopeless: Promise<never>;
  /** SIGTERM, then SIGKILL when it does not end in time. */
  readonly stop: () => Promise<void>;
  readonly kill: () => void;
};

/** What a process is supervised with. */
export type ChildOptions = LifeOptions & {
  readonly say: (line: string) => void;
  /** Called after each change of its line. */
  readonly onChange: () => void;
};

const stopPatienceMs = 7_000;
const settledMs = 10_000;
/** After so many falls before it was ready, others go on without it. */
const fallsUntilSettled = 3;
/** After so many falls one after the other, a process that has an end to come to is given up; the others never are. */
const mostFalls = 8;

/** What cannot go away by itself: trying again would change nothing until a person has acted. */
const finalCodes: ReadonlySet<string | undefined> = new Set(['folder-foreign', 'folder-in-use', 'store-foreign']);

/** A process that does not come up. */
export class ProcessDown extends Error {}

/** What to do about an error of the catalogue. */
const adviceOf = (code: string | undefined): string => {
  const known = Object.entries(errorCatalogue).find(([each]) => each === code);
  return known === undefined ? '' : `\npapilio: try: ${known[1].todo}`;
};

/** How a process is and how that is told. */
class Account {
  readonly #options: ChildOptions;
  #state: ProcessState = 'starting';
  #sinceMs: number;
  #lastExit: ProcessExit | undefined;
  #isFinal = false;
  #said: string | undefined;

  constructor(options: ChildOptions) {
    this.#options = options;
    this.#sinceMs = options.clock.nowMs();
  }

  line(life: Life | undefined, starts: number): ProcessLine {
    const pid = life?.process.pid;
    return {
      name: this.#options.program.name,
      state: this.#state,
      ...(pid === undefined ? {} : { pid }),
      starts,
      restarts: Math.max(0, starts - 1),
      since: new Date(this.#sinceMs).toISOString(),
      ...(this.#lastExit && { lastExit: this.#lastExit }),
      ...(this.#isFinal ? { isFinal: true as const } : {}),
    };
  }

  /** One that fell before it was ready stays down until it is. */
  started(wasReady: boolean): void {
    this.#enter(this.#state === 'down' && !wasReady ? 'down' : 'starting');
  }

  isReady(): void {
    if (this.#state === 'down') this.#options.say(`${this.#options.program.name} is up`);
    this.#said = undefined;
    this.#enter('up');
  }

  fell({ text, code }: End, wasReady: boolean): void {
    const { program, clock } = this.#options;
    const at = new Date(clock.nowMs()).toISOString();
    this.#lastExit = { at, cause: text, ...(code === undefined ? {} : { code }) };
    this.#enter('down');
    if (this.#isFinal) this.#tell(`${program.name} does not start: ${text}; it is not tried again${adviceOf(code)}`);
    else if (wasReady) this.#options.say(`${program.name} ended: ${text}; it is started again`);
    else this.#tell(`${program.name} does not start: ${text}; it is tried again`);
  }

  /** No start follows the fall that comes now. */
  end(): void {
    this.#isFinal = true;
  }

  /** The same trouble is told once. */
  #tell(line: string): void {
    if (line !== this.#said) this.#options.say(line);
    this.#said = line;
  }

  #enter(state: ProcessState): void {
    if (state !== this.#state) this.#sinceMs = this.#options.clock.nowMs();
    this.#state = state;
    this.#options.onChange();
  }
}

/** A process through all its lives. */
class Keeper {
  readonly ready = Promise.withResolvers<void>();
  readonly settled = Promise.withResolvers<void>();
  readonly done = Promise.withResolvers<void>();
  readonly hopeless = Promise.withResolvers<never>();
  readonly finished: Promise<void>;
  readonly account: Account;
  life: Life | undefined;
  starts = 0;
  readonly #options: ChildOptions;
  readonly #stopping = new AbortController();
  #falls = 0;
  #fallsBeforeReady = 0;
  #hasBeenReady = false;

  constructor(options: ChildOptions) {
    this.#options = options;
    this.account = new Account(options);
    // A caller that waits for neither learns of it by `say`.
    this.done.promise.catch(() => undefined);
    this.hopeless.promise.catch(() => undefined);
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
    let wasReady = false;
    while (!this.#stopping.signal.aborted) {
      const { end, isReady } = await this.#liveOnce(after, wasReady);
      if (this.#stopping.signal.aborted) break;
      if (end.isDone && program.endsByItself) {
        this.#isUp();
        this.done.resolve();
        break;
      }
      if (this.#fall(end, isReady)) break;
      [after, wasReady] = [end.ending, isReady];
      await sleep(clock, backoffMs(this.#falls, Math.random()), this.#stopping.signal);
    }
    ticking();
  }

  #isUp(): void {
    this.#fallsBeforeReady = 0;
    this.#hasBeenReady = true;
    this.ready.resolve();
    this.settled.resolve();
    this.account.isReady();
  }

  async #liveOnce(after: Ending, wasReady: boolean): Promise<{ end: End; isReady: boolean }> {
    const { program, clock, log } = this.#options;
    this.starts += 1;
    let isReady = false;
    const life = new Life(this.#options, after, () => {
      isReady = true;
      this.#isUp();
    });
    this.life = life;
    const { pid } = life.process;
    log.info({ child: program.name, pid, starts: this.starts }, 'process started');
    this.account.started(wasReady);
    const end = await life.ended;
    this.life = undefined;
    log.info({ child: program.name, pid, ending: end.ending, text: end.text }, 'process ended');
    if (clock.nowMs() - life.startedAtMs > settledMs) this.#falls = 0;
    return { end, isReady };
  }

  /** Counts a fall, tells of it, and returns whether it was the last. */
  #fall(end: End, wasReady: boolean): boolean {
    this.#falls += 1;
    this.#fallsBeforeReady += wasReady ? 0 : 1;
    const isLast = this.#isLast(end);
    if (isLast) this.account.end();
    this.account.fell(end, wasReady);
    const why = `${this.#options.program.name} does not start: ${end.text}`;
    if (isLast) this.done.reject(new Error(why));
    if (isLast || this.#fallsBeforeReady >= mostFalls) this.hopeless.reject(new ProcessDown(why));
    if (isLast || this.#fallsBeforeReady >= fallsUntilSettled) this.settled.resolve();
    return isLast;
  }

  /** Only what has an end of its own is given up for falling; the others when a start cannot change anything. */
  #isLast({ code }: End): boolean {
    if (!this.#options.program.endsByItself) return finalCodes.has(code);
    return this.#falls >= mostFalls || (!this.#hasBeenReady && this.#falls >= fallsUntilSettled);
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
    line: () => keeper.account.line(keeper.life, keeper.starts),
    ready: keeper.ready.promise,
    settled: keeper.settled.promise,
    done: keeper.done.promise,
    hopeless: keeper.hopeless.promise,
    stop: async () => {
      keeper.letGo('SIGTERM');
      const giveUp = clock.at(clock.nowMs() + stopPatienceMs, () => keeper.letGo('SIGKILL'));
      await keeper.finished;
      giveUp();
    },
    kill: () => keeper.letGo('SIGKILL'),
  };
};
