/** Why an HTTP task failed: the name that Retry and Catch know, and a cause for people. */
export class HttpFailure extends Error {
  override readonly name = 'HttpFailure';
  readonly error: string;
  constructor(error: string, cause: string) {
    super(cause);
    this.error = error;
  }
}

/** What nobody can mend by trying again: the task itself, or what came back, is wrong. */
export const runtime = (cause: string): HttpFailure => new HttpFailure('States.Runtime', cause);
