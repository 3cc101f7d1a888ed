import { asFolderError } from './local-disk.ts';
import type { LocalRun, Site } from './local-run.ts';

/** After the disk would not take a mark, and so nothing may start. */
const retryMs = 1_000;

/** The slots of a local facility and the queue before them: first come, first started. */
export class Slots {
  readonly count: number;
  readonly running = new Set<LocalRun>();
  readonly #site: Site;
  /** Hold a slot while what makes their start safe is being synced. */
  readonly #reserved = new Set<LocalRun>();
  #waiting: LocalRun[] = [];
  /** Waiting ones whose intent is durable. */
  readonly #ready = new WeakSet<LocalRun>();
  #isClosed = false;
  #cancelRetry: (() => void) | undefined;

  constructor(count: number, site: Site) {
    this.count = count;
    this.#site = site;
  }

  get free(): number {
    return Math.max(0, this.count - this.#reserved.size - this.running.size);
  }

  /** Gives a slot, or else a place in the queue; true if a slot. */
  reserve(run: LocalRun): boolean {
    if (this.free > 0 && this.#waiting.length === 0) {
      this.#reserved.add(run);
      return true;
    }
    this.#waiting.push(run);
    return false;
  }

  /** The intent of a run is durable: it starts now if it has its slot, or when its turn comes. */
  ready(run: LocalRun): void {
    if (this.#isClosed) return;
    if (this.#reserved.has(run)) {
      this.#begin(run, 1);
    } else {
      this.#ready.add(run);
    }
    this.pump();
  }

  /** Puts a run that an earlier process queued into its old place. */
  restore(run: LocalRun): void {
    this.#waiting.push(run);
    this.#waiting.sort((a, b) => a.record.order - b.record.order);
    this.#ready.add(run);
  }

  /** Takes a run out, wherever it is. */
  remove(run: LocalRun): void {
    this.running.delete(run);
    this.#reserved.delete(run);
    const place = this.#waiting.indexOf(run);
    if (place >= 0) this.#waiting.splice(place, 1);
  }

  /** Starts what waits while there are free slots; none overtakes another. */
  pump(): void {
    while (!this.#isClosed && this.free > 0) {
      const next = this.#waiting[0];
      if (next === undefined || !this.#ready.has(next)) return;
      this.#waiting.shift();
      this.#reserved.add(next);
      void this.#start(next);
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelRetry?.();
    for (const run of this.running) run.detach();
  }

  async #start(run: LocalRun): Promise<void> {
    try {
      const generation = run.folder.generation() + 1;
      await run.folder.markSpawn(generation);
      // Closed meanwhile: the mark without a claim tells the next process that nothing ran.
      if (!this.#isClosed) this.#begin(run, generation);
    } catch (thrown) {
      this.#reserved.delete(run);
      if (!run.hasEnded) this.#waiting.unshift(run);
      this.#site.onWarn(`${run.attemptId} cannot be started yet: ${asFolderError(thrown, run.folder.path).message}`);
      this.#cancelRetry?.();
      this.#cancelRetry = this.#site.clock.at(this.#site.clock.nowMs() + retryMs, () => this.pump());
      return;
    }
    this.pump();
  }

  /** A slot stays taken from its reservation through the start; `running` is joined within `begin`. */
  #begin(run: LocalRun, generation: number): void {
    run.begin(generation);
    this.#reserved.delete(run);
  }
}
