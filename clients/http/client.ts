import type * as z from 'zod';
import { ProblemDetails } from '#schema/problem';
import { ApiError, foreign, unreachable } from './api-error.ts';
import { type CallOf, type Endpoint, type Operation, type Parts, type Route, urlOf } from './operation.ts';
import type { Fetch } from './socket-fetch.ts';

/** Who asks. A token may have to be fetched or renewed first. */
export type Caller = {
  readonly token?: string | (() => Promise<string | undefined>) | undefined;
  /** Counts only beside the local administrator's token. */
  readonly user?: string | undefined;
  /** Ends every request that has no signal of its own. */
  readonly signal?: AbortSignal | undefined;
  /** By which way the address is reached, if not by itself. */
  readonly fetch?: Fetch | undefined;
};

export type CallOptions = {
  /** What changes something is done once for a key; without one, each call is a request of its own. */
  readonly key?: string;
  /** ETag of what was looked at. */
  readonly ifMatch?: string;
  readonly accept?: string;
  /** Further headers, such as `last-event-id`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
};

/** Papilio's HTTP API: requests have the types of its OpenAPI, answers are parsed by the schema that it answers by. */
export type Client = {
  readonly baseUrl: string;
  /** By which it asks. */
  readonly token: Caller['token'];
  /** Asks, and parses the answer. @throws ApiError */
  readonly call: <R extends object, S extends z.ZodType>(
    operation: Operation<R, S>,
    ...call: CallOf<R, CallOptions>
  ) => Promise<z.output<S>>;
  /** Asks for what is not JSON, or is not to be read at once. @throws ApiError */
  readonly open: <R extends object>(endpoint: Endpoint<R>, ...call: CallOf<R, CallOptions>) => Promise<Response>;
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const headersOf = (method: string, { body }: Parts, options: CallOptions): Record<string, string> => ({
  ...(method === 'GET' ? {} : { 'idempotency-key': options.key ?? crypto.randomUUID() }),
  ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  ...(options.accept === undefined ? {} : { accept: options.accept }),
  ...(options.ifMatch === undefined ? {} : { 'if-match': options.ifMatch }),
  ...options.headers,
});

const callerHeaders = async ({ token, user }: Caller): Promise<Record<string, string>> => {
  const known = typeof token === 'function' ? await token() : token;
  return {
    ...(known === undefined ? {} : { authorization: `Bearer ${known}` }),
    ...(user === undefined ? {} : { 'papilio-user': user }),
  };
};

/** What `call` and `open` send; the version of the program stands before anything else that asks. */
const userAgent = 'papilio-cli';

/** Speaks to the API at an address such as `http://127.0.0.1:8714`. */
export const createClient = (baseUrl: string, caller: Caller = {}): Client => {
  const reach: Fetch = caller.fetch ?? fetch;
  const signalOf = ({ signal = caller.signal }: CallOptions): AbortSignal | undefined => signal;
  const send = async (endpoint: Route, parts: Parts, options: CallOptions): Promise<Response> => {
    const { method } = endpoint;
    const headers = {
      'user-agent': userAgent,
      ...headersOf(method, parts, options),
      ...(await callerHeaders(caller)),
    };
    const body = parts.body === undefined ? {} : { body: JSON.stringify(parts.body) };
    const signal = signalOf(options);
    try {
      return await reach(urlOf(endpoint, parts, baseUrl), {
        ...{ method, headers, redirect: 'error' },
        ...body,
        ...(signal && { signal }),
      });
    } catch (error) {
      // Who gave up by himself gets his own reason back.
      signal?.throwIfAborted();
      throw error instanceof ApiError ? error : unreachable(baseUrl, error);
    }
  };
  const textOf = async (response: Response, options: CallOptions): Promise<string> => {
    try {
      return await response.text();
    } catch (error) {
      signalOf(options)?.throwIfAborted();
      throw unreachable(baseUrl, error);
    }
  };
  const opened = async (endpoint: Route, parts: Parts = {}, options: CallOptions = {}): Promise<Response> => {
    const response = await send(endpoint, parts, options);
    if (response.ok) return response;
    const problem = ProblemDetails.safeParse(jsonOf(await textOf(response, options)));
    throw problem.success ? new ApiError(problem.data) : foreign(baseUrl, response.status);
  };
  return {
    baseUrl,
    token: caller.token,
    open: (endpoint, ...[parts, options]) => opened(endpoint, parts, options),
    call: async ({ answer, ...route }, ...[parts, options = {}]) => {
      const response = await opened(route, parts, options);
      const parsed = answer.safeParse(jsonOf(await textOf(response, options)));
      if (!parsed.success) throw foreign(baseUrl, response.status);
      return parsed.data;
    },
  };
};
