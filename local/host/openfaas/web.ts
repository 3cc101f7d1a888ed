import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';

/** A request as the gateway's routes see it. */
export type Question = {
  readonly method: string;
  /** As it came: nothing in it is decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Aborts when who asked has gone, or the gateway closes. */
  readonly signal: AbortSignal;
};

/** Sends further text of an answer whose end is not known; says how many bytes wait for a slow reader. */
export type Write = (text: string) => number;

/** What is answered: a text, or a stream that lasts until its promise is settled. */
export type Reply = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly stream?: (write: Write, signal: AbortSignal) => Promise<void>;
};

/** A sentence for a person, as Go's servers say it. */
export const say = (status: number, text: string, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  headers: { 'content-type': 'text/plain; charset=utf-8', ...headers },
  body: `${text}\n`,
});

/** A value as JSON. */
export const tellJson = (status: number, value: unknown): Reply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

/** Reads a body as text; undefined for one that is longer than the limit, which is not read to its end. */
export const readBody = (request: IncomingMessage, limitBytes: number): Promise<string | undefined> => {
  const pieces: Buffer[] = [];
  let sizeBytes = 0;
  return new Promise((resolve, reject) => {
    request.on('data', (piece: Buffer) => {
      sizeBytes += piece.length;
      if (sizeBytes <= limitBytes) pieces.push(piece);
      else {
        request.pause();
        resolve(undefined);
      }
    });
    request.on('end', () => resolve(Buffer.concat(pieces).toString('utf8')));
    request.on('error', reject);
    request.on('close', () => {
      if (!request.complete) reject(new Error('the connection was closed before the request was whole'));
    });
  });
};

/** Sends an answer; `isLast` closes the connection behind it. */
export const sendReply = async (
  response: ServerResponse,
  reply: Reply,
  { signal, isLast }: { readonly signal: AbortSignal; readonly isLast: boolean },
): Promise<void> => {
  if (response.destroyed) return;
  const { status, headers = {}, body = '', stream } = reply;
  const connection = isLast ? { connection: 'close' } : {};
  if (stream === undefined) {
    response.writeHead(status, { ...headers, ...connection, 'content-length': Buffer.byteLength(body) });
    response.end(body);
    return;
  }
  response.writeHead(status, { ...headers, ...connection });
  response.flushHeaders();
  const write: Write = (text) => {
    response.write(text);
    return response.writableLength;
  };
  await stream(write, signal);
  response.end();
};
