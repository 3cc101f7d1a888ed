import { createHmac, timingSafeEqual } from 'node:crypto';

/** What is sealed; a seal of one kind holds for no other. */
type Sealed = 'message' | 'record';

/** Shows that somebody who has the key has said something. */
export type Seal = {
  readonly of: (what: Sealed, ...said: readonly string[]) => string;
  readonly holds: (seal: string, what: Sealed, ...said: readonly string[]) => boolean;
};

/** Seals with HMAC-SHA256 over what is said as a JSON array, so that no two sayings have the same bytes. */
export const createSeal = (key: Uint8Array): Seal => {
  const of: Seal['of'] = (...said) => createHmac('sha256', key).update(JSON.stringify(said)).digest('base64url');
  return {
    of,
    holds: (seal, ...said) => {
      const [given, right] = [Buffer.from(seal), Buffer.from(of(...said))];
      return given.length === right.length && timingSafeEqual(given, right);
    },
  };
};
