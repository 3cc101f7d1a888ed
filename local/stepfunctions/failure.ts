import { isObject, type Json, own } from './json.ts';

/** An error inside an execution: what Retry and Catch see as Error and Cause. Never leaves the interpreter. */
export class StateFailure extends Error {
  readonly error: string | undefined;
  readonly reason: string | undefined;
  /** True if the state itself went wrong: its cause then names the state and its event. */
  readonly isOfState: boolean;
  /** The field whose expression failed, within its state. */
  readonly location: string | undefined;
  constructor(error: string | undefined, reason?: string, isOfState = false, location?: string) {
    super(reason ?? error ?? 'failed');
    this.name = 'StateFailure';
    this.error = error;
    this.reason = reason;
    this.isOfState = isOfState;
    this.location = location;
  }
}

/** A failure of the definition itself at run time; nothing catches `States.Runtime`. */
export const runtimeFailure = (reason: string): StateFailure => new StateFailure('States.Runtime', reason, true);

/** Whatever was thrown, as a failure: a fault of the interpreter ends one execution, never the engine. */
export const toFailure = (thrown: unknown): StateFailure =>
  thrown instanceof StateFailure
    ? thrown
    : runtimeFailure(`Internal error: ${thrown instanceof Error ? thrown.message : String(thrown)}`);

/** What Catch is shown of a failure. */
export const errorOutput = (failure: StateFailure): Json => ({
  Error: failure.error ?? '',
  Cause: failure.reason ?? '',
});

/** The failure that an error output tells of. */
export const failureOf = (output: Json): StateFailure => {
  const text = (field: string): string => (isObject(output) ? String(own(output, field) ?? '') : '');
  return new StateFailure(text('Error'), text('Cause'));
};

/** Puts AWS's preamble before the cause of a failure of the state itself. */
export const located = (failure: StateFailure, state: string, eventId: number): StateFailure =>
  failure.isOfState
    ? new StateFailure(
        failure.error,
        `An error occurred while executing the state '${state}' (entered at the event id #${eventId}). ${failure.reason ?? ''}`,
      )
    : failure;
