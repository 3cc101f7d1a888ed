import { setTimeout as rest } from 'node:timers/promises';
import { createParser } from 'eventsource-parser';
import { CloudEvent, LiveReset } from '#schema/event';
import { ApiError, unreachable } from './api-error.ts';
import type { Client } from './client.ts';
import { listEvents } from './generated/operations.ts';

/** Which events are wanted; several types have commas between them. */
export type LiveQuery = {
  readonly type?: string | undefined;
  readonly run?: number | undefined;
  readonly facility?: string | undefined;
  readonly owner?: string | undefined;
  readonly subject?: string | undefined;
};

/** What a live stream tells, and what becomes of it. */
export type LiveNews =
  | { readonly kind: 'event'; readonly event: CloudEvent }
  /** The logs are not those of before; what comes now comes after their present end. */
  | { readonly kind: 'reset'; readonly reset: LiveReset }
  /** Papilio does not answer at the beginning: it is asked again for a while. */
  | { readonly kind: 'away'; readonly reason: string }
  /** Now it does answer, for the first time. */
  | { readonly kind: 'there' }
  | { readonly kind: 'lost'; readonly reason: string }
  /** It is there again, from where it was lost. */
  | { readonly kind: 'back' };

type LiveOptions = {
  /** After which position; with what comes next without one. */
  readonly after?: string | undefined;
  readonly signal: AbortSignal;
  /** A stream that says nothing for so long, not even that it is there, is lost. */
  readonly silenceMs?: number;
  /** For how long a papilio that does not answer at the beginning is asked again: it may just be starting. */
  readonly patienceMs?: number;
};

/** How long to wait before coming back, where the stream did not say. */
const defaultRetryMs = 2_000;
/** How long to wait before a papilio that has not answered yet is asked again. */
const awayRetryMs = 500;
/** More than an event with all of its data. */
const blockMaxBytes = 262_144;

/** Where a stream is: it outlives the connections. */
type Place = { position: string | undefined; retryMs: number };

/** What one piece of a stream holds. */
const createReader = (place: Place) => {
  let news: LiveNews[] = [];
  const decoder = new TextDecoder();
  const parser = createParser({
    maxBufferSize: blockMaxBytes,
    onRetry: (ms) => {
      place.retryMs = ms;
    },
    // The stream says where it is also when it has nothing to tell.
    onComment: (comment) => {
      if (/^a\d+-w\d+$/.test(comment.trim())) place.position = comment.trim();
    },
    onEvent: ({ id, event, data }) => {
      const json: unknown = JSON.parse(data);
      if (event === 'reset') news.push({ kind: 'reset', reset: LiveReset.parse(json) });
      else if (event === undefined) news.push({ kind: 'event', event: CloudEvent.parse(json) });
      place.position = id ?? place.position;
    },
    onError: (error) => {
      throw error;
    },
  });
  return (piece: Uint8Array): readonly LiveNews[] => {
    news = [];
    parser.feed(decoder.decode(piece, { stream: true }));
    return news;
  };
};

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

/** A connection that was there and has ended. */
class Broken extends Error {}

/** Whether coming back later may help. */
const isPassing = (error: ApiError): boolean => error.status === 0 || error.status === 429 || error.status >= 500;
/** Whether this is what one hears while papilio is being started: from nobody, or from what stands before it. */
const isAway = ({ status }: ApiError): boolean => [0, 502, 503, 504].includes(status);

/** The pieces of a stream as they come. @throws Broken when the other side is gone */
async function* piecesOf({ body }: Response, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    yield* body ?? [];
  } catch (error) {
    signal.throwIfAborted();
    throw new Broken(messageOf(error), { cause: error });
  }
}

/** One connection, from the place where the stream is. @throws Broken when it ends */
async function* connection(
  client: Client,
  query: LiveQuery,
  place: Place,
  { signal, silenceMs = 45_000 }: LiveOptions,
) {
  const silent = new AbortController();
  const hear = (): NodeJS.Timeout =>
    setTimeout(() => silent.abort(new Broken(`nothing came for ${silenceMs / 1000} s`)), silenceMs);
  let timer = hear();
  const either = AbortSignal.any([signal, silent.signal]);
  try {
    const response = await client.open(
      listEvents,
      { query },
      {
        accept: 'text/event-stream',
        signal: either,
        ...(place.position === undefined ? {} : { headers: { 'last-event-id': place.position } }),
      },
    );
    const read = createReader(place);
    for await (const piece of piecesOf(response, either)) {
      clearTimeout(timer);
      timer = hear();
      yield read(piece);
    }
    throw new Broken('it was ended');
  } finally {
    clearTimeout(timer);
  }
}

/** Why papilio has not answered yet. @throws ApiError if asking again would not mend it, or has not for long enough */
const reasonAway = (thrown: unknown, client: Client, isPatient: boolean): string => {
  const isWaitedFor = thrown instanceof Broken || (thrown instanceof ApiError && isAway(thrown));
  if (!isWaitedFor) throw thrown;
  if (!isPatient) throw thrown instanceof ApiError ? thrown : unreachable(client.baseUrl, thrown);
  return messageOf(thrown);
};

/** Why a connection was lost. @throws what coming back would not mend */
const reasonLost = (thrown: unknown): string => {
  if (thrown instanceof ApiError && !isPassing(thrown)) throw thrown;
  return messageOf(thrown);
};

/** Whether a stream has begun, and whether it has a connection. */
type State = 'new' | 'away' | 'there' | 'lost';

/** What is told when the first piece of a connection comes. */
const arrivals: Readonly<Record<State, readonly LiveNews[]>> = {
  new: [],
  away: [{ kind: 'there' }],
  there: [],
  lost: [{ kind: 'back' }],
};

type Departure = { readonly state: 'away' | 'lost'; readonly news: readonly LiveNews[] };

/** What the end of a connection makes of a stream, and what is told of it: the same thing once. */
const departure = (state: State, thrown: unknown, client: Client, isPatient: boolean): Departure => {
  if (state === 'there' || state === 'lost') {
    const reason = reasonLost(thrown);
    return { state: 'lost', news: state === 'there' ? [{ kind: 'lost', reason }] : [] };
  }
  const reason = reasonAway(thrown, client, isPatient);
  return { state: 'away', news: state === 'new' ? [{ kind: 'away', reason }] : [] };
};

/**
 * Events as they come, over as many connections as it takes: each comes back after the last event that was heard.
 * @throws ApiError if papilio does not answer at first, for as long as it is waited for, or refuses
 */
export async function* liveEvents(client: Client, query: LiveQuery, options: LiveOptions): AsyncGenerator<LiveNews> {
  const { signal, patienceMs = 30_000 } = options;
  const place: Place = { position: options.after, retryMs: defaultRetryMs };
  const patientUntilMs = performance.now() + patienceMs;
  let state: State = 'new';
  while (!signal.aborted) {
    try {
      for await (const news of connection(client, query, place, options)) {
        yield* arrivals[state];
        state = 'there';
        yield* news;
      }
    } catch (thrown) {
      signal.throwIfAborted();
      const left = departure(state, thrown, client, performance.now() < patientUntilMs);
      state = left.state;
      yield* left.news;
    }
    const restMs = state === 'away' ? awayRetryMs : place.retryMs;
    await rest(restMs, undefined, { signal }).catch(() => undefined);
  }
}
