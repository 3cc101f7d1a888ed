import type { Execution } from './registry.ts';

/** Removed executions leave gaps; with so many, and more gaps than executions, the gaps are closed. */
const WORTH_CLOSING = 1000;

/** Executions in the order of their start, to be read from the latest to the first without a copy of all. */
export class StartOrder {
  #places: (Execution | undefined)[] = [];
  /** Of each place, so that gaps can be found too; they rise. */
  #serials: number[] = [];
  #gaps = 0;

  get size(): number {
    return this.#places.length - this.#gaps;
  }

  /** Adds the execution that has started last. */
  add(execution: Execution): void {
    this.#places.push(execution);
    this.#serials.push(execution.identity.serial);
  }

  delete({ identity: { serial } }: Execution): void {
    const place = this.#placeOf(serial);
    if (this.#serials[place] !== serial || !this.#places[place]) return;
    this.#places[place] = undefined;
    this.#gaps += 1;
    if (this.#gaps > WORTH_CLOSING && this.#gaps > this.size) this.#close();
  }

  *[Symbol.iterator](): Generator<Execution> {
    for (const execution of this.#places) if (execution) yield execution;
  }

  /** Those that started before the one with this number, the latest first. */
  *before(serial: number): Generator<Execution> {
    for (let place = this.#placeOf(serial) - 1; place >= 0; place--) {
      const execution = this.#places[place];
      if (execution) yield execution;
    }
  }

  /** The first place whose number is not less. */
  #placeOf(serial: number): number {
    let low = 0;
    let high = this.#serials.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#serials[middle] ?? 0) < serial) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #close(): void {
    const left = this.#places.filter((execution) => execution !== undefined);
    this.#places = left;
    this.#serials = left.map(({ identity }) => identity.serial);
    this.#gaps = 0;
  }
}
