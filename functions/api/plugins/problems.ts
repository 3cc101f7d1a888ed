import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors, ResponseSerializationError } from 'fastify-type-provider-zod';
import { errorCatalogue, isPassing } from '#lib/error-rows';
import { asPapilioError, type ErrorCode, PapilioError, statusOfKind } from '#lib/errors';
import type { ProblemDetails } from '#schema/problem';
import type { App, Surroundings } from '../surroundings.ts';
import type { MethodsOf } from './methods.ts';

const retryAfterS = 2;
/** Where HTTP has a word of its own for what happened. */
const statusOfCode: Readonly<Partial<Record<ErrorCode, number>>> = {
  'token-missing': 401,
  'token-refused': 401,
  'front-refused': 401,
  'certificate-refused': 401,
  'method-not-allowed': 405,
  'version-outdated': 412,
  'rate-exceeded': 429,
  'quota-exceeded': 429,
  'request-slow': 408,
  'request-unreadable': 400,
  'range-not-satisfiable': 416,
  'answer-too-large': 501,
};
/** What RFC 6750 has the header WWW-Authenticate say. */
const challenges: Readonly<Record<string, string | undefined>> = {
  'token-missing': 'Bearer realm="papilio"',
  'front-refused': 'Bearer realm="papilio"',
  'certificate-refused': 'Bearer realm="papilio"',
  'token-refused': 'Bearer realm="papilio", error="invalid_token"',
  'role-missing': 'Bearer realm="papilio", error="insufficient_scope"',
} satisfies Partial<Record<ErrorCode, string>>;
const hidden: ReadonlySet<string> = new Set(['bug', 'output-invalid']);

/** An error of the catalogue as problem details. */
export const problemOf = (
  error: PapilioError,
  requestId: string,
  status = statusOfCode[error.code] ?? statusOfKind[error.kind],
): ProblemDetails => ({
  type: `/v1/errors/${error.code}`,
  title: errorCatalogue[error.code].message,
  // A payload's fault is no fault of the request; as an answer to one it can only be a bug.
  status: status < 400 ? 500 : status,
  // What nobody thought of may name paths and internals: it is in the log under the request id, not in the answer.
  detail: hidden.has(error.code) ? 'see the log of the front process under this request id' : error.reason,
  code: error.code,
  requestId,
  help: error.todo,
  retryable: isPassing(error.kind),
});

const isFastifyError = (thrown: unknown): thrown is FastifyError =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' && thrown.code.startsWith('FST_');

/** An issue of the schema without the schema's own words for what is absent. */
const plain = (message: string): string =>
  message
    .replace(/^Invalid input: expected .*, received undefined$/, 'is required')
    .replace(/^Invalid option: expected /, 'is not ');

/** Whatever was thrown, as a catalogue error, with Fastify's own status where it has a better one. */
const classify = (thrown: unknown): { error: PapilioError; status?: number } => {
  if (hasZodFastifySchemaValidationErrors(thrown)) {
    const issues = thrown.validation.map(
      ({ instancePath, message = '' }) => `${instancePath.slice(1) || 'input'}: ${plain(message)}`,
    );
    return { error: new PapilioError('input-invalid', issues.join('; '), thrown) };
  }
  if (thrown instanceof ResponseSerializationError) {
    return {
      error: new PapilioError('output-invalid', `${thrown.method} ${thrown.url}: ${String(thrown.cause)}`, thrown),
    };
  }
  if (isFastifyError(thrown) && thrown.statusCode !== undefined && thrown.statusCode < 500) {
    const reason = thrown.message.replace(/^([^?]*)\?[^']*(?=')/, '$1');
    return { error: new PapilioError('input-invalid', reason, thrown), status: thrown.statusCode };
  }
  return { error: asPapilioError(thrown) };
};

const answer = (reply: FastifyReply, problem: ProblemDetails): FastifyReply => {
  if ((problem.status === 503 || problem.status === 429) && !reply.hasHeader('retry-after'))
    void reply.header('retry-after', String(retryAfterS));
  const challenge = challenges[problem.code];
  if (challenge !== undefined) void reply.header('www-authenticate', challenge);
  // Written here, not by the route's serializer: a problem must reach the caller whatever the route says of its answers.
  return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem));
};

type Failing = (thrown: unknown, request: FastifyRequest, reply: FastifyReply) => FastifyReply;

/** The trace that a request belongs to, as W3C's Trace Context names it. */
const traceIdOf = ({ headers: { traceparent } }: FastifyRequest): string | undefined =>
  typeof traceparent === 'string'
    ? /^[\da-f]{2}-([\da-f]{32})-[\da-f]{16}-[\da-f]{2}$/.exec(traceparent)?.[1]
    : undefined;

/** Answers a failure with problem details; stacks and causes go to the log only. */
export const failing =
  ({ log }: Pick<Surroundings, 'log'>): Failing =>
  (thrown, request, reply) => {
    const { error, status } = classify(thrown);
    const fields = {
      requestId: request.id,
      method: request.method,
      route: request.routeOptions.url,
      callerRequestId: reply.getHeader('x-request-id'),
      traceId: traceIdOf(request),
      code: error.code,
      reason: error.reason,
    };
    if (error.kind === 'Bug')
      log.error({ ...fields, cause: error.cause instanceof Error ? error.cause.stack : undefined }, 'request failed');
    else log.info(fields, 'request refused');
    return answer(reply, problemOf(error, request.id, status));
  };

/** Answers every failure of a route with problem details. */
export const addProblems = (app: App, surroundings: Pick<Surroundings, 'log'>): void => {
  app.setErrorHandler(failing(surroundings));
};

/** Refuses every path that is none, and every method that a path does not take, before a body is looked at. */
export const refuseUnknown = (app: App, methodsOf: MethodsOf): void => {
  const refuse = (request: FastifyRequest, reply: FastifyReply): never => {
    const methods = methodsOf(request.url);
    if (methods.length > 0) void reply.header('allow', methods.join(', '));
    // Without its query: somebody's token may stand there, and what is refused is logged.
    const [path = ''] = request.url.split('?');
    const asked = `${request.method} ${path.slice(0, 200)}`;
    throw new PapilioError(methods.length > 0 ? 'method-not-allowed' : 'not-found', asked);
  };
  app.setNotFoundHandler(refuse);
  app.addHook('onRequest', (request, reply, done) => {
    if (request.is404) refuse(request, reply);
    done();
  });
};
