import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { inLambda } from '../../functions/api/lambda/lambda.ts';
import type { App } from '../../functions/api/surroundings.ts';

/** A question over HTTP, on whatever way. */
export type Question = {
  readonly url: string;
  readonly method?: 'GET' | 'HEAD' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
};

/** What came back. */
export type Answered = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** A way to the application. */
export type Way = AsyncDisposable & { readonly ask: (question: Question) => Promise<Answered> };

const plain = (headers: Readonly<Record<string, unknown>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );

const payloadOf = ({ headers = {}, body }: Question) => ({
  headers: { host: '127.0.0.1', ...(body && { 'content-type': 'application/json' }), ...headers },
  payload: body && JSON.stringify(body),
});

const byInject = async (app: App): Promise<Way> => ({
  ask: async (question) => {
    const { headers, payload } = payloadOf(question);
    const { url, method = payload === undefined ? 'GET' : 'POST' } = question;
    const answer = await app.inject({ method, url, headers, ...(payload && { payload }) });
    return { status: answer.statusCode, headers: plain(answer.headers), body: answer.body };
  },
  [Symbol.asyncDispose]: async () => undefined,
});

const bySocket = async (app: App): Promise<Way> => {
  const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
  const agent = new Agent({ keepAlive: true });
  return {
    ask: async (question) => {
      const { headers, payload } = payloadOf(question);
      const { url, method = payload === undefined ? 'GET' : 'POST' } = question;
      return new Promise((resolve, reject) => {
        const asking = request({ port, host: '127.0.0.1', agent, path: url, method, headers }, (incoming) => {
          text(incoming).then(
            (body) => resolve({ status: incoming.statusCode ?? 0, headers: plain(incoming.headers), body }),
            reject,
          );
        });
        asking.on('error', reject).end(payload);
      });
    },
    [Symbol.asyncDispose]: async () => agent.destroy(),
  };
};

/** A question as a function URL hands it over: payload format 2.0, as AWS's documentation shows it. */
export const eventOf = (question: Question): object => {
  const { headers, payload } = payloadOf(question);
  const { method = payload === undefined ? 'GET' : 'POST' } = question;
  const [rawPath = '/', rawQueryString = ''] = question.url.split('?', 2);
  const query = new URLSearchParams(rawQueryString);
  const joined = [...new Set(query.keys())].map((name) => [name, query.getAll(name).join(',')]);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    headers: {
      'x-amzn-trace-id': 'Root=1-5e6722a7-cc56xmpl46db7ae02d4da47e',
      'x-forwarded-for': '205.255.255.176',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
      ...headers,
    },
    ...(rawQueryString && { queryStringParameters: Object.fromEntries(joined) }),
    requestContext: {
      accountId: '123456789012',
      apiId: 'a1b2c3',
      authentication: null,
      authorizer: null,
      domainName: 'a1b2c3.lambda-url.us-east-1.on.aws',
      domainPrefix: 'a1b2c3',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '205.255.255.176', userAgent: 'curl/8.5.0' },
      requestId: 'e1506fd5-9e7b-434f-bd42-4f8fa224b599',
      routeKey: '$default',
      stage: '$default',
      time: '26/Nov/2026:04:00:00 +0000',
      timeEpoch: 1795665600000,
    },
    ...(payload !== undefined && { body: Buffer.from(payload).toString('base64') }),
    isBase64Encoded: payload !== undefined,
  };
};

const byLambda = async (app: App): Promise<Way> => {
  const handle = inLambda(app);
  return {
    ask: async (question) => {
      const { statusCode, headers, body, isBase64Encoded } = await handle(eventOf(question));
      return { status: statusCode, headers, body: isBase64Encoded ? Buffer.from(body, 'base64').toString() : body };
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
};

/** The three ways that there are: inside the process, over a socket, and as AWS calls a function. */
export const ways = { 'inside the process': byInject, 'over a socket': bySocket, 'as a function of AWS': byLambda };
