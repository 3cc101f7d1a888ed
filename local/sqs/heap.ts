/** What lies in a heap: it knows its place, so that it can be taken out of the middle. */
export type Heaped = { visibleAtMs: number; heapIndex: number };

/** A binary heap of things by the time they become visible; every operation costs O(log n). */
export type Heap<T extends Heaped> = { readonly items: T[] };

/** Makes an empty heap. */
export const heap = <T extends Heaped>(): Heap<T> => ({ items: [] });

/** The earliest, if there is one. */
export const earliest = <T extends Heaped>({ items }: Heap<T>): T | undefined => items[0];

/** Puts a thing in. */
export function push<T extends Heaped>({ items }: Heap<T>, item: T): void {
  items.push(item);
  rise(items, items.length - 1, item);
}

/** Takes a thing out that is in. */
export function remove<T extends Heaped>({ items }: Heap<T>, item: T): void {
  const index = item.heapIndex;
  const last = items.pop();
  item.heapIndex = -1;
  if (last === undefined || last === item) return;
  rise(items, index, last);
  sink(items, last.heapIndex, last);
}

function rise<T extends Heaped>(items: T[], from: number, item: T): void {
  let index = from;
  while (index > 0) {
    const parentIndex = (index - 1) >> 1;
    const parent = items[parentIndex];
    if (parent === undefined || parent.visibleAtMs <= item.visibleAtMs) break;
    place(items, index, parent);
    index = parentIndex;
  }
  place(items, index, item);
}

function sink<T extends Heaped>(items: T[], from: number, item: T): void {
  let index = from;
  for (;;) {
    const left = items[2 * index + 1];
    const right = items[2 * index + 2];
    const child = right !== undefined && left !== undefined && right.visibleAtMs < left.visibleAtMs ? right : left;
    if (child === undefined || child.visibleAtMs >= item.visibleAtMs) break;
    const childIndex = child.heapIndex;
    place(items, index, child);
    index = childIndex;
  }
  place(items, index, item);
}

function place<T extends Heaped>(items: T[], index: number, item: T): void {
  items[index] = item;
  item.heapIndex = index;
}
