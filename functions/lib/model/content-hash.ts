import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';

/**
 * 32 hex digits of the sha256 of a message's content: keys sorted at every depth, delivery headers left out, so that a
 * repeat is recognised however it comes. What is not JSON is hashed as it is.
 */
export const contentHash = (body: string): string =>
  createHash('sha256').update(canonical(body)).digest('hex').slice(0, 32);

const canonical = (body: string): string => {
  try {
    return canonicalJson(JSON.parse(body));
  } catch {
    return body;
  }
};
