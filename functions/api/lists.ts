import * as z from 'zod';
import { PapilioError } from '#lib/errors';
import { jsonOf } from '#lib/model/json';

/** A list's cursor: where the next page starts, as text that nobody outside has to read. */
const Cursor = z.strictObject({ from: z.string().max(5000) });

/** Makes a cursor of a place. */
export const writeCursor = (from: string): string => Buffer.from(JSON.stringify({ from })).toString('base64url');

/** @throws cursor-unknown for text that is no cursor of ours. */
export const readCursor = (text: string): string => {
  const cursor = Cursor.safeParse(jsonOf(Buffer.from(text, 'base64url').toString('utf8')));
  if (cursor.success) return cursor.data.from;
  throw new PapilioError('cursor-unknown', 'not one that this list gave');
};

/** A whole number in a query: digits, and nothing else that could be read as a number. */
export const wholeNumber = (schema: z.ZodNumber) =>
  z.preprocess((text) => (typeof text === 'string' && /^\d{1,16}$/.test(text) ? Number(text) : text), schema.int());

/** Query parameters that every list takes. */
export const pageQuery = {
  limit: wholeNumber(z.number().min(1).max(500)).default(100).describe('How many at most; 100 without it'),
  cursor: z
    .string()
    .max(8000)
    .regex(/^[\w-]+$/, 'is not one that a list gave')
    .optional()
    .describe('`next` of the page before'),
};

/** Elements of two sorted lists in one order; those with the same key meet in one place. */
export const mergeByKey = <A, B>(
  left: readonly A[],
  right: readonly B[],
  { leftKey, rightKey, isAscending }: { leftKey: (a: A) => string; rightKey: (b: B) => string; isAscending: boolean },
): { readonly key: string; readonly left?: A; readonly right?: B }[] => {
  const places = new Map<string, { key: string; left?: A; right?: B }>();
  for (const a of left) places.set(leftKey(a), { key: leftKey(a), left: a });
  for (const b of right) places.set(rightKey(b), { ...(places.get(rightKey(b)) ?? { key: rightKey(b) }), right: b });
  const sign = isAscending ? 1 : -1;
  return [...places.values()].sort((a, b) => (a.key < b.key ? -sign : sign));
};
