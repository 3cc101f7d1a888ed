/** An error inside an execution: what Retry and Catch see as Error and Cause. Never leaves the interpreter. */
export class StateFailure extends Error {
  readonly error: string | undefined;
  readonly reason: string | undefined;
  /** True if the state itself went wrong: its cause then names the state and its event. */
  readonly isOfState: boolean;
  constructor(error: string | undefined, reason?: string, isOfState = false) {
    super(reason ?? error ?? 'failed');
    this.name = 'StateFailure';
    this.error = error;
    this.reason = reason;
    this.isOfState = isOfState;
  }
}

/** A failure of the definition itself at run time; nothing catches `States.Runtime`. */
export const runtimeFailure = (reason: string): StateFailure => new StateFailure('States.Runtime', reason, true);

/** Whatever was thrown, as a failure: a fault of the interpreter ends one execution, never the engine. */
export const toFailure = (thrown: unknown): StateFailure =>
  thrown instanceof StateFailure
    ? thrown
    : runtimeFailure(`Internal error: ${thrown instanceof Error ? thrown.message : String(thrown)}`);

/** Puts AWS's preamble before the cause of a failure of the state itself. */
export const located = (failure: StateFailure, state: string, eventId: number): StateFailure =>
  failure.isOfState
    ? new StateFailure(
        failure.error,
        `An error occurred while executing the state '${state}' (entered at the event id #${eventId}). ${failure.reason ?? ''}`,
      )
    : failure;
