import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { earliest, type Heaped, heap, push, remove } from '../../../../local/sqs/heap.ts';

test('a heap gives its things by time, whatever was put in and taken out of the middle', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ atMs: fc.nat(50), takes: fc.boolean(), pick: fc.nat(30) })),
      async (steps) => {
        const items = heap<Heaped>();
        const model: Heaped[] = [];
        for (const { atMs, takes, pick } of steps) {
          const [taken] = takes ? model.splice(pick % Math.max(model.length, 1), 1) : [];
          if (taken) remove(items, taken);
          const added = { visibleAtMs: atMs, heapIndex: -1 };
          push(items, added);
          model.push(added);
        }
        const order: number[] = [];
        for (let next = earliest(items); next; next = earliest(items)) {
          order.push(next.visibleAtMs);
          remove(items, next);
        }
        expect(order).toEqual(model.map(({ visibleAtMs }) => visibleAtMs).toSorted((a, b) => a - b));
      },
    ),
  );
});
