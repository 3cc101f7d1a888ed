import type { Execution } from '../registry.ts';
import type { Request } from '../request.ts';

/** Work of an execution that waits for a worker. */
export type Offer = {
  readonly execution: Execution;
  readonly pending: number;
  readonly work: Extract<Request, { type: 'activity' }>;
};

/** So many are looked through at least before it is worth it. */
const SWEPT_AT_LEAST = 1000;

/** Whether the execution still waits for somebody to take the work. */
const isOpen = ({ execution, pending, work }: Offer): boolean => {
  const wait = execution.run?.pending.get(pending)?.pending;
  return wait?.request === work && !wait.isSubmitted;
};

/** The work on offer at one activity, in the order in which it was scheduled; what nobody wants any more is dropped in passing. */
export class Offers {
  #offers = new Set<Offer>();
  #lastAtMs = 0;
  #isSorted = true;
  #sweepAt = SWEPT_AT_LEAST;

  get size(): number {
    return this.#offers.size;
  }

  add(offer: Offer): void {
    const { scheduledAtMs } = offer.work;
    // After a restart work comes in the order of its executions.
    if (scheduledAtMs < this.#lastAtMs) this.#isSorted = false;
    else this.#lastAtMs = scheduledAtMs;
    this.#offers.add(offer);
    if (this.#offers.size >= this.#sweepAt) this.#sweep();
  }

  remove(offer: Offer): void {
    this.#offers.delete(offer);
  }

  /** The next one that is still wanted; it stays. */
  first(): Offer | undefined {
    if (!this.#isSorted) this.#sort();
    for (const offer of this.#offers) {
      if (isOpen(offer)) return offer;
      this.#offers.delete(offer);
    }
    return undefined;
  }

  #sort(): void {
    this.#offers = new Set(
      [...this.#offers].toSorted((one, other) => one.work.scheduledAtMs - other.work.scheduledAtMs),
    );
    this.#isSorted = true;
  }

  #sweep(): void {
    for (const offer of this.#offers) if (!isOpen(offer)) this.#offers.delete(offer);
    this.#sweepAt = Math.max(SWEPT_AT_LEAST, this.#offers.size * 2);
  }
}
