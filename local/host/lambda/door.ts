import { randomUUID, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Clock } from '#ports/clock';
import { isForeign } from '../foreign.ts';
import { gentleEnd } from '../gentle-end.ts';
import type { Whereabouts } from '../instance/launch.ts';
import { listening } from '../listening.ts';
import { readBody } from '../read-body.ts';
import { type FunctionRunner, type InvocationRequest, requestLimitBytes } from '../runner.ts';
import { type Answer, errorAnswer, invalidValue, jsonAnswer, notFound, sendAnswer } from './answer.ts';
import { configurationOf, functionOf } from './configuration.ts';
import { createEventQueue, type EventQueue } from './event-queue.ts';
import { readFunctionName } from './function-name.ts';
import { limitOf, perform, readAsked, tooLarge } from './invocation.ts';

/** What the door is made of. */
export type DoorOptions = {
  readonly runner: FunctionRunner;
  readonly whereabouts: Whereabouts;
  readonly clock: Clock;
  /** A loopback port; 0 for any free one. */
  readonly port: number;
  readonly eventCapacity?: number;
  /** What a caller has to say in the header `Papilio-Door`; without it anybody of this machine may call. */
  readonly secret?: string;
  /** Told of each event that is given up. */
  readonly onDropped?: (request: InvocationRequest, why: string) => void;
};

/** Lambda's Invoke API, as it is open. */
export type Door = {
  /** `http://127.0.0.1:PORT`; AWS's paths begin behind it. */
  readonly url: string;
  readonly events: EventQueue;
  /** Takes no more calls; those that run are answered if their runner answers them. */
  readonly close: () => Promise<void>;
};

const base = '/2015-03-31/functions';
const ofFunction = new RegExp(`^${base}/([^/]+)(?:/(invocations|configuration))?/?$`);
const pageSize = 50;
const largestPage = 10_000;

/** Opens Lambda's Invoke API on loopback. It checks no signature: who reaches this machine's loopback, and knows its secret if it has one, may call. */
export const openLambdaDoor = async (options: DoorOptions): Promise<Door> => {
  const { runner, clock, eventCapacity: capacity, onDropped } = options;
  const events = createEventQueue({
    runner,
    clock,
    ...(capacity !== undefined && { capacity }),
    ...(onDropped !== undefined && { onDropped }),
  });
  const server = createServer((request, response) => {
    response.on('error', () => undefined);
    serve({ ...options, events }, request, response);
  });
  server.keepAliveTimeout = 60_000;
  const end = gentleEnd(server);
  const port = await listening(server, options.port);
  return {
    url: `http://127.0.0.1:${port}`,
    events,
    close: async () => {
      events.close();
      await end();
    },
  };
};

type Inside = DoorOptions & { readonly events: EventQueue };

const unknownOperation = errorAnswer(404, 'UnknownOperationException', 'This host has no such operation.');
const foreign = errorAnswer(403, 'AccessDeniedException', 'Only programs of this machine may call.');

const stranger = errorAnswer(403, 'AccessDeniedException', 'Only the stack of this host may call.');

const isLetIn = ({ secret }: Inside, { headers }: IncomingMessage): boolean => {
  if (secret === undefined) return true;
  const [given, right] = [Buffer.from(String(headers['papilio-door'] ?? '')), Buffer.from(secret)];
  return given.length === right.length && timingSafeEqual(given, right);
};

const serve = (inside: Inside, request: IncomingMessage, response: ServerResponse): void => {
  const url = URL.parse(request.url ?? '/', 'http://host');
  const [, nameText, what] = ofFunction.exec(url?.pathname ?? '') ?? [];
  if (isForeign(request)) sendAnswer(response, randomUUID(), foreign);
  else if (!isLetIn(inside, request)) sendAnswer(response, randomUUID(), stranger);
  else if (url === null) sendAnswer(response, randomUUID(), unknownOperation);
  else if (request.method === 'POST' && nameText !== undefined && what === 'invocations')
    invoke(inside, request, response, { nameText, url });
  else if (request.method === 'GET' && what !== 'invocations')
    sendAnswer(response, randomUUID(), describe(inside, url, nameText, what === 'configuration'));
  else sendAnswer(response, randomUUID(), unknownOperation);
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

type Target = { readonly nameText: string; readonly url: URL };

const invoke = (
  inside: Inside,
  request: IncomingMessage,
  response: ServerResponse,
  { nameText, url }: Target,
): void => {
  const read = readAsked(request.headers);
  const qualifier = url.searchParams.get('Qualifier') ?? undefined;
  const named = readFunctionName(decoded(nameText), qualifier, inside.whereabouts);
  const requestId = read.ok ? read.asked.requestId : randomUUID();
  const send = (answer: Answer) => sendAnswer(response, requestId, answer);
  readBody(request, requestLimitBytes, ({ text, sizeBytes }) => {
    if (!named.ok) send(named.answer);
    else if (!read.ok) send(read.answer);
    else if (text === undefined || sizeBytes > limitOf(read.asked.type)) send(tooLarge(sizeBytes, read.asked.type));
    else {
      const { name, arn } = named;
      const { clientContext, traceId } = read.asked;
      const payload = text === '' ? '{}' : text;
      const call = { name, payload, requestId, invokedArn: arn, clientContext, traceId };
      perform(inside, read.asked, call, arn).then(send, (error: unknown) =>
        send(errorAnswer(500, 'ServiceException', error instanceof Error ? error.message : String(error))),
      );
    }
  });
};

const describe = (inside: Inside, url: URL, nameText: string | undefined, isConfiguration: boolean): Answer => {
  const { runner, whereabouts } = inside;
  if (nameText === undefined) return url.pathname.replace(/\/$/, '') === base ? list(inside, url) : unknownOperation;
  const named = readFunctionName(decoded(nameText), url.searchParams.get('Qualifier') ?? undefined, whereabouts);
  if (!named.ok) return named.answer;
  const found = runner.describe(named.name);
  if (found === undefined) return notFound(named.arn);
  return jsonAnswer(isConfiguration ? configurationOf(found, whereabouts) : functionOf(found, whereabouts));
};

/** A page of functions; the marker of the next is the name of the last. */
const list = ({ runner, whereabouts }: Inside, { searchParams }: URL): Answer => {
  const sizeText = searchParams.get('MaxItems') ?? String(pageSize);
  const size = /^\d{1,5}$/.test(sizeText) ? Number(sizeText) : 0;
  if (size < 1 || size > largestPage) return invalidValue('maxItems', sizeText, `value between 1 and ${largestPage}`);
  const marker = searchParams.get('Marker') ?? '';
  const left = runner.list().filter(({ spec }) => spec.name > marker);
  const page = left.slice(0, size);
  const last = page.at(-1);
  return jsonAnswer({
    Functions: page.map((description) => configurationOf(description, whereabouts)),
    ...(left.length > size && last !== undefined && { NextMarker: last.spec.name }),
  });
};
