import { createHash } from 'node:crypto';

/** A short name for the damage of a thing whose own name may be long or damaged itself: 16 hex of its sha256. */
export const contentName = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
