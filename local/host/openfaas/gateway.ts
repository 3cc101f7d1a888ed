import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Log } from '#lib/log';
import type { Clock } from '#ports/clock';
import type { Reach } from '../../engine/http/reach.ts';
import type { Resolve } from '../../engine/http/send-request.ts';
import { isForeign } from '../foreign.ts';
import { gentleEnd } from '../gentle-end.ts';
import { listening } from '../listening.ts';
import { eventLimitBytes, type FunctionHost, requestLimitBytes } from '../runner.ts';
import { createAsyncCalls } from './async-calls.ts';
import { type Credentials, createGatekeeper } from './authorization.ts';
import { createCallbacks } from './callbacks.ts';
import type { Usual } from './deployment-spec.ts';
import { createRoutes, type Found } from './routes.ts';
import { type Question, type Reply, readBody, say, sendReply } from './web.ts';

/** What a gateway is made of. */
export type GatewayOptions = {
  readonly host: FunctionHost;
  readonly clock: Clock;
  readonly log: Log;
  /** On loopback; 0 takes a free one. */
  readonly port: number;
  readonly credentials: Credentials;
  /** Whom callbacks may reach. */
  readonly reach: Reach;
  readonly resolve?: Resolve;
  readonly namespace?: string;
  /** The release whose functions run here: the tag of their images. */
  readonly release: string;
  /** Without it there are no secrets. */
  readonly secretsFolder?: string;
  /** Whether functions are called without credentials, as with OpenFaaS itself. */
  readonly isOpen?: boolean;
  /** How a code is deployed unless the deployment says otherwise. */
  readonly usual: (code: string) => Usual;
};

/** A gateway that is listening. */
export type Gateway = {
  readonly url: string;
  /** Takes no more; returns when all calls have been answered. The host stays open. */
  readonly close: () => Promise<void>;
};

const unauthorized = (): Reply => say(401, 'invalid credentials', { 'www-authenticate': 'Basic realm="Restricted"' });

/** Opens the interface of OpenFaaS's gateway for the functions of a host, on loopback. */
export const openGateway = async (options: GatewayOptions): Promise<Gateway> => {
  const { host, clock, log, reach, resolve, isOpen = false } = options;
  const isKnown = createGatekeeper(options.credentials);
  const callbacks = createCallbacks({ clock, reach, ...(resolve && { resolve }) });
  const calls = createAsyncCalls({ runner: host, callbacks, clock, log });
  const find = await createRoutes({ ...options, calls, callbacks });
  const underWay = new Set<AbortController>();
  let isClosing = false;

  const answer = async (request: IncomingMessage, signal: AbortSignal): Promise<Reply> => {
    if (isForeign(request)) return say(403, 'this gateway answers programs of its own machine');
    const found = find(request.method ?? '', request.url ?? '');
    const mayPass = found.isForAll || (found.isCall && isOpen) || isKnown(request.headers.authorization);
    if (!mayPass) return unauthorized();
    const body = await readBody(request, found.isAsync ? eventLimitBytes : requestLimitBytes);
    if (body === undefined) return say(413, 'the body is too large');
    return found.answer(questionOf(request, found, body, signal));
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const gone = new AbortController();
    underWay.add(gone);
    response.on('close', () => gone.abort());
    try {
      const reply = await answer(request, gone.signal).catch((thrown): Reply => {
        log.error({ path: request.url, cause: String(thrown) }, 'gateway failed');
        return say(500, 'the gateway failed; its log says why');
      });
      // What was not read to its end would be taken for the next request.
      await sendReply(response, reply, { signal: gone.signal, isLast: isClosing || !request.complete });
    } finally {
      underWay.delete(gone);
    }
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error) => response.destroy(error));
  });
  server.keepAliveTimeout = 60_000;
  const end = gentleEnd(server);
  const port = await listening(server, options.port);
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      isClosing = true;
      const ended = end();
      for (const gone of underWay) gone.abort();
      await calls.close();
      await ended;
    },
  };
};

const questionOf = (request: IncomingMessage, { path, query }: Found, body: string, signal: AbortSignal): Question => ({
  method: request.method ?? '',
  path,
  query,
  headers: request.headers,
  body,
  signal,
});
