/** How a call is made. */
export type CallOptions = {
  /** Names the call in logs and callbacks, and is the function's request id where the back end can tell it; a UUID unless given. */
  readonly callId?: string;
  /** `false`: it is not made again once it may have begun. Functions may be run twice, except irreversible ones. */
  readonly isRepeatable?: boolean;
};

export type SendOptions = CallOptions & {
  /** Where the back end posts what came of it, as OpenFaaS does. */
  readonly callbackUrl?: string;
};

/**
 * Functions by their name in the catalogue, wherever they run. Errors: `record-missing` (no such function), `input-invalid`
 * (a name, input or address that is none), `message-too-large`, `config-invalid` (the credentials are refused),
 * `plane-unavailable` (throttled, broken, cut or slow, after all tries). What a function itself threw is that error of the
 * catalogue; what is not of the catalogue is a `bug` whose reason begins with its type, such as `Sandbox.Timedout`.
 */
export type Functions = {
  /** Calls and waits for the result, a JSON value. */
  readonly call: (name: string, input: unknown, options?: CallOptions) => Promise<unknown>;
  /** Hands a call over; resolves with its id when the back end has taken it. */
  readonly send: (name: string, input: unknown, options?: SendOptions) => Promise<string>;
  /** Names of the functions there are, sorted. */
  readonly list: () => Promise<readonly string[]>;
};
