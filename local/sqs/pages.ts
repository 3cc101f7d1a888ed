import { badValue } from './errors.ts';

/** One page of a sorted list; the token is the key of the last item, so that a page is right after changes too. */
export function page<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  count: number,
  token: string | undefined,
): { readonly items: T[]; readonly next: string | undefined } {
  if (count < 1 || count > 1000) throw badValue('MaxResults', count, 'Must be between 1 and 1000.');
  const after = token === undefined ? '' : Buffer.from(token, 'base64url').toString('utf8');
  const rest = items.filter((item) => keyOf(item) > after);
  const taken = rest.slice(0, count);
  const last = taken.at(-1);
  const hasMore = rest.length > count && last !== undefined;
  return { items: taken, next: hasMore ? Buffer.from(keyOf(last)).toString('base64url') : undefined };
}
