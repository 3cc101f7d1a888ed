import { generateKeyPairSync } from 'node:crypto';
import { expect, it } from 'vitest';
import { isRoca } from '../../../functions/adapters/identity/roca.ts';
import { aRocaKey } from '../../builders/a-roca-key.ts';
import { aJwk } from '../../builders/an-issuer.ts';

const modulusOf = (n: unknown): bigint => BigInt(`0x${Buffer.from(String(n), 'base64url').toString('hex')}`);

it('a modulus of two primes that are powers of 65537 modulo small primes has the fingerprint of ROCA', () => {
  expect(isRoca(modulusOf(aJwk(aRocaKey('a')).n))).toBe(true);
  expect(isRoca(modulusOf(aJwk(aRocaKey('b', 98_765n)).n))).toBe(true);
});

it('a modulus that is no power of 65537 modulo one small prime has it not', () => {
  const weak = modulusOf(aJwk(aRocaKey('a')).n);
  // 65537 has two powers modulo 11: 1 and 10.
  const others = [2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n]
    .map((factor) => weak * factor)
    .filter((n) => ![1n, 10n].includes(n % 11n));
  expect(others.length).toBeGreaterThan(0);
  for (const other of others) expect(isRoca(other)).toBe(false);
});

it('keys of OpenSSL have it not', () => {
  for (let nth = 0; nth < 50; nth++) {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1_024 });
    expect(isRoca(modulusOf(publicKey.export({ format: 'jwk' }).n))).toBe(false);
  }
});
