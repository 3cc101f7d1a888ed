import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Clock } from '#ports/clock';

/** So long the file is not read again for a token that was right: a request a millisecond is no read a millisecond. */
const trustedMs = 1_000;

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whether a token is the one that a file holds: a new one from the moment it is written, the one before a second longer. */
export const tokenIn = (path: string, clock: Pick<Clock, 'nowMs'>) => {
  let held: { readonly digest: Buffer; readonly readAtMs: number } | undefined;
  return async (token: string): Promise<boolean> => {
    const given = digest(token);
    const nowMs = clock.nowMs();
    if (held && nowMs - held.readAtMs < trustedMs && timingSafeEqual(given, held.digest)) return true;
    const text = (await readFile(path, 'utf8').catch(() => '')).trim();
    held = text === '' ? undefined : { digest: digest(text), readAtMs: nowMs };
    return held !== undefined && timingSafeEqual(given, held.digest);
  };
};
