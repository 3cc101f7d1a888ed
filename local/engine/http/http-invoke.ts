import type { Clock } from '#ports/clock';
import type { CallService, HttpTrace, ServiceAnswer } from '../../stepfunctions/host.ts';
import { type Json, jsonSize, parseJson } from '../../stepfunctions/json.ts';
import { MAX_DATA_BYTES } from '../../stepfunctions/limits.ts';
import { type Authorizer, createAuthorizer } from './authorization.ts';
import { type Connection, type Connections, misuseOf } from './connections.ts';
import { tracing } from './exchange-trace.ts';
import { HttpFailure, runtime } from './http-failure.ts';
import { type HttpTask, readTask } from './http-task.ts';
import { mergeRequest } from './merge-request.ts';
import type { Reach } from './reach.ts';
import { secretsOf, withoutSecrets } from './secrets.ts';
import { type HttpAnswer, Refused, type Resolve, sendRequest, TooLarge, type Wire } from './send-request.ts';

/** What HTTP tasks may reach, and by whose authority. */
export type HttpInvokeOptions = {
  readonly reach: Reach;
  readonly connections: Connections;
  readonly clock: Clock;
  readonly region?: string;
  readonly resolve?: Resolve;
};

/** AWS's limit on the time of an HTTP task. */
const TIMEOUT_MS = 60_000;

const unsupported = /^(application\/octet-stream|(image|video|audio)\/)/i;
const json = /^application\/(json|[^;]+\+json)\s*(;|$)/i;

const headerOf = ({ headers }: HttpAnswer, wanted: string): string =>
  Object.entries(headers)
    .find(([name]) => name.toLowerCase() === wanted)?.[1]
    .join(', ') ?? '';

const textOf = (body: Buffer): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw runtime('The response of the HTTP task cannot be read as text.');
  }
};

const tooLarge = () =>
  new HttpFailure(
    'States.DataLimitExceeded',
    "The state/task 'http' returned a result with a size exceeding the maximum number of bytes service limit.",
  );

const resultOf = (answer: HttpAnswer, secrets: readonly string[]): Json => {
  const type = headerOf(answer, 'content-type');
  if (unsupported.test(type)) throw runtime(`The response of the HTTP task has the unsupported content type ${type}.`);
  const text = withoutSecrets(textOf(answer.body), secrets);
  const { status, statusText } = answer;
  if (status < 200 || status > 299) throw new HttpFailure(`States.Http.StatusCode.${status}`, text || statusText);
  const Headers = Object.fromEntries(
    Object.entries(answer.headers).map(([name, values]) => [
      name,
      values.map((value) => withoutSecrets(value, secrets)),
    ]),
  );
  const ResponseBody = (json.test(type) ? parseJson(text) : undefined) ?? text;
  const result = { Headers, ResponseBody, StatusCode: status, StatusText: statusText };
  if (jsonSize(result, MAX_DATA_BYTES) > MAX_DATA_BYTES) throw tooLarge();
  return result;
};

/** What went wrong before there was an answer. A refused address is no fault of the network: trying again is no use. */
const failureOf = (error: unknown): HttpFailure => {
  if (error instanceof HttpFailure) return error;
  if (error instanceof TooLarge) return tooLarge();
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof Refused) return new HttpFailure('States.Permissions', reason);
  if (error instanceof TypeError) return runtime(`The HTTP task cannot be sent: ${reason}`);
  return new HttpFailure('States.Http.Socket', reason);
};

/** What AWS sets and no task can change. */
const headersOf = (region: string, traceparent: string | undefined): Record<string, string> => ({
  ...(traceparent !== undefined && { traceparent }),
  'User-Agent': `Amazon|StepFunctions|HttpInvoke|${region}`,
  Range: 'bytes=0-262144',
});

type Sender = {
  readonly wire: Wire;
  readonly authorizer: Authorizer;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly trace: HttpTrace | undefined;
};

const exchange = async (task: HttpTask, connection: Connection, sender: Sender): Promise<Json> => {
  const { wire, authorizer, headers, signal, trace } = sender;
  const send = async (): Promise<{ answer: HttpAnswer; secrets: readonly string[] }> => {
    const authorization = await authorizer.authorize(connection);
    const secrets = secretsOf(connection, authorization);
    const request = mergeRequest(task, { connection, authorization, headers });
    const traced = tracing(trace, request, secrets);
    const answer = await sendRequest(request, wire, signal);
    traced(answer);
    return { answer, secrets };
  };
  const first = await send();
  // A token may have been withdrawn before its time.
  const isTokenRefused = [401, 407].includes(first.answer.status) && authorizer.forget(connection);
  const { answer, secrets } = isTokenRefused ? await send() : first;
  return resultOf(answer, secrets);
};

/** Makes what does `http:invoke`: calls one HTTPS API for a Task state. */
export const httpInvoke = (options: HttpInvokeOptions): CallService => {
  const { reach, connections, clock, region = 'us-east-1', resolve } = options;
  const wire: Wire = {
    ...{ reach, clock, timeoutMs: TIMEOUT_MS, limitBytes: MAX_DATA_BYTES, isTlsOnly: true },
    ...(resolve && { resolve }),
  };
  const authorizer = createAuthorizer(wire);
  return async ({ input, signal, traceparent, trace }): Promise<ServiceAnswer> => {
    try {
      const task = readTask(input);
      const connection = connections(task.connectionArn);
      if (!connection) {
        const cause = `Connection ${task.connectionArn} does not exist. Name it in the file of --connections.`;
        throw new HttpFailure('Events.ConnectionResource.ResourceNotFound', cause);
      }
      const misuse = misuseOf(connection, task.connectionArn, task.url);
      if (misuse !== undefined) throw new HttpFailure('States.Permissions', misuse);
      const sender = { wire, authorizer, headers: headersOf(region, traceparent), signal, trace };
      return { ok: true, output: await exchange(task, connection, sender) };
    } catch (error) {
      if (signal.aborted) throw error;
      const { error: name, message } = failureOf(error);
      return { ok: false, error: name, cause: message };
    }
  };
};
