import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { proofOf } from '../../../../local/stepfunctions/proof.ts';

test('a proof is the HMAC-SHA256 of its text, whichever secret was used before', () => {
  const secret = fc.uint8Array({ maxLength: 48 }).map((bytes) => Buffer.from(bytes).toString('base64url'));
  fc.assert(
    fc.property(secret, fc.string({ unit: 'binary' }), (key, text) => {
      expect(proofOf(key, text)).toBe(createHmac('sha256', key).update(text).digest('base64url'));
    }),
  );
});
