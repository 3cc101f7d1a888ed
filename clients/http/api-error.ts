import type { ProblemDetails } from '#schema/problem';

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

/** Nothing answers at an address. */
export const unreachable = (baseUrl: string, cause: unknown): ApiError =>
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

/** Something else than papilio answers, or a papilio of another version. */
export const foreign = (baseUrl: string, status: number): ApiError =>
  new ApiError({
    code: 'answer-invalid',
    status,
    title: 'The answer is not papilio’s',
    detail: `${baseUrl} answered ${status} with something else`,
    help: 'check --url; another program may listen there, or a papilio of another version',
  });
