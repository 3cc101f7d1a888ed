import { Agent, request as httpRequest } from 'node:http';
import { AwsError } from './part.ts';
import { answerRequest, type Call, errorAnswer, type WireAnswer } from './protocol.ts';

/** Where an account's engine is: in this process, or behind a socket or loopback port. */
export type Route = { readonly call: Call } | { readonly socketPath: string } | { readonly port: number };

/** A peer that cannot be reached now; the SDK tries again by itself. */
export class PeerAway extends Error {
  readonly $retryable = {};
  constructor(where: string, cause: unknown) {
    super(`the engine at ${where} does not answer`, { cause });
    this.name = 'PeerAway';
  }
}

type SdkRequest = {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
};
type SdkSignal = { readonly aborted: boolean };
type SdkOptions = { readonly abortSignal?: SdkSignal | undefined; readonly requestTimeout?: number | undefined };
type SdkResponse = { statusCode: number; headers: Record<string, string>; body: Uint8Array };

/** A request handler for `@aws-sdk/client-sqs` and `@aws-sdk/client-sfn`. */
export type EngineRequestHandler = {
  readonly handle: (request: SdkRequest, options?: SdkOptions) => Promise<{ response: SdkResponse }>;
  readonly destroy: () => void;
  readonly updateHttpClientConfig: () => void;
  readonly httpHandlerConfigs: () => Record<string, never>;
};

/**
 * Client options that go with the handler: calls within papilio are neither signed nor resolved, which is most of what
 * an SDK call costs.
 */
export const noSigning = {
  region: 'us-east-1',
  endpoint: 'http://127.0.0.1',
  credentials: { accessKeyId: 'papilio', secretAccessKey: 'papilio' },
  signer: { sign: async <R>(request: R): Promise<R> => request },
};

/** Makes a handler that sends each call to the engine of the account which its queue URL or ARN names. */
export function createRequestHandler(options: {
  readonly routes: Readonly<Record<string, Route>>;
  /** For calls that name no account, such as ListQueues or SendTaskSuccess. */
  readonly defaultAccount: string;
}): EngineRequestHandler {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const { routes, defaultAccount } = options;
  return {
    handle: async (request, { abortSignal, requestTimeout } = {}) => {
      const body = textOf(request.body);
      const account = accountIn(body) ?? defaultAccount;
      const route = Object.hasOwn(routes, account) ? routes[account] : routes[defaultAccount];
      const signal = abortSignal instanceof AbortSignal ? abortSignal : undefined;
      const answer = await answerFrom(route, request.headers, body, { agent, signal, timeoutMs: requestTimeout });
      // What the caller does not read any more has to look to the SDK as it does on a real connection.
      if (signal?.aborted) throw aborted();
      const response = { statusCode: answer.status, headers: { ...answer.headers }, body: Buffer.from(answer.body) };
      return { response };
    },
    destroy: () => agent.destroy(),
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
  };
}

type Wire = { readonly agent: Agent; readonly signal: AbortSignal | undefined; readonly timeoutMs: number | undefined };

async function answerFrom(
  route: Route | undefined,
  headers: Readonly<Record<string, string>>,
  body: string,
  wire: Wire,
): Promise<WireAnswer> {
  const target = headers['x-amz-target'] ?? headers['X-Amz-Target'];
  if (route === undefined) {
    return errorAnswer('sqs', new AwsError('InvalidAddress', 'No engine is known for the default account.', 404));
  }
  if ('call' in route) return answerRequest(route.call, target, body, wire.signal);
  return post(route, String(target), body, wire);
}

/** Longer than the longest poll, which is a minute. */
const defaultTimeoutMs = 70_000;

function post(
  route: { readonly socketPath: string } | { readonly port: number },
  target: string,
  body: string,
  { agent, signal, timeoutMs = defaultTimeoutMs }: Wire,
): Promise<WireAnswer> {
  const where = 'port' in route ? `127.0.0.1:${route.port}` : route.socketPath;
  const address = 'port' in route ? { host: '127.0.0.1', port: route.port } : { socketPath: route.socketPath };
  const headers = {
    'x-amz-target': target,
    'content-type': 'application/x-amz-json-1.0',
    'content-length': Buffer.byteLength(body),
  };
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(signal?.aborted ? aborted() : new PeerAway(where, error));
    const request = httpRequest({ ...address, method: 'POST', path: '/', agent, headers, signal }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () => {
        const kept = Object.entries(response.headers).flatMap(([name, value]) =>
          typeof value === 'string' ? [[name, value]] : [],
        );
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({ status: response.statusCode ?? 500, headers: Object.fromEntries(kept), body: text });
      });
    });
    request.setTimeout(timeoutMs, () => request.destroy(new Error(`no answer for ${timeoutMs} ms`)));
    request.on('error', fail);
    request.end(body);
  });
}

function aborted(): Error {
  const error = new Error('Request aborted');
  error.name = 'AbortError';
  return error;
}

function textOf(body: unknown): string {
  if (typeof body === 'string') return body;
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.length).toString('utf8');
  return '';
}

const addressed =
  /"(?:QueueUrl|QueueOwnerAWSAccountId|SourceArn|stateMachineArn|executionArn|resourceArn|mapRunArn|activityArn|stateMachineAliasArn|stateMachineVersionArn)"\s*:\s*"([^"\\]*)"/g;

/**
 * The account in a request. Looked for in the text, before anything is parsed: these keys stand at the top level, and
 * text that a caller put into a value has its quotes escaped.
 */
function accountIn(body: string): string | undefined {
  for (const [, value = ''] of body.matchAll(addressed)) {
    const account = value.split(/[:/]/).findLast((part) => /^\d{12}$/.test(part));
    if (account !== undefined) return account;
  }
  return undefined;
}
