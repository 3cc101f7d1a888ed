import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Decimal64 } from '#schema/id';

const end = 2n ** 64n;
const isTaken = (text: string): boolean => Decimal64.safeParse(text).success;

test('a number of 64 bits is taken, whatever its digits, and none beyond', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 21n }), (number) => {
      expect(isTaken(String(number))).toBe(number < end);
    }),
  );
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 64n }), fc.bigInt({ min: -20n, max: 20n }), (power, step) => {
      const number = 2n ** power + step;
      expect(isTaken(String(number))).toBe(number >= 0n && number < end);
    }),
  );
});

test.each(['', '00', '01', '-1', '+1', '1.0', '1e3', '0x1', ' 1', '1\n', '18446744073709551616'])(
  '%j is no number of 64 bits',
  (text) => {
    expect(isTaken(text)).toBe(false);
  },
);
