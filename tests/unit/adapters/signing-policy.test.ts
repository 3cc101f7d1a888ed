import fc from 'fast-check';
import { expect, test } from 'vitest';
import { matches } from '../../../functions/adapters/identity/x509/signing-policy.ts';

test('a pattern of a signing policy matches what its wildcards can stand for, and nothing else', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.'), maxLength: 8 });
  const pattern = fc.array(text, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('*'));
  fc.assert(
    fc.property(pattern, text, (given, name) => {
      const form = new RegExp(`^${given.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
      expect(matches(given, name)).toBe(form.test(name));
    }),
    { numRuns: 2_000 },
  );
  expect(matches('/DC=org/*', '/DC=org/CN=Ada')).toBe(true);
  expect(matches('aa*aa', 'aaa')).toBe(false);
});

test('a name cannot make many wildcards slow', () => {
  expect(matches(`${'a*'.repeat(40)}b`, 'a'.repeat(100_000))).toBe(false);
});
