import { setImmediate as turnOfLoop } from 'node:timers/promises';

/** So long others wait at most while something goes on that takes its time. */
const ROUND_MS = 2;

/** Lets the loop turn whenever somebody has held it for a while. */
export class Breath {
  #endMs = performance.now() + ROUND_MS;

  get isDue(): boolean {
    return performance.now() >= this.#endMs;
  }

  async take(): Promise<void> {
    await turnOfLoop();
    this.#endMs = performance.now() + ROUND_MS;
  }
}

/** Does one thing after the other until it `isOver`; the loop turns in between. */
export const inRounds = (tasks: readonly (() => void)[], isOver: () => boolean, from = 0): void => {
  const endMs = performance.now() + ROUND_MS;
  let at = from;
  for (; at < tasks.length && performance.now() < endMs && !isOver(); at++) tasks[at]?.();
  if (at < tasks.length && !isOver()) setImmediate(() => inRounds(tasks, isOver, at));
};

/**
 * Lets executions go on whose turn had done enough: one after the other, some in each turn of the loop, until everybody
 * else has had theirs.
 */
export class Rounds {
  readonly #goOn: (serial: number) => void;
  readonly #waiting = new Set<number>();
  #isScheduled = false;

  constructor(goOn: (serial: number) => void) {
    this.#goOn = goOn;
  }

  add(serial: number): void {
    this.#waiting.add(serial);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.#round());
  }

  close(): void {
    this.#waiting.clear();
  }

  #round(): void {
    const endMs = performance.now() + ROUND_MS;
    // What goes on and has done enough again is put behind the others, and is come to again while there is time.
    for (const serial of this.#waiting) {
      this.#waiting.delete(serial);
      this.#goOn(serial);
      if (performance.now() >= endMs) break;
    }
    this.#isScheduled = this.#waiting.size > 0;
    if (this.#isScheduled) setImmediate(() => this.#round());
  }
}
