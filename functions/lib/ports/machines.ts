/** How an execution came to its end; `unknown`: it is not remembered any more. */
export type ExecutionEnd = {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED' | 'unknown';
  readonly error?: string;
  readonly cause?: string;
};

/**
 * State machines by their name in the catalogue. Inputs and outputs have at most 262,144 bytes. Errors:
 * `plane-unavailable` (Transient), `message-too-large` and `input-invalid` (Invalid), `record-missing` (Missing).
 */
export type Machines = {
  /** Starts the execution `name`; one that was started before stays as it is. */
  readonly start: (machine: string, name: string, input: object) => Promise<void>;
  /** Answers a task token. `gone`: it was answered, timed out or stopped before; nothing changed. */
  readonly succeed: (token: string, output: object) => Promise<'answered' | 'gone'>;
  readonly fail: (token: string, error: string, cause: string) => Promise<'answered' | 'gone'>;
  /** How an execution, by its id (`$$.Execution.Id`), has ended; undefined while it runs, or if it was lost and begins again. */
  readonly endOf: (executionId: string) => Promise<ExecutionEnd | undefined>;
};
