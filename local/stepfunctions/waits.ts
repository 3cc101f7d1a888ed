import type { Thread } from './model.ts';

/** Threads that wait, by the id of what they wait for, in the order in which they began. One costs no Map. */
export class Waits {
  #id = 0;
  #thread: Thread | undefined;
  #others: Map<number, Thread> | undefined;

  get(id: number): Thread | undefined {
    return this.#thread !== undefined && id === this.#id ? this.#thread : this.#others?.get(id);
  }

  has(id: number): boolean {
    return this.get(id) !== undefined;
  }

  set(id: number, thread: Thread): void {
    if (this.#thread === undefined && this.#others === undefined) {
      this.#id = id;
      this.#thread = thread;
    } else {
      this.#others ??= new Map();
      this.#others.set(id, thread);
    }
  }

  delete(id: number): void {
    if (id === this.#id) this.#thread = undefined;
    this.#others?.delete(id);
    if (this.#others?.size === 0) this.#others = undefined;
  }

  *values(): Generator<Thread> {
    if (this.#thread !== undefined) yield this.#thread;
    if (this.#others !== undefined) yield* this.#others.values();
  }
}
