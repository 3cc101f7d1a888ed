import { PapilioError } from '#lib/errors';
import type { Clock } from '#ports/clock';

/** How often and how patiently a call is made. */
export type Patience = {
  readonly clock: Clock;
  /** From 0 to 1, for pauses by chance. */
  readonly random?: () => number;
  readonly tries?: number;
  readonly firstPauseMs?: number;
  readonly longestPauseMs?: number;
};

/** Why another try may fare better. */
export type Again = {
  readonly again: string;
  /** The function may have begun, or even ended, and nobody heard of it. */
  readonly mayHaveBegun: boolean;
  /** When to come again, if that was said. */
  readonly afterMs?: number | undefined;
  readonly cause?: unknown;
};

/** What a try came to. */
export type Tried<T> = { readonly value: T } | Again;

type Calling = { readonly what: string; readonly isRepeatable: boolean };

const pause = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => {
    clock.at(clock.nowMs() + ms, resolve);
  });

/**
 * Makes a call until it has a value: at most five times, with pauses by chance up to 0.1, 0.2, 0.4 … 5 s between. Who was
 * told when to come again comes then, at most 5 s later. @throws plane-unavailable
 */
export const insist = async <T>(patience: Patience, calling: Calling, attempt: () => Promise<Tried<T>>): Promise<T> => {
  const { clock, random = Math.random, tries = 5, firstPauseMs = 100, longestPauseMs = 5_000 } = patience;
  for (let made = 1; ; made++) {
    const tried = await attempt();
    if ('value' in tried) return tried.value;
    if (made === tries || (tried.mayHaveBegun && !calling.isRepeatable)) {
      const times = made === 1 ? '' : `, after ${made} tries`;
      throw new PapilioError('plane-unavailable', `${calling.what}: ${tried.again}${times}`, tried.cause);
    }
    const byChance = random() * Math.min(longestPauseMs, firstPauseMs * 2 ** (made - 1));
    await pause(clock, Math.min(longestPauseMs, (tried.afterMs ?? 0) + byChance));
  }
};

/** Milliseconds that a Retry-After header asks for; undefined for a date or nonsense. */
export const retryAfterMs = (header: string | null | undefined): number | undefined =>
  /^\d{1,6}$/.test(header ?? '') ? Number(header) * 1000 : undefined;

/** What does not come in time is given up: papilio cannot know what became of it, and whoever is slow is not helped by another. */
export const within = async <T>(
  clock: Clock,
  timeoutMs: number,
  what: string,
  call: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const late = new AbortController();
  const cancel = clock.at(clock.nowMs() + timeoutMs, () => late.abort());
  try {
    return await call(late.signal);
  } catch (thrown) {
    if (!late.signal.aborted) throw thrown;
    throw new PapilioError('plane-unavailable', `${what}: no whole answer within ${timeoutMs / 1000} s`, thrown);
  } finally {
    cancel();
  }
};

/** The code of what a socket met, such as `ECONNREFUSED`, through all its wrappings. */
const socketCode = (thrown: unknown): string => {
  if (!(thrown instanceof Error)) return '';
  if ('code' in thrown && typeof thrown.code === 'string') return thrown.code;
  return thrown.cause === undefined ? '' : socketCode(thrown.cause);
};

const neverConnected = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

/** A connection that failed, as a try: who never came through has not begun anything. */
export const brokenLine = (thrown: unknown): Again => {
  const code = socketCode(thrown);
  const again = code || (thrown instanceof Error ? thrown.message : String(thrown));
  return { again, mayHaveBegun: !neverConnected.has(code), cause: thrown };
};
