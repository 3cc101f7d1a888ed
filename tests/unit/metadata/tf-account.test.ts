import fc from 'fast-check';
import { expect, test } from 'vitest';
import { tfAccountOf, toldOf } from '../../../functions/metadata/tf-account.ts';

const first = 102_363n * 2n ** 27n;
const range = (from: number, end: number) => ({
  tfFirst: String(first + BigInt(from)),
  tfEnd: String(first + BigInt(end)),
});
const account = (output: unknown) => tfAccountOf(Buffer.from(JSON.stringify(output)));

test('an output tells which TFs were read and which were missing, counted exactly', () => {
  const told = { tfCount: 6, tfRanges: [range(0, 4), range(8, 10)], tfsMissing: [range(4, 8)], hits: 3 };
  expect(account(told)).toEqual({
    tfCount: 6,
    tfsMissingCount: 4,
    tfRanges: told.tfRanges,
    tfsMissing: told.tfsMissing,
  });
  expect(toldOf(account(told))).toEqual({ tfCount: 6, tfsMissingCount: 4, tfsMissing: told.tfsMissing });
});

test('an event says nothing of missing TFs where none is, and nothing of TFs where the payload told nothing', () => {
  expect(toldOf(account({ tfCount: 10, tfRanges: [range(0, 10)], tfsMissing: [] }))).toEqual({ tfCount: 10 });
  expect(toldOf(undefined)).toEqual({});
});

test.each([
  ['no JSON', Buffer.from([0, 1, 2])],
  ['no TFs', Buffer.from('{"run":1}')],
  ['TFs that are numbers', Buffer.from('{"tfCount":1,"tfRanges":[{"tfFirst":1,"tfEnd":2}],"tfsMissing":[]}')],
])('an output with %s tells nothing', (_, bytes) => {
  expect(tfAccountOf(bytes)).toBeUndefined();
});

test('however many ranges are missing, the count is exact and the lists are bounded', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 1500 }), (sizes) => {
      let at = 0;
      const tfsMissing = sizes.map((size) => {
        at += size + 1;
        return range(at - size, at);
      });
      const found = account({ tfCount: 1, tfRanges: [], tfsMissing });
      expect(found?.tfsMissingCount).toBe(sizes.reduce((sum, size) => sum + size, 0));
      expect(found?.tfsMissing).toEqual(tfsMissing.slice(0, 1000));
      expect(Buffer.byteLength(JSON.stringify(toldOf(found)))).toBeLessThan(4096);
    }),
    { numRuns: 50 },
  );
});
