import { createHash } from 'node:crypto';

/**
 * 32 hex digits of the sha256 of a message's content: keys sorted at every depth, delivery headers left out, so that a
 * repeat is recognised however it comes. What is not JSON is hashed as it is.
 */
export const contentHash = (body: string): string =>
  createHash('sha256').update(canonical(body)).digest('hex').slice(0, 32);

const canonical = (body: string): string => {
  try {
    return JSON.stringify(JSON.parse(body), (_, value: unknown) => (isRecord(value) ? sorted(value) : value));
  } catch {
    return body;
  }
};

const sorted = (value: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.entries(value).sort(([a], [b]) => Number(a > b) - Number(a < b)));

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
