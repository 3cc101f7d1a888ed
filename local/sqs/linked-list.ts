/** One place in a list; kept by the value's owner, so that taking it out costs O(1). */
export type Link<T> = { readonly value: T; before: Link<T> | undefined; after: Link<T> | undefined };

/** A doubly linked list. */
export type LinkedList<T> = { first: Link<T> | undefined; last: Link<T> | undefined; size: number };

/** Makes an empty list. */
export const linkedList = <T>(): LinkedList<T> => ({ first: undefined, last: undefined, size: 0 });

/** Puts a value at the end. */
export function append<T>(list: LinkedList<T>, value: T): Link<T> {
  const link: Link<T> = { value, before: list.last, after: undefined };
  if (list.last) list.last.after = link;
  else list.first = link;
  list.last = link;
  list.size += 1;
  return link;
}

/** Takes a link that is in the list out of it. */
export function unlink<T>(list: LinkedList<T>, link: Link<T>): void {
  if (link.before) link.before.after = link.after;
  else list.first = link.after;
  if (link.after) link.after.before = link.before;
  else list.last = link.before;
  list.size -= 1;
}
