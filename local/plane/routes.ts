import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import type { EventLog } from '#ports/event-log';
import type { ExtraRoute } from '../engine/server.ts';

const LogQuery = z.object({
  after: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(1000).default(1000),
  waitMs: z.coerce.number().int().min(0).max(60_000).default(0),
});

const answer = (response: ServerResponse, status: number, body: object): void => {
  if (response.destroyed) return;
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
};

/** The log from a position on, at the latest after `waitMs`; who waits is answered by the next commit. */
const answerLog = async (log: EventLog, url: URL, response: ServerResponse, closing: AbortSignal): Promise<void> => {
  const query = LogQuery.safeParse(Object.fromEntries(url.searchParams));
  if (!query.success) return answer(response, 422, { code: 'input-invalid', reason: z.prettifyError(query.error) });
  const { after, limit, waitMs } = query.data;
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  const head = await log.wait(after, waitMs, AbortSignal.any([gone.signal, closing]));
  if (gone.signal.aborted) return;
  answer(response, 200, { events: await log.read(after, limit), head });
};

type RouteOptions = {
  readonly log: EventLog;
  readonly status: () => object | Promise<object>;
  readonly closing: AbortSignal;
};
type Answer = (url: URL, response: ServerResponse) => Promise<void>;

/** What a plane's socket answers besides the AWS protocol: `GET /log` and `GET /status`. */
export const planeRoutes = ({ log, status, closing }: RouteOptions): ExtraRoute => {
  const routes: Readonly<Record<string, Answer>> = {
    '/log': (url, response) => answerLog(log, url, response, closing),
    '/status': async (_, response) => answer(response, 200, await status()),
  };
  return (request: IncomingMessage, response: ServerResponse) => {
    if (request.method !== 'GET') return false;
    const url = URL.parse(request.url ?? '/', 'http://plane') ?? new URL('http://plane/');
    const route = Object.hasOwn(routes, url.pathname) ? routes[url.pathname] : undefined;
    const answered =
      route?.(url, response) ?? Promise.resolve(answer(response, 404, { code: 'not-found', reason: url.pathname }));
    answered.catch((error: unknown) => answer(response, 503, { code: 'store-unavailable', reason: String(error) }));
    return true;
  };
};
