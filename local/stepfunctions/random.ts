import { hash } from 'node:crypto';

/** Repeatable randomness: the same seed gives the same sequence, so a replayed turn draws the same numbers. */
export type Random = {
  /** In [0, 1), 48 bits. */
  readonly fraction: () => number;
  readonly uuid: () => string;
};

const digest = (text: string): Buffer => hash('sha256', text, 'buffer');

/** A UUID of version 4's form, made from a seed. */
export const seededUuid = (seed: string): string => {
  const bytes = digest(seed);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};

/** A fraction in [0, 1) made from a seed. */
export const seededFraction = (seed: string): number => digest(seed).readUIntBE(0, 6) / 2 ** 48;

/** Draws from SHA-256 of seed and draw number; nothing is computed before the first draw. */
export const seededRandom = (seed: string): Random => {
  let draws = 0;
  return {
    fraction: () => seededFraction(`${seed}/${++draws}`),
    uuid: () => seededUuid(`${seed}/${++draws}`),
  };
};
