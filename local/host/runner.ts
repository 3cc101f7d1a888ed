/**
 * What both doors of the function host (Lambda's Invoke API, OpenFaaS's gateway) ask of it: the functions that there are,
 * and a way to run them. In a plane's process and in processes of their own they run behind the same type.
 */

/** A function as it is deployed here. */
export type FunctionSpec = {
  readonly name: string;
  /** Which code it runs: the name of a function of the catalogue. A deployment may give one code several names. */
  readonly code: string;
  readonly memoryMb: number;
  readonly timeoutS: number;
  /** How many of its instances may run at once. */
  readonly concurrency: number;
  /** Variables that its instances find, beside those that Lambda sets. */
  readonly environment: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
};

/** What became of a function's instances and invocations since the host started. */
export type FunctionCounts = {
  readonly invocations: number;
  readonly failures: number;
  readonly throttles: number;
  readonly coldStarts: number;
  /** Instances that died, were killed for time or memory, or could not start. */
  readonly crashes: number;
};

/** A deployed function and how it fares. */
export type FunctionDescription = {
  readonly spec: FunctionSpec;
  /** What its code is, as `sha256` in hex, and how large. */
  readonly codeSha256: string;
  readonly codeSizeBytes: number;
  readonly deployedAt: string;
  /** Instances that live: those at work and those that are warm. */
  readonly instances: number;
  readonly busy: number;
  /** Whether calls are answered: false for a function that was scaled to zero by hand. */
  readonly isEnabled: boolean;
  readonly counts: FunctionCounts;
};

/** One call of a function. */
export type InvocationRequest = {
  readonly name: string;
  /** The event, as JSON text. */
  readonly payload: string;
  /** Names the call in the function's context and in its log: letters, digits and `-_.:`. */
  readonly requestId: string;
  /** Base64 of JSON that the function finds as its client context. */
  readonly clientContext?: string | undefined;
  /** What the function finds as `_X_AMZN_TRACE_ID`. */
  readonly traceId?: string | undefined;
  /** What the caller called, if not `arn:aws:lambda:…:function:<name>`. */
  readonly invokedArn?: string | undefined;
};

/** Why a call was not begun; nothing ran. */
export type Refusal =
  | { readonly reason: 'missing' }
  /** The function has as many instances at work as it may, or the host has; `retryAfterS` is a whole number of seconds. */
  | { readonly reason: 'throttled'; readonly limit: 'function' | 'host'; readonly retryAfterS: number }
  | { readonly reason: 'too-large'; readonly limitBytes: number }
  | { readonly reason: 'not-json'; readonly detail: string }
  | { readonly reason: 'closing' };

/** What a call cost, as Lambda's REPORT line says it. */
export type InvocationReport = {
  readonly durationMs: number;
  /** The start of the instance, if this call waited for one. */
  readonly initMs?: number | undefined;
  readonly memoryMb: number;
  readonly maxMemoryMb: number;
};

/** How a call ended. */
export type InvocationOutcome =
  /** `payload` is the function's answer, as JSON text. */
  | {
      readonly kind: 'answered';
      readonly payload: string;
      readonly logTail: string;
      readonly report: InvocationReport;
    }
  /** `payload` is `{errorType, errorMessage, trace?}` as Lambda tells it, as JSON text. */
  | {
      readonly kind: 'failed';
      /** `Unhandled` in every case that Lambda has today. */
      readonly functionError: 'Handled' | 'Unhandled';
      readonly payload: string;
      readonly logTail: string;
      readonly report: InvocationReport;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** One line that a function wrote, or that the host wrote about it. */
export type LogLine = {
  readonly at: string;
  readonly instance: string;
  readonly text: string;
};

/** Which lines of a log: at most `limit`, the newest, since a moment. */
export type LogQuery = { readonly sinceMs?: number | undefined; readonly limit?: number | undefined };

/** Why a deployment was not made. */
export type DeploymentProblem = 'exists' | 'missing' | 'unknown-code' | 'invalid';
export type Deployment = { readonly ok: true } | { readonly ok: false; readonly problem: DeploymentProblem };

/** Runs functions. */
export type FunctionRunner = {
  /** Runs a function once and waits for its end. Never rejects: what went wrong is the outcome. */
  readonly invoke: (request: InvocationRequest) => Promise<InvocationOutcome>;
  /** All functions, by name. */
  readonly list: () => readonly FunctionDescription[];
  readonly describe: (name: string) => FunctionDescription | undefined;
  /** The last lines of a function, oldest first; those of a function that was removed are gone. */
  readonly logs: (name: string, query?: LogQuery) => readonly LogLine[];
  /** Tells each further line of a function; returns what ends the telling. */
  readonly followLogs: (name: string, tell: (line: LogLine) => void) => () => void;
};

/** A runner whose functions can be changed while it runs. */
export type FunctionHost = FunctionRunner & {
  /** The codes that can be deployed. */
  readonly codes: () => readonly string[];
  readonly deploy: (spec: FunctionSpec) => Promise<Deployment>;
  /** Replaces what is deployed under the name; calls that run end on the old instances. */
  readonly update: (spec: FunctionSpec) => Promise<Deployment>;
  /** Calls that run are let end; later ones find nothing. */
  readonly remove: (name: string) => Promise<Deployment>;
  /** Keeps so many instances warm; 0 ends the warm ones, and calls are refused until it is scaled up. */
  readonly scale: (name: string, instances: number) => Promise<Deployment>;
  /** Takes no more calls, lets those that run end for at most `patienceMs`, then kills every instance and what it started. */
  readonly close: (patienceMs?: number) => Promise<void>;
};

/** Lambda's limit on what is sent to a function and what it answers: 6 MiB, and a hundred bytes more for the answer. */
export const requestLimitBytes: number = 6 * 2 ** 20;
export const responseLimitBytes: number = requestLimitBytes + 100;
/** Lambda's limit on an event that nobody waits for. */
export const eventLimitBytes: number = 2 ** 20;
/** What calls that wait may hold together, beside their number, be it that somebody waits for them or not: they lie in memory. */
export const backlogLimitBytes: number = 64 * 2 ** 20;
/** How much of an invocation's log its caller may get. */
export const logTailBytes = 4096;
