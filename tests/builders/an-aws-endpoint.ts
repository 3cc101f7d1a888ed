import { createServer, type IncomingMessage } from 'node:http';
import { onTestFinished } from 'vitest';
import { onLoopback } from './on-loopback.ts';

/** What was asked of an endpoint. */
export type Asked = {
  readonly method: string;
  readonly path: string;
  /** `DynamoDB_20120810.GetItem`, where the service's protocol has one. */
  readonly target: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
};

/** What it answers; without one it never does. */
export type Answer = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
};

const readAll = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
};

/** An endpoint of services on loopback that a test answers for; closed with the test. */
export const aServiceEndpoint = async (
  answer: (asked: Asked) => Answer | undefined,
): Promise<{ readonly url: string; readonly asked: Asked[]; readonly close: () => Promise<void> }> => {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const reply = async (): Promise<void> => {
      const { method = '', url: path = '', headers } = request;
      const one = { method, path, headers, target: String(headers['x-amz-target']), body: await readAll(request) };
      asked.push(one);
      const given = answer(one);
      if (given) response.writeHead(given.status ?? 200, given.headers).end(given.body);
    };
    reply().catch(() => response.destroy());
  });
  const { url, close } = await onLoopback(server);
  onTestFinished(close);
  return { url, asked, close };
};

/** An answer of AWS's JSON protocols. */
export const json = (value: unknown, status = 200): Answer => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': 'request-1' },
  body: JSON.stringify(value),
});

/** An answer of AWS's XML protocols. */
export const xml = (body: string, status = 200): Answer => ({
  status,
  headers: { 'content-type': 'text/xml', 'x-amz-request-id': 'request-1', 'x-amz-id-2': 'host-1' },
  body,
});
