/** How Lambda tells the caller that an invocation ended without an answer: types and words are AWS's own. */

/** The names of signals as Go, in which Lambda's sandbox is written, says them. */
const SIGNALS = new Map<string, string>([
  ['SIGABRT', 'aborted'],
  ['SIGBUS', 'bus error'],
  ['SIGFPE', 'floating point exception'],
  ['SIGHUP', 'hangup'],
  ['SIGILL', 'illegal instruction'],
  ['SIGINT', 'interrupt'],
  ['SIGKILL', 'killed'],
  ['SIGPIPE', 'broken pipe'],
  ['SIGQUIT', 'quit'],
  ['SIGSEGV', 'segmentation fault'],
  ['SIGTERM', 'terminated'],
  ['SIGTRAP', 'trace/breakpoint trap'],
]);

/** How a process ended, as `exit` tells it. */
export type Exit = { readonly code: number | null; readonly signal: string | null };

/** An error of the sandbox, not of the function's own making. */
export type SandboxFailure = { readonly errorType: string; readonly errorMessage: string };

/** The payload that the caller gets. */
export const failurePayload = ({ errorType, errorMessage }: SandboxFailure): string =>
  JSON.stringify({ errorType, errorMessage });

/** A function ran longer than it may. */
export const timedOut = (requestId: string, timeoutS: number): SandboxFailure => ({
  errorType: 'Sandbox.Timedout',
  errorMessage: `RequestId: ${requestId} Error: Task timed out after ${timeoutS.toFixed(2)} seconds`,
});

/** What the exit of a runtime is called. */
export const exitWords = ({ code, signal }: Exit): string => {
  if (signal !== null) {
    const name = SIGNALS.get(signal) ?? signal.toLowerCase();
    return `Runtime exited with error: signal: ${name}`;
  }
  return code === 0 ? 'Runtime exited without providing a reason' : `Runtime exited with error: exit status ${code}`;
};

/** A runtime ended while an invocation was its own. */
export const exited = (requestId: string, exit: Exit): SandboxFailure => ({
  errorType: 'Runtime.ExitError',
  errorMessage: `RequestId: ${requestId} Error: ${exitWords(exit)}`,
});

/** An instance held more memory than its function may. */
export const outOfMemory = (requestId: string): SandboxFailure => ({
  errorType: 'Runtime.OutOfMemory',
  errorMessage: `RequestId: ${requestId} Error: ${exitWords({ code: null, signal: 'SIGKILL' })}`,
});

/** A function's answer is larger than Lambda carries. */
export const answerTooLarge = (limitBytes: number): SandboxFailure => ({
  errorType: 'Function.ResponseSizeTooLarge',
  errorMessage: `Response payload size exceeded maximum allowed payload size (${limitBytes} bytes).`,
});

/** A runtime that no process could be made for. */
export const notStarted = (requestId: string, reason: string): SandboxFailure => ({
  errorType: 'Runtime.InvalidEntrypoint',
  errorMessage: `RequestId: ${requestId} Error: ${reason}`,
});

/** What the log of a function has about such an end. */
export const failureLines = (requestId: string, failure: SandboxFailure, nowMs: number): readonly string[] => {
  const { errorType, errorMessage } = failure;
  if (errorType !== 'Sandbox.Timedout') return [errorMessage, errorType];
  return [`${new Date(nowMs).toISOString()} ${requestId} ${errorMessage.replace(/^.* Error: /, '')}`];
};
