import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { failureText } from '#lib/callback';
import type { Clock } from '#ports/clock';
import { gentleEnd } from '../gentle-end.ts';
import { answerTooLarge, failurePayload, timedOut } from '../instance/failure-words.ts';
import { listening } from '../listening.ts';
import { requestLimitBytes, responseLimitBytes } from '../runner.ts';
import { failureReply } from './answers.ts';
import { badCallId, callIdOf } from './call-id.ts';
import { type Reply, readBody, say, sendReply } from './web.ts';

/** A function as Lambda calls it. */
export type Handler = (event: unknown, context: object) => Promise<unknown>;

/** What a function's container is made of. */
export type ContainerOptions = {
  readonly name: string;
  readonly handler: Handler;
  readonly clock: Clock;
  /** In a container every address is the container's own; anywhere else this is loopback. */
  readonly address: string;
  readonly port: number;
  /** How long a call may take. */
  readonly timeoutS: number;
  readonly memoryMb: number;
  /** Calls at once; another is told to come again. */
  readonly mostInFlight: number;
};

/** A function that is served. */
export type Container = {
  readonly port: number;
  /**
   * Says that it is not well, goes on answering for `leaveS`, so that the platform sends no more, then lets what runs end,
   * for at most `patienceS`. Gives the number of calls that did not.
   */
  readonly drain: (leaveS: number, patienceS: number) => Promise<number>;
};

const failed = (payload: string): Reply => failureReply(payload);

/** Waits for a time, or for something that comes before. */
const wait = (clock: Clock, seconds: number, before: Promise<unknown> = new Promise(() => undefined)): Promise<void> =>
  new Promise((resolve) => {
    const cancel = clock.at(clock.nowMs() + seconds * 1000, resolve);
    before
      .then(() => resolve())
      .catch(() => resolve())
      .finally(cancel);
  });

type Call = { readonly callId: string; readonly text: string };

/** Runs a function once. One that is late is left behind: it is in this process, and only its platform can end it. */
const run = ({ name, handler, clock, timeoutS, memoryMb }: ContainerOptions, { callId, text }: Call): Promise<Reply> =>
  new Promise((resolve) => {
    const endsAtMs = clock.nowMs() + timeoutS * 1000;
    const cancel = clock.at(endsAtMs, () => resolve(failed(failurePayload(timedOut(callId, timeoutS)))));
    const context = {
      functionName: name,
      functionVersion: '$LATEST',
      memoryLimitInMB: String(memoryMb),
      awsRequestId: callId,
      getRemainingTimeInMillis: () => Math.max(0, endsAtMs - clock.nowMs()),
    };
    const answer = async (): Promise<Reply> => {
      const body = JSON.stringify(await handler(JSON.parse(text), context)) ?? 'null';
      if (Buffer.byteLength(body) > responseLimitBytes)
        return failed(failurePayload(answerTooLarge(responseLimitBytes)));
      return { status: 200, headers: { 'content-type': 'application/json' }, body };
    };
    answer()
      .then(resolve, (thrown) => resolve(failed(failureText(thrown))))
      .finally(cancel);
  });

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** Serves a function by HTTP as OpenFaaS's watchdog does in its mode `http`: calls at any path, `/_/health`, `/_/ready`. */
export const openContainer = async (options: ContainerOptions): Promise<Container> => {
  const { clock, mostInFlight } = options;
  const running = new Set<Promise<unknown>>();
  let isLeaving = false;
  let isClosing = false;

  const health = (isFull: boolean): Reply => {
    if (isLeaving) return say(503, 'leaving');
    return isFull ? say(429, 'as many calls as it may') : say(200, 'OK');
  };

  const callOnce = async (request: IncomingMessage): Promise<Reply> => {
    const callId = callIdOf(request);
    if (callId === undefined) return badCallId();
    const body = await readBody(request, requestLimitBytes);
    if (body === undefined) return say(413, `a call has at most ${requestLimitBytes} bytes`);
    const text = body || '{}';
    if (!isJson(text)) return say(400, 'a call is JSON');
    const reply = await run(options, { callId, text });
    return { ...reply, headers: { ...reply.headers, 'x-call-id': callId } };
  };

  /** A call counts from its head on: many that come together are not all let in while their bodies are read. */
  const call = (request: IncomingMessage): Reply | Promise<Reply> => {
    if (running.size >= mostInFlight) return say(429, 'as many calls as it may', { 'retry-after': '1' });
    const one = callOnce(request).finally(() => running.delete(one));
    running.add(one);
    return one;
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { url = '', method } = request;
    const isHealth = method === 'GET' && (url === '/_/health' || url === '/_/ready');
    const isFull = url === '/_/ready' && running.size >= mostInFlight;
    const reply = isHealth ? health(isFull) : await call(request);
    // What was not read to its end would be taken for the next request.
    const isLast = isClosing || !(isHealth || request.complete);
    await sendReply(response, reply, { signal: new AbortController().signal, isLast });
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error) => response.destroy(error));
  });
  server.keepAliveTimeout = 60_000;
  const end = gentleEnd(server);
  const port = await listening(server, options.port, options.address);
  return {
    port,
    drain: async (leaveS, patienceS) => {
      isLeaving = true;
      if (leaveS > 0) await wait(clock, leaveS);
      isClosing = true;
      const ended = end();
      await wait(clock, patienceS, Promise.allSettled(running));
      const left = running.size;
      if (left > 0) server.closeAllConnections();
      await ended;
      return left;
    },
  };
};
