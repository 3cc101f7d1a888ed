/**
 * A tree over the whole numbers below 2^bits, of which no node is made before something lies in it: node `level-index` stands
 * for [index · 2^level, (index + 1) · 2^level). An interval lies in the few nodes that it is made of, a number in the nodes
 * above it, so whoever looks for the intervals that hold a number reads bits + 1 nodes by name, however many there are.
 *
 *     [5, 8) lies in 0-5 and 1-3; 6 lies in 0-6, 1-3, 2-1, 3-0 …: they meet in 1-3
 */

/** Nodes of an interval: at most two a level. O(bits). */
export const nodesOf = (first: number, end: number, bits: number): string[] => {
  const nodes: string[] = [];
  let at = first;
  while (at < end) {
    let level = 0;
    let size = 1;
    while (level < bits && at % (size * 2) === 0 && at + size * 2 <= end) {
      level += 1;
      size *= 2;
    }
    nodes.push(`${level}-${at / size}`);
    at += size;
  }
  return nodes;
};

/** Nodes that a number lies in: one a level. O(bits). */
export const nodesAbove = (at: number, bits: number): string[] =>
  Array.from({ length: bits + 1 }, (_, level) => `${level}-${Math.floor(at / 2 ** level)}`);
