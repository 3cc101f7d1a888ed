import type * as z from 'zod';
import { ProblemDetails } from '#schema/problem';

/** What went wrong with a request: the API's own words, or that it could not be asked. */
export class ApiError extends Error {
  readonly code: string;
  /** 0 if nothing answered. */
  readonly status: number;
  readonly help: string;
  readonly requestId: string | undefined;

  constructor(
    problem: Pick<ProblemDetails, 'code' | 'status' | 'title' | 'detail' | 'help'> & { requestId?: string },
    cause?: unknown,
  ) {
    super(`${problem.title}: ${problem.detail}`, cause === undefined ? undefined : { cause });
    this.name = 'ApiError';
    this.code = problem.code;
    this.status = problem.status;
    this.help = problem.help;
    this.requestId = problem.requestId;
  }
}

export type Query = Readonly<Record<string, string | number | undefined>>;

/** Who asks: what changes something needs the administrator's token. */
type Caller = { readonly token?: string | undefined; readonly user?: string | undefined };

type PostOptions = {
  /** Without one, each call is a request of its own. */
  readonly key?: string;
  /** ETag of what was looked at. */
  readonly ifMatch?: string;
  readonly signal?: AbortSignal;
};

/** Papilio's HTTP API; every answer is parsed by the schema that the API itself answers by. */
export type Client = {
  readonly baseUrl: string;
  /** @throws ApiError */
  readonly get: <S extends z.ZodType>(
    path: string,
    schema: S,
    query?: Query,
    signal?: AbortSignal,
  ) => Promise<z.output<S>>;
  /** Asks for something to be done; a repeat with the same key is done once. @throws ApiError */
  readonly post: <S extends z.ZodType>(
    path: string,
    schema: S,
    body: object,
    options?: PostOptions,
  ) => Promise<z.output<S>>;
  /** @throws ApiError */
  readonly text: (
    path: string,
    query?: Query,
    signal?: AbortSignal,
  ) => Promise<{ readonly text: string; readonly headers: Headers }>;
};

const unreachable = (baseUrl: string, cause: unknown): ApiError =>
  new ApiError(
    {
      code: 'unreachable',
      status: 0,
      title: 'papilio does not answer',
      detail: `nothing listens at ${baseUrl}`,
      help: 'start it with `npm start`, or name its address with --url or its folder with --data',
    },
    cause,
  );

const foreign = (baseUrl: string, status: number): ApiError =>
  new ApiError({
    code: 'answer-invalid',
    status,
    title: 'The answer is not papilio’s',
    detail: `${baseUrl} answered ${status} with something else`,
    help: 'check --url; another program may listen there, or a papilio of another version',
  });

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const urlOf = (baseUrl: string, path: string, query: Query): URL => {
  const url = new URL(path, baseUrl);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
  return url;
};

/** A segment of a path out of what people type. */
export const segment = (typed: string): string => encodeURIComponent(typed);

type Answer = { readonly text: string; readonly headers: Headers; readonly status: number };

/** Speaks to the API at an address such as `http://127.0.0.1:8714`. */
export const createClient = (baseUrl: string, { token, user }: Caller = {}): Client => {
  const ask = async (url: URL, init: RequestInit = {}): Promise<Answer> => {
    try {
      const response = await fetch(url, { redirect: 'error', ...init });
      return { text: await response.text(), headers: response.headers, status: response.status };
    } catch (error) {
      // Who gave up by himself gets his own reason back.
      init.signal?.throwIfAborted();
      throw unreachable(baseUrl, error);
    }
  };
  const need = (answer: Answer, good: readonly number[]): Answer => {
    if (good.includes(answer.status)) return answer;
    const problem = ProblemDetails.safeParse(jsonOf(answer.text));
    throw problem.success ? new ApiError(problem.data) : foreign(baseUrl, answer.status);
  };
  const read = <S extends z.ZodType>({ text, status }: Answer, schema: S): z.output<S> => {
    const parsed = schema.safeParse(jsonOf(text));
    if (!parsed.success) throw foreign(baseUrl, status);
    return parsed.data;
  };
  const text: Client['text'] = async (path, query = {}, signal) =>
    need(await ask(urlOf(baseUrl, path, query), signal ? { signal } : {}), [200]);
  return {
    baseUrl,
    text,
    get: async (path, schema, query, signal) => {
      const answer = await ask(urlOf(baseUrl, path, query ?? {}), signal ? { signal } : {});
      return read(need(answer, [200]), schema);
    },
    post: async (path, schema, body, { key = crypto.randomUUID(), ifMatch, signal } = {}) => {
      const headers = {
        'content-type': 'application/json',
        'idempotency-key': key,
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(user === undefined ? {} : { 'papilio-user': user }),
        ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
      };
      const init = { method: 'POST', headers, body: JSON.stringify(body), ...(signal ? { signal } : {}) };
      return read(need(await ask(urlOf(baseUrl, path, {}), init), [200, 202]), schema);
    },
  };
};
