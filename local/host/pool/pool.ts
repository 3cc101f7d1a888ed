import type { FunctionCode } from '../function-code.ts';
import { createFunctionLog, type FunctionLog } from '../function-log.ts';
import { Instance } from '../instance/instance.ts';
import type { InstanceOptions } from '../instance/options.ts';
import type { FunctionCounts, FunctionDescription, FunctionSpec } from '../runner.ts';

/** What becomes of calls, as it is counted. */
type Tally = { -readonly [Name in keyof FunctionCounts]: FunctionCounts[Name] };

/** What all instances of a host have in common. */
export type Common = Pick<
  InstanceOptions,
  'host' | 'clock' | 'whereabouts' | 'client' | 'compileCache' | 'initTimeoutS'
>;

/** What a pool is made of. */
export type PoolOptions = {
  readonly spec: FunctionSpec;
  readonly code: FunctionCode;
  readonly common: Common;
  /** A number that no other instance of this host has. */
  readonly nextNumber: () => number;
  /** An instance waits for work, or is gone: calls that wait may go on. */
  readonly onChange: () => void;
  /** The pool whose place it takes: the function's log and counts go on. */
  readonly before?: Pool | undefined;
};

/** The instances of one deployed function. */
export class Pool {
  readonly spec: FunctionSpec;
  readonly code: FunctionCode;
  readonly log: FunctionLog;
  readonly counts: Tally;
  readonly #options: PoolOptions;
  readonly #deployedAt: string;
  readonly #instances = new Set<Instance>();
  /** Those without work; the last one worked last. */
  readonly #idle: Instance[] = [];
  #minimum = 0;
  #isEnabled = true;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.spec = options.spec;
    this.code = options.code;
    this.log = options.before?.log ?? createFunctionLog();
    this.counts = options.before?.counts ?? { invocations: 0, failures: 0, throttles: 0, coldStarts: 0, crashes: 0 };
    this.#deployedAt = new Date(options.common.clock.nowMs()).toISOString();
  }

  /** How many instances live. */
  get live(): number {
    return this.#instances.size;
  }

  get isEnabled(): boolean {
    return this.#isEnabled;
  }

  /** Whether one more instance would be within what the function may have. */
  get hasRoom(): boolean {
    return this.#isEnabled && this.live < this.spec.concurrency;
  }

  /** The instance that waited shortest, so that the others may come to their end. */
  takeIdle(): Instance | undefined {
    if (!this.#isEnabled) return undefined;
    let found = this.#idle.pop();
    // One that has died meanwhile is on its way out.
    while (found !== undefined && !found.isIdle) found = this.#idle.pop();
    return found;
  }

  /** The instance that waits longest and need not be kept. */
  oldestIdle(): Instance | undefined {
    return this.live > this.#minimum ? this.#idle[0] : undefined;
  }

  /** Starts an instance. */
  start(): Instance {
    const { common, nextNumber, spec, code, onChange } = { ...this.#options };
    const instance = new Instance({
      ...common,
      id: `${spec.name}-${nextNumber()}`,
      spec,
      code,
      log: this.log,
      onIdle: (idle) => this.#rest(idle),
      onEnd: (ended, isCrash) => {
        if (isCrash) this.counts.crashes += 1;
        this.#forget(ended);
        onChange();
      },
    });
    this.#instances.add(instance);
    return instance;
  }

  /** Ends an instance; it does not count any more. */
  dismiss(instance: Instance): void {
    this.#forget(instance);
    instance.end();
  }

  /** Keeps so many instances warm, of which the host has room for so many more; with 0 there is none until it is scaled up again. */
  scale(minimum: number, room: number): void {
    this.#minimum = Math.min(minimum, this.spec.concurrency, this.live + Math.max(0, room));
    this.#isEnabled = minimum > 0;
    if (!this.#isEnabled) this.#dismissIdle();
    while (this.live < this.#minimum) this.start();
  }

  /** Ends what has no work; what has ends after it. */
  retire(): void {
    this.#isEnabled = false;
    this.#dismissIdle();
  }

  /** Freezes and ends instances that have had no work since these moments. */
  tend({ frozenSinceMs, endedSinceMs }: { readonly frozenSinceMs: number; readonly endedSinceMs: number }): void {
    for (const instance of [...this.#idle]) {
      if (instance.idleSinceMs <= endedSinceMs && this.live > this.#minimum) this.dismiss(instance);
      else if (instance.idleSinceMs <= frozenSinceMs) instance.freeze();
    }
  }

  /** All instances that live. */
  instances(): ReadonlySet<Instance> {
    return this.#instances;
  }

  describe(): FunctionDescription {
    return {
      spec: this.spec,
      codeSha256: this.code.sha256,
      codeSizeBytes: this.code.sizeBytes,
      deployedAt: this.#deployedAt,
      instances: this.live,
      busy: this.live - this.#idle.length,
      isEnabled: this.#isEnabled,
      counts: { ...this.counts },
    };
  }

  #rest(instance: Instance): void {
    if (!this.#isEnabled || !this.#instances.has(instance)) {
      this.dismiss(instance);
      return;
    }
    this.#idle.push(instance);
    this.#options.onChange();
  }

  #dismissIdle(): void {
    for (const instance of [...this.#idle]) this.dismiss(instance);
  }

  #forget(instance: Instance): void {
    this.#instances.delete(instance);
    const at = this.#idle.indexOf(instance);
    if (at >= 0) this.#idle.splice(at, 1);
  }
}
