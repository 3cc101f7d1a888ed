import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodesAbove, nodesOf } from '#lib/model/interval-tree';

const bits = 32;
const number = fc.integer({ min: 0, max: 2 ** bits - 1 });

test('an interval lies in few nodes, which together are the interval', () => {
  fc.assert(
    fc.property(number, number, (a, b) => {
      const [first, end] = a < b ? [a, b] : [b, a];
      const nodes = nodesOf(first, end, bits).map((node) => node.split('-').map(Number));
      expect(nodes.length).toBeLessThanOrEqual(2 * bits);
      let at = first;
      for (const [level = 0, index = 0] of nodes) {
        expect(index * 2 ** level).toBe(at);
        at += 2 ** level;
      }
      expect(at).toBe(end);
    }),
  );
});

test('a number meets an interval in one node exactly if it lies in it', () => {
  fc.assert(
    fc.property(number, number, fc.oneof(number, fc.constantFrom(0, 1, -1)), (a, b, c) => {
      const [first, end] = a < b ? [a, b] : [b, a];
      const at = c > 1 ? c : Math.min(2 ** bits - 1, Math.max(0, (c === 0 ? first : end) + Math.min(c, 0)));
      const above = new Set(nodesAbove(at, bits));
      const meetings = nodesOf(first, end, bits).filter((node) => above.has(node));
      expect(meetings).toHaveLength(first <= at && at < end ? 1 : 0);
    }),
  );
});

test('everything is one node, nothing is none', () => {
  expect(nodesOf(0, 2 ** bits, bits)).toEqual(['32-0']);
  expect(nodesOf(7, 7, bits)).toEqual([]);
  expect(nodesOf(5, 8, 3)).toEqual(['0-5', '1-3']);
  expect(nodesAbove(6, 3)).toEqual(['0-6', '1-3', '2-1', '3-0']);
});
