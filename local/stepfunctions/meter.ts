import { runtimeFailure } from './failure.ts';

/** What a turn does at once, in bytes that it handles; the rest of it is another turn, so that others come between. */
export const WORK_AT_ONCE = 262_144;
/** What the expressions of one state may take: values that a path visits, arguments, eight characters of a text. */
export const MAX_STEPS = 1_000_000;
/** What entering a state costs beside its data, and a step of an expression, in the bytes that take as long. */
const STATE_WORK = 1024;
const STEP_WORK = 8;

/**
 * Measures what a turn does. It counts work, not time, so that a replay stops where the turn stopped. `most` is written
 * into the journal with the turn; records of engines that did not measure have none, and are played as they were.
 */
export class Meter {
  readonly #most: number;
  readonly #maxSteps: number;
  #work = 0;
  #steps = 0;

  constructor(most: number | undefined) {
    this.#most = most ?? Number.POSITIVE_INFINITY;
    this.#maxSteps = most === undefined ? Number.POSITIVE_INFINITY : MAX_STEPS;
  }

  /** True if the turn has done enough for now. */
  get isSpent(): boolean {
    return this.#work >= this.#most;
  }

  /** A state or item begins or goes on with so much data; its expressions have all their steps. */
  begin(sizeBytes: number): void {
    this.#work += STATE_WORK + sizeBytes;
    this.#steps = 0;
  }

  /** Counts steps of an expression. @throws StateFailure when they are too many */
  spend(steps: number): void {
    if (this.affords(steps)) return;
    throw runtimeFailure(
      `The expressions of the state take more than ${MAX_STEPS} steps. Let them look at less data, or do it in a function.`,
    );
  }

  /** Counts steps if there are so many left. */
  affords(steps: number): boolean {
    if (this.#steps + steps > this.#maxSteps) return false;
    this.#steps += steps;
    this.#work += steps * STEP_WORK;
    return true;
  }

  /** Counts a text that is read or made. */
  spendText(chars: number): void {
    this.spend(1 + (chars >> 3));
  }
}
