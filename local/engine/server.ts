import { rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type HostNames, portDoor } from './door.ts';
import type { Page, Pages } from './pages.ts';
import { AwsError } from './part.ts';
import { answerRequest, type Call, errorAnswer, readTarget, type WireAnswer } from './protocol.ts';
import type { Verifier } from './signing/verifier.ts';

/** Answers a request that is not of the AWS protocol, and says so; false leaves it to the engine. */
export type ExtraRoute = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A server that is listening. */
export type EngineServer = {
  /** `http://127.0.0.1:PORT`, or the path of the socket. */
  readonly address: string;
  /** Takes no more requests, ends long polls, and returns when all are answered or two seconds later. */
  readonly close: () => Promise<void>;
};

/** Where to listen: loopback only, or a socket whose folder guards it. */
export type Listen = { readonly port: number } | { readonly socketPath: string };

/** Who is answered at a port. */
export type PortGuard = HostNames & {
  /** Without it requests need no signature. */
  readonly verify?: Verifier | undefined;
};

const defaultBodyLimitBytes = 4 * 2 ** 20;
/** Who is still connected so long after the end began is cut off: Node waits for those that have never sent a request. */
const patienceMs = 2_000;

/** Opens the AWS JSON protocol of an engine on a loopback port or a unix socket. */
export async function serveEngine(options: {
  readonly call: Call;
  readonly listen: Listen;
  readonly guard?: PortGuard;
  readonly extraRoute?: ExtraRoute;
  readonly pages?: Pages;
  readonly bodyLimitBytes?: number;
}): Promise<EngineServer> {
  const { listen, guard = {}, extraRoute, pages = {}, call, bodyLimitBytes = defaultBodyLimitBytes } = options;
  const door = 'port' in listen ? portDoor(guard) : () => undefined;
  const underWay = new Set<AbortController>();
  let isClosing = false;

  const serveOne = async (request: IncomingMessage, response: ServerResponse) => {
    const gone = new AbortController();
    underWay.add(gone);
    response.on('close', () => {
      if (!response.writableFinished) gone.abort();
    });
    try {
      const body = await readBody(request, bodyLimitBytes);
      if (guard.verify) await verified(request, body, guard.verify);
      const answer = await answerRequest(call, request.headers['x-amz-target'], body, gone.signal);
      send(response, 'port' in listen ? underHost(answer, request.headers.host) : answer, isClosing);
    } catch (error) {
      send(response, refused(request, error), true);
    } finally {
      underWay.delete(gone);
    }
  };

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    try {
      door(request);
      const page = pageOf(pages, request);
      if (!page && extraRoute?.(request, response)) return;
      if (!page) return await serveOne(request, response);
      if (guard.verify) await verified(request, '', guard.verify);
      await sendPage(response, page);
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      send(response, refused(request, error), true);
    }
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error) => response.destroy(error));
  });
  server.keepAliveTimeout = 60_000;
  await listenOn(server, listen);
  return {
    address: addressOf(server, listen),
    close: async () => {
      isClosing = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const gone of underWay) gone.abort();
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), patienceMs);
      await closed;
      clearTimeout(cut);
    },
  };
}

async function verified(request: IncomingMessage, body: string, verify: Verifier): Promise<void> {
  const { method = '', url = '', headers } = request;
  await verify({ method, url, headers, body }, readTarget(headers['x-amz-target'])?.service);
}

const refused = ({ headers }: IncomingMessage, error: unknown): WireAnswer =>
  errorAnswer(readTarget(headers['x-amz-target'])?.service ?? 'sqs', error);

async function listenOn(server: Server, listen: Listen): Promise<void> {
  // The engine holds its folder's lock, so a socket that lies there was left by a dead process.
  if ('socketPath' in listen) await rm(listen.socketPath, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    const ready = () => {
      server.off('error', reject);
      resolve();
    };
    if ('port' in listen) server.listen(listen.port, '127.0.0.1', ready);
    else server.listen(listen.socketPath, ready);
  });
}

function addressOf(server: Server, listen: Listen): string {
  if ('socketPath' in listen) return listen.socketPath;
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address ? address.port : listen.port}`;
}

/** By events: an iterator over a request costs more than reading it. */
function readBody(request: IncomingMessage, limitBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  return new Promise((resolve, reject) => {
    request.on('data', (chunk: Buffer) => {
      sizeBytes += chunk.length;
      if (sizeBytes <= limitBytes) chunks.push(chunk);
      else reject(new AwsError('RequestEntityTooLargeException', `A request may have ${limitBytes} bytes.`, 413));
    });
    request.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    request.on('error', reject);
    request.on('close', () => {
      if (!request.complete) reject(new Error('the connection was closed before the request was whole'));
    });
  });
}

function send(response: ServerResponse, answer: WireAnswer, isLast: boolean): void {
  if (response.destroyed) return;
  response.writeHead(answer.status, {
    ...answer.headers,
    'content-length': Buffer.byteLength(answer.body),
    ...(isLast && { connection: 'close' }),
  });
  response.end(answer.body);
}

function pageOf(pages: Pages, { method, url = '' }: IncomingMessage): (() => Promise<Page>) | undefined {
  const [path = '', query = ''] = url.split('?');
  const page = method === 'GET' && Object.hasOwn(pages, path) ? pages[path] : undefined;
  return page && (() => page(new URLSearchParams(query)));
}

async function sendPage(response: ServerResponse, page: () => Promise<Page>): Promise<void> {
  const { contentType, body } = await page();
  response.writeHead(200, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

const queueUrl = /"http:\/\/[^"/]+(\/\d{12}\/[A-Za-z0-9_.-]+)"/g;

/** Queue URLs name the host under which the caller found us, so that they lead back here. */
function underHost(answer: WireAnswer, host: string | undefined): WireAnswer {
  if (host === undefined || answer.status !== 200 || !/^\{"(QueueUrls?|queueUrls)":/.test(answer.body)) return answer;
  return { ...answer, body: answer.body.replace(queueUrl, (_, path) => JSON.stringify(`http://${host}${path}`)) };
}
