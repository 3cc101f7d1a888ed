import type { Clock } from '#ports/clock';

type Entry = { readonly atMs: number; readonly order: number; readonly serial: number; readonly pending: number };

const isBefore = (a: Entry, b: Entry): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** So many timers ring in one turn of the loop, and for so long; the others let everybody else go first. */
const DUE_AT_ONCE = 1000;
const DUE_MS = 5;

/**
 * All timers of the engine in one binary heap under one timer of the clock: 100,000 waits cost 100,000 small entries.
 * Cancelled entries stay until they are due or make up half of the heap; then they are swept out together.
 */
export class Timers {
  readonly #clock: Clock;
  readonly #due: (serial: number, pending: number) => void;
  /** The moment that an entry is for now; `undefined` if nobody waits for it any more. */
  readonly #dueAtMs: (serial: number, pending: number) => number | undefined;
  #heap: Entry[] = [];
  #cancelled = 0;
  #order = 0;
  #armedAtMs = Number.POSITIVE_INFINITY;
  #disarm: () => void = () => undefined;

  constructor(
    clock: Clock,
    dueAtMs: (serial: number, pending: number) => number | undefined,
    due: (serial: number, pending: number) => void,
  ) {
    this.#clock = clock;
    this.#dueAtMs = dueAtMs;
    this.#due = due;
  }

  get size(): number {
    return this.#heap.length;
  }

  set(serial: number, pending: number, atMs: number): void {
    this.#push({ atMs, order: ++this.#order, serial, pending });
    this.#arm();
  }

  /** Notes that an entry may not be wanted any more. */
  cancelled(): void {
    this.#cancelled += 1;
    if (this.#cancelled < 1000 || this.#cancelled * 2 < this.#heap.length) return;
    const kept = this.#heap.filter((entry) => this.#dueAtMs(entry.serial, entry.pending) !== undefined);
    this.#cancelled = 0;
    this.#heap = [];
    for (const entry of kept) this.#push(entry);
  }

  close(): void {
    this.#disarm();
    this.#heap = [];
  }

  #arm(): void {
    const first = this.#heap[0];
    if (!first || first.atMs >= this.#armedAtMs) return;
    this.#disarm();
    this.#armedAtMs = first.atMs;
    this.#disarm = this.#clock.at(first.atMs, () => this.#wake());
  }

  #wake(): void {
    this.#armedAtMs = Number.POSITIVE_INFINITY;
    const nowMs = this.#clock.nowMs();
    const endMs = performance.now() + DUE_MS;
    let left = DUE_AT_ONCE;
    for (let first = this.#heap[0]; first && first.atMs <= nowMs && left > 0; first = this.#heap[0]) {
      left = performance.now() < endMs ? left - 1 : 0;
      this.#pop();
      const dueAtMs = this.#dueAtMs(first.serial, first.pending);
      if (dueAtMs === undefined) this.#cancelled = Math.max(0, this.#cancelled - 1);
      // A heartbeat has moved the moment since the timer was set.
      else if (dueAtMs > nowMs) this.#push({ ...first, atMs: dueAtMs });
      else this.#due(first.serial, first.pending);
    }
    this.#arm();
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const up = (at - 1) >> 1;
      const parent = heap[up];
      if (!parent || !isBefore(entry, parent)) break;
      heap[at] = parent;
      at = up;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = heap[2 * at + 1];
      const right = heap[2 * at + 2];
      const child = left && right && isBefore(right, left) ? right : left;
      if (!child || !isBefore(child, last)) break;
      heap[at] = child;
      at = child === right ? 2 * at + 2 : 2 * at + 1;
    }
    heap[at] = last;
  }
}
