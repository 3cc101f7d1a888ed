import { once } from 'node:events';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

/** Where programs of this machine ask the front: in the data folder, so that only who owns the folder can answer there. */
export const ownSocket = 'front.sock';

/** What a client asks of `fetch`, by which it reaches an address; another one reaches the same papilio by another way. */
export type Fetch = (
  url: URL,
  init: {
    readonly method?: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly redirect?: 'error';
    readonly signal?: AbortSignal;
  },
) => Promise<Response>;

/** Systems take 104 to 108 bytes with the zero at the end, and silently less of a longer name. */
const nameMaxBytes = 103;

/** Uses a socket under a name that the system takes: where its own is too long, by a link in a new folder of this user. */
const underShortName = async <T>(path: string, use: (short: string) => Promise<T>): Promise<T> => {
  if (Buffer.byteLength(path) <= nameMaxBytes) return use(path);
  // A folder that is new and this user's alone: nobody else can have put the link there, or change it.
  const folder = await mkdtemp(join(tmpdir(), 'papilio-'));
  try {
    await symlink(resolve(dirname(path)), join(folder, 'd'));
    return await use(join(folder, 'd', basename(path)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** Only where there is none may a body not be given. */
const withoutBody: ReadonlySet<number> = new Set([204, 205, 304]);

const answerOf = async (response: IncomingMessage, url: URL): Promise<Response> => {
  const { Readable } = await import('node:stream');
  const { statusCode: status = 0, rawHeaders } = response;
  const headers = new Headers();
  for (let at = 0; at < rawHeaders.length; at += 2) headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
  const hasBody = !withoutBody.has(status);
  if (!hasBody) response.resume();
  const answer = new Response(hasBody ? Readable.toWeb(response) : null, { status, headers });
  // One that is made here has no address of its own.
  return Object.defineProperty(answer, 'url', { value: url.href });
};

/**
 * A `fetch` whose requests go over a socket in a folder, whatever address they name: who may write to the folder is who
 * can answer there, whereas a port is anybody's who comes first.
 */
export const fetchOver =
  (socketPath: string): Fetch =>
  async (url, { method = 'GET', headers, body, signal }) => {
    // Loaded only here: Node's own client takes longer to load than a command line does.
    const { request } = await import('node:http');
    return underShortName(socketPath, async (short) => {
      const call = request({
        ...{ agent: false, socketPath: short, method, path: `${url.pathname}${url.search}` },
        headers: { ...headers, host: url.host },
        ...(signal && { signal }),
      });
      call.end(body);
      const [response] = await once(call, 'response');
      // What breaks later is told by the body.
      call.on('error', () => undefined);
      return answerOf(response, url);
    });
  };
