import { PapilioError } from '#lib/errors';
import type { PlaneReport } from '#schema/status';

type ServiceAway = NonNullable<PlaneReport['servicesAway']>[number];

/** What ends a question that is not answered. */
export type Within = { readonly abortSignal: AbortSignal };

/** Something that a plane needs of its stack, where it is, and a question that it answers if it is there. */
export type StackService<T = unknown> = {
  readonly what: string;
  readonly endpoint: string;
  readonly ask: (within: Within) => Promise<T>;
};

/** What a service answered, or why it did not. */
export type Asked<T> = { readonly answer: T } | { readonly away: ServiceAway };

/** A PapilioError without its code; of what `fetch` throws, what it wraps. */
const reasonOf = (thrown: unknown): string => {
  if (thrown instanceof PapilioError) return thrown.reason;
  if (!(thrown instanceof Error)) return String(thrown);
  return thrown.cause instanceof Error && thrown.cause.message !== '' ? thrown.cause.message : thrown.message;
};

/** Rejects when the time is over, also where the asked goes on. */
const ending = ({ abortSignal }: Within): Promise<never> =>
  new Promise((_, reject) => abortSignal.addEventListener('abort', () => reject(abortSignal.reason), { once: true }));

/** Asks a service; one that stands still is away like one that is gone. Never rejects. */
export const askService = async <T>({ what, endpoint, ask }: StackService<T>, withinMs: number): Promise<Asked<T>> => {
  const within = { abortSignal: AbortSignal.timeout(withinMs) };
  try {
    return { answer: await Promise.race([ask(within), ending(within)]) };
  } catch (thrown) {
    const reason = within.abortSignal.aborted ? `no answer in ${withinMs} ms` : reasonOf(thrown);
    return { away: { what, reason: `${endpoint}: ${reason}` } };
  }
};

/** MinIO, which says without a key whether it serves; a client that has one asks again for longer than anybody waits. */
export const minioService = (endpoint: string): StackService => ({
  what: 'objects',
  endpoint,
  ask: async ({ abortSignal: signal }) => {
    const { ok, status } = await fetch(new URL('/minio/health/live', endpoint), { signal });
    if (!ok) throw new Error(`/minio/health/live answered ${status}`);
  },
});
