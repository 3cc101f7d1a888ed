import { AwsError } from '../../engine/part.ts';
import type { Outcome } from '../model.ts';
import type { Execution } from '../registry.ts';

type Caller = { readonly resolve: (outcome: Outcome) => void; readonly reject: (error: Error) => void };

/** Who waits for the end of an execution of an express machine. */
export class Callers {
  readonly #waiting = new Map<Execution, Caller>();

  /** Resolves with the execution's outcome; rejects if the engine closes before. */
  wait(execution: Execution): Promise<Outcome> {
    const { outcome } = execution;
    if (outcome) return Promise.resolve(outcome);
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    this.#waiting.set(execution, { resolve, reject });
    // Whoever does not wait any more is not told.
    promise.catch(() => undefined);
    return promise;
  }

  tell(execution: Execution, outcome: Outcome): void {
    this.#waiting.get(execution)?.resolve(outcome);
    this.#waiting.delete(execution);
  }

  close(): void {
    const error = new AwsError('ServiceUnavailable', 'The engine is stopping; the execution was given up.', 503);
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
