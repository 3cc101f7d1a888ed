import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listening } from '../listening.ts';
import { readBody } from '../read-body.ts';
import { responseLimitBytes } from '../runner.ts';

/** One invocation as the runtime gets it. */
export type RuntimeInvocation = {
  readonly requestId: string;
  readonly payload: string;
  readonly deadlineMs: number;
  readonly functionArn: string;
  readonly traceId: string;
  /** JSON text, not base64. */
  readonly clientContext?: string | undefined;
};

/** What the runtime says; each returns whether that was a thing to say now. */
export type RuntimeEvents = {
  /** It waits for its next invocation. */
  readonly ready: () => boolean;
  readonly answered: (requestId: string, payload: string) => boolean;
  readonly failed: (requestId: string, payload: string) => boolean;
  /** Its answer is larger than Lambda's limit. */
  readonly tooLarge: (requestId: string) => boolean;
  /** It could not load the function. */
  readonly unloadable: (payload: string) => boolean;
};

/** Lambda's Runtime API for the runtime of one instance. */
export type RuntimeApi = {
  /** `127.0.0.1:PORT`, as AWS_LAMBDA_RUNTIME_API has it. */
  readonly address: string;
  /** Gives an invocation to the runtime that waits for one. */
  readonly hand: (invocation: RuntimeInvocation) => void;
  readonly close: () => void;
};

const prefix = '/2018-06-01/runtime/';
const ofInvocation = /^invocation\/([^/]+)\/(response|error)$/;

type Answer = { readonly status: number; readonly body: object };
const accepted: Answer = { status: 202, body: { status: 'OK' } };
const refused = (status: number, errorType: string, errorMessage: string): Answer => ({
  status,
  body: { errorType, errorMessage },
});
const noSuchCall = refused(404, 'NotFound', 'There is no such call.');
const wrongMoment = refused(403, 'InvalidStateTransition', 'Transition from this state is not allowed.');
const wrongId = refused(400, 'InvalidRequestID', 'Invalid request ID');
const tooLarge = refused(
  413,
  'RequestEntityTooLarge',
  `Exceeded maximum allowed payload size (${responseLimitBytes} bytes).`,
);

/** Opens the API on a free loopback port; an instance has one of its own, so a call says whose it is by where it comes. */
export const openRuntimeApi = async (events: RuntimeEvents): Promise<RuntimeApi> => {
  let waiting: ServerResponse | undefined;
  const wait = (response: ServerResponse) => {
    waiting = response;
    response.once('close', () => {
      if (waiting === response) waiting = undefined;
    });
    if (!events.ready()) send(response, wrongMoment);
  };
  const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0 }, (request, response) => {
    if (request.method === 'GET' && request.url === `${prefix}invocation/next`) wait(response);
    else readBody(request, responseLimitBytes, (body) => send(response, answerOf(events, request, body.text)));
  });
  const port = await listening(server, 0);
  return {
    address: `127.0.0.1:${port}`,
    hand: (invocation) => {
      const response = waiting;
      waiting = undefined;
      response?.writeHead(200, headersOf(invocation));
      response?.end(invocation.payload);
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};

const headersOf = ({ requestId, payload, deadlineMs, functionArn, traceId, clientContext }: RuntimeInvocation) => ({
  'content-type': 'application/json',
  'content-length': Buffer.byteLength(payload),
  'Lambda-Runtime-Aws-Request-Id': requestId,
  'Lambda-Runtime-Deadline-Ms': String(Math.floor(deadlineMs)),
  'Lambda-Runtime-Invoked-Function-Arn': functionArn,
  'Lambda-Runtime-Trace-Id': traceId,
  ...(clientContext !== undefined && { 'Lambda-Runtime-Client-Context': clientContext }),
});

/** What a POST says, and whether it may say so. `body` is undefined if it was too large. */
const answerOf = (events: RuntimeEvents, { method, url = '' }: IncomingMessage, body: string | undefined): Answer => {
  const path = method === 'POST' && url.startsWith(prefix) ? url.slice(prefix.length) : '';
  if (path === 'init/error') return events.unloadable(body ?? '{}') ? accepted : wrongMoment;
  const [, id = '%', what] = ofInvocation.exec(path) ?? [];
  const requestId = decoded(id);
  return requestId === undefined ? noSuchCall : endOf(events, requestId, what === 'error', body);
};

const endOf = (events: RuntimeEvents, requestId: string, isError: boolean, body: string | undefined): Answer => {
  if (body === undefined) return events.tooLarge(requestId) ? tooLarge : wrongId;
  const tell = isError ? events.failed : events.answered;
  return tell(requestId, body) ? accepted : wrongId;
};

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

const send = (response: ServerResponse, { status, body }: Answer): void => {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
};
