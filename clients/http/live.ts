import { setTimeout as rest } from 'node:timers/promises';
import { createParser } from 'eventsource-parser';
import { CloudEvent, LiveReset } from '#schema/event';
import { ApiError } from './api-error.ts';
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
  | { readonly kind: 'lost'; readonly reason: string }
  /** It is there again, from where it was lost. */
  | { readonly kind: 'back' };

type LiveOptions = {
  /** After which position; with what comes next without one. */
  readonly after?: string | undefined;
  readonly signal: AbortSignal;
  /** A stream that says nothing for so long, not even that it is there, is lost. */
  readonly silenceMs?: number;
};

/** How long to wait before coming back, where the stream did not say. */
const defaultRetryMs = 2_000;
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

/** Whether coming back later may help. */
const isPassing = (error: ApiError): boolean => error.status === 0 || error.status === 429 || error.status >= 500;

/** One connection, from the place where the stream is; it ends when the other side ends it. */
async function* connection(
  client: Client,
  query: LiveQuery,
  place: Place,
  { signal, silenceMs = 45_000 }: LiveOptions,
) {
  const silent = new AbortController();
  const hear = (): NodeJS.Timeout =>
    setTimeout(() => silent.abort(new Error(`nothing came for ${silenceMs / 1000} s`)), silenceMs);
  let timer = hear();
  try {
    const response = await client.open(
      listEvents,
      { query },
      {
        accept: 'text/event-stream',
        signal: AbortSignal.any([signal, silent.signal]),
        ...(place.position === undefined ? {} : { headers: { 'last-event-id': place.position } }),
      },
    );
    const read = createReader(place);
    for await (const piece of response.body ?? []) {
      clearTimeout(timer);
      timer = hear();
      yield read(piece);
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Why a connection was lost. @throws what coming back would not mend */
const reasonOf = (thrown: unknown, isFirst: boolean, signal: AbortSignal): string => {
  signal.throwIfAborted();
  if (isFirst || (thrown instanceof ApiError && !isPassing(thrown))) throw thrown;
  return thrown instanceof Error ? thrown.message : String(thrown);
};

/**
 * Events as they come, over as many connections as it takes: each comes back after the last event that was heard.
 * @throws ApiError if papilio does not answer at first, or refuses
 */
export async function* liveEvents(client: Client, query: LiveQuery, options: LiveOptions): AsyncGenerator<LiveNews> {
  const { signal } = options;
  const place: Place = { position: options.after, retryMs: defaultRetryMs };
  let state: 'new' | 'there' | 'lost' = 'new';
  while (!signal.aborted) {
    let reason = 'it was ended';
    try {
      for await (const news of connection(client, query, place, options)) {
        if (state === 'lost') yield { kind: 'back' };
        state = 'there';
        yield* news;
      }
    } catch (thrown) {
      reason = reasonOf(thrown, state === 'new', signal);
    }
    if (state !== 'lost') yield { kind: 'lost', reason };
    state = 'lost';
    await rest(place.retryMs, undefined, { signal }).catch(() => undefined);
  }
}
