import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Position } from '../../../../local/engine/part.ts';
import { type Thread, WAITING } from '../../../../local/stepfunctions/model.ts';
import { positionOf, withPosition } from '../../../../local/stepfunctions/positions.ts';
import { newThread } from '../../../../local/stepfunctions/turn.ts';
import { Waits } from '../../../../local/stepfunctions/waits.ts';

const startAt = {
  ...{ name: 'A', type: 'Pass', scopes: [], enter: (): typeof WAITING => WAITING },
  ...{ resume: undefined, recover: undefined, childEnded: undefined, childFailed: undefined },
} as const;

const aThread = (index: number): Thread =>
  newThread(
    { startAt, states: new Map() },
    { parent: undefined, index, item: undefined, data: null, boundBytes: 4 },
    0,
  );

type Step = { readonly id: number; readonly isEnd: boolean };

/** What is left in either kind of map when the steps are done; an id is never given twice. */
const left = (waits: Waits | Map<number, Thread>, steps: readonly Step[]): unknown => {
  const ids: number[] = [];
  for (const [at, { id, isEnd }] of steps.entries()) {
    if (isEnd) waits.delete(ids.splice(id % Math.max(1, ids.length), 1)[0] ?? -1);
    else waits.set(ids[ids.push(at + 1) - 1] ?? -1, aThread(at));
  }
  const known = steps.map((_, at) => [waits.has(at + 1), waits.get(at + 1)?.index]);
  return [known, Array.from(waits.values(), ({ index }) => index)];
};

test('waits are as a Map of threads in the order in which they began', () => {
  const steps = fc.array(fc.record({ id: fc.nat(4), isEnd: fc.boolean() }));
  fc.assert(
    fc.property(steps, (all) => {
      expect(left(new Waits(), all)).toEqual(left(new Map(), all));
    }),
  );
});

test('positions in the journal are kept in their order', () => {
  const position: fc.Arbitrary<Position> = fc.record({
    segment: fc.integer({ min: 1, max: 999_999 }),
    offsetBytes: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  });
  fc.assert(
    fc.property(fc.array(position, { maxLength: 30 }), (positions) => {
      const packed = positions.reduce(withPosition, []);
      expect(packed.map(positionOf)).toEqual(positions);
    }),
  );
});
