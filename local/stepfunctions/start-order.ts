import type { Execution } from './registry.ts';

/** A removed execution leaves a gap, which is its number: numbers rise along the order. */
type Place = Execution | number;

/** With so many gaps, and more of them than executions, the gaps are closed. */
const WORTH_CLOSING = 1000;

const serialOf = (place: Place | undefined): number =>
  typeof place === 'object' ? place.identity.serial : (place ?? 0);

/** Executions in the order of their start, to be read from the latest to the first without a copy of all. */
export class StartOrder {
  #places: Place[] = [];
  #gaps = 0;

  get size(): number {
    return this.#places.length - this.#gaps;
  }

  /** Adds the execution that has started last. */
  add(execution: Execution): void {
    this.#places.push(execution);
  }

  /** Finds an execution by its number. */
  get(serial: number): Execution | undefined {
    const place = this.#places[this.#placeOf(serial)];
    return typeof place === 'object' && place.identity.serial === serial ? place : undefined;
  }

  /** False if it is not there. */
  delete(execution: Execution): boolean {
    const { serial } = execution.identity;
    const at = this.#placeOf(serial);
    if (this.#places[at] !== execution) return false;
    this.#places[at] = serial;
    this.#gaps += 1;
    if (this.#gaps <= WORTH_CLOSING || this.#gaps <= this.size) return true;
    this.#places = this.#places.filter((place) => typeof place === 'object');
    this.#gaps = 0;
    return true;
  }

  *[Symbol.iterator](): Generator<Execution> {
    for (const place of this.#places) if (typeof place === 'object') yield place;
  }

  /** Those that started before the one with this number, the latest first. */
  *before(serial: number): Generator<Execution> {
    for (let at = this.#placeOf(serial) - 1; at >= 0; at--) {
      const place = this.#places[at];
      if (typeof place === 'object') yield place;
    }
  }

  /** The first place whose number is not less. */
  #placeOf(serial: number): number {
    const last = this.#places.length - 1;
    // Where none is missing between it and the last one, it stands as far from the end as its number says.
    const likely = last - (serialOf(this.#places[last]) - serial);
    if (serialOf(this.#places[likely]) === serial) return likely;
    let low = 0;
    let high = this.#places.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (serialOf(this.#places[middle]) < serial) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
