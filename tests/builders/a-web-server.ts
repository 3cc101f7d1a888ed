import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { onLoopback } from './on-loopback.ts';

/** A request as a server saw it. */
export type SeenRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
};

/** A server on loopback, closed with the test. */
export type WebServer = { readonly url: string; readonly port: number; readonly seen: SeenRequest[] };

/** What a server says: a status and a body, or whatever it writes itself. */
export type Reply = (request: SeenRequest, response: ServerResponse) => void;

/** Answers with a value as JSON. */
export const sayJson =
  (value: unknown, status = 200): Reply =>
  (_request, response) => {
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(value));
  };

/** Starts a server that notes each request before it answers. */
export async function aWebServer(reply: Reply = sayJson({ ok: true })): Promise<WebServer> {
  const seen: SeenRequest[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { method = '', url = '', headers } = incoming;
      const request = { method, path: url, headers, body: Buffer.concat(chunks).toString('utf8') };
      seen.push(request);
      reply(request, response);
    });
  });
  const { url, port, close } = await onLoopback(server);
  onTestFinished(close);
  return { url, port, seen };
}
