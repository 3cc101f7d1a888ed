import { crc32c as native } from '@node-rs/crc32';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { crc32c } from '../../../clients/http/crc32c.ts';

it('counts as the archive does, in one piece and in two', () => {
  expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (one, other) => {
      expect(crc32c(other, crc32c(one))).toBe(native(Buffer.concat([one, other])));
    }),
  );
});
