import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  inRfc2253,
  inSlashes,
  isSameName,
  type Name,
  nameKey,
  principalIdOf,
} from '../../../functions/adapters/identity/x509/name.ts';
import { policy } from '../../../functions/adapters/identity/x509/policy.ts';

const cn = (value: string) => [{ oid: '2.5.4.3', value }];
const dc = (value: string) => [{ oid: '0.9.2342.19200300.100.1.25', value }];

const attribute = fc.record({
  oid: fc.constantFrom('2.5.4.3', '2.5.4.10', '0.9.2342.19200300.100.1.25', '1.2.3.4'),
  value: fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.constantFrom('a/CN=b', 'a,CN=b', 'host/a.example.org', '@', 'a\\,b', ' '),
  ),
});
const names: fc.Arbitrary<Name> = fc.array(fc.array(attribute, { minLength: 1, maxLength: 2 }), {
  minLength: 1,
  maxLength: 4,
});

describe('the name of a certificate', () => {
  test('reads as RFC 2253 and Globus have it', () => {
    const name = [dc('org'), dc('papilio'), cn('Ada Example')];
    expect(inRfc2253(name)).toBe('CN=Ada Example,DC=papilio,DC=org');
    expect(inSlashes(name)).toBe('/DC=org/DC=papilio/CN=Ada Example');
    expect(inSlashes([dc('org'), cn('host/a.example.org')])).toBe('/DC=org/CN=host/a.example.org');
  });

  test('with signs that mean something has them escaped', () => {
    expect(inRfc2253([cn('#a, "b" + <c>;\\ ')])).toBe('CN=\\#a\\, \\"b\\" \\+ \\<c\\>\\;\\\\\\ ');
    expect(inRfc2253([cn('a\u0000\nb')])).toBe('CN=a\\00\\0Ab');
  });

  test('that could be read in two ways has no form of Globus', () => {
    expect(inSlashes([cn('a/CN=b')])).toBeUndefined();
    expect(inSlashes([[...cn('a'), ...cn('b')]])).toBeUndefined();
  });

  test('is another’s in no form: what tells two people apart tells their names apart', () => {
    const differ = (form: (name: Name) => string | undefined) =>
      fc.assert(
        fc.property(names, names, (one, other) => {
          fc.pre(!isSameName(one, other));
          const [left, right] = [form(one), form(other)];
          expect(left === undefined || left !== right).toBe(true);
        }),
        { numRuns: 2_000 },
      );
    differ(inSlashes);
    differ(nameKey);
    differ((name) => (name.every((part) => part.length === 1) ? inRfc2253(name) : undefined));
    differ((name) => (name.every((part) => part.length === 1) ? principalIdOf(name) : undefined));
  });

  test('as what acts are done by is short, and never that of an issuer’s token', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 60 }).map(cn), { minLength: 1, maxLength: 6 }), (name) => {
        const id = principalIdOf(name);
        expect(id.length).toBeLessThanOrEqual(policy.idMax);
        expect(id).not.toContain('@');
      }),
    );
  });

  test('too long for that ends in the hash of the whole', () => {
    const long = (end: string) => principalIdOf([cn('x'.repeat(200)), cn(`${'y'.repeat(200)}${end}`)]);
    expect(long('a')).toMatch(/^CN=y+\\~[0-9a-f]{16}$/);
    expect(long('a')).not.toBe(long('b'));
  });
});
