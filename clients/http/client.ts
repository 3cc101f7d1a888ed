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

/** Speaks to the API at an address such as `http://127.0.0.1:8714`. */
export const createClient = (baseUrl: string): Client => {
  const ask = async (
    path: string,
    query: Query,
    signal: AbortSignal | undefined,
  ): Promise<{ text: string; headers: Headers; status: number }> => {
    try {
      const response = await fetch(urlOf(baseUrl, path, query), { redirect: 'error', ...(signal ? { signal } : {}) });
      return { text: await response.text(), headers: response.headers, status: response.status };
    } catch (error) {
      // Who gave up by himself gets his own reason back.
      signal?.throwIfAborted();
      throw unreachable(baseUrl, error);
    }
  };
  const text = async (path: string, query: Query = {}, signal?: AbortSignal) => {
    const answer = await ask(path, query, signal);
    if (answer.status === 200) return answer;
    const problem = ProblemDetails.safeParse(jsonOf(answer.text));
    throw problem.success ? new ApiError(problem.data) : foreign(baseUrl, answer.status);
  };
  return {
    baseUrl,
    text,
    get: async (path, schema, query, signal) => {
      const answer = await text(path, query, signal);
      const parsed = schema.safeParse(jsonOf(answer.text));
      if (!parsed.success) throw foreign(baseUrl, 200);
      return parsed.data;
    },
  };
};
