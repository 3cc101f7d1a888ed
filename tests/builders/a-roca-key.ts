import { checkPrimeSync, createPrivateKey, createPublicKey } from 'node:crypto';
import type { SigningKey } from './an-issuer.ts';

/** The product of the first 126 primes: the M of keys of 2048 bits. */
const product = (() => {
  let found = 1n;
  for (let count = 0, one = 2n; count < 126; one++) {
    if (!checkPrimeSync(one)) continue;
    found *= one;
    count += 1;
  }
  return found;
})();

const power = (base: bigint, exponent: bigint, modulus: bigint): bigint => {
  let found = 1n;
  for (let square = base, left = exponent; left > 0n; left >>= 1n, square = (square * square) % modulus)
    if (left & 1n) found = (found * square) % modulus;
  return found;
};

/** A prime of 1024 bits as RSALib made them: `k·M + (65537^a mod M)`. */
const rocaPrime = (a: bigint): bigint => {
  const rest = power(65_537n, a, product);
  for (let k = (3n << 1022n) / product; ; k++) {
    const candidate = k * product + rest;
    if (candidate % 65_537n !== 1n && checkPrimeSync(candidate)) return candidate;
  }
};

const inverse = (value: bigint, modulus: bigint): bigint => {
  let [r, next, t, nextT] = [modulus, value % modulus, 0n, 1n];
  while (next !== 0n) {
    const whole = r / next;
    [r, next, t, nextT] = [next, r - whole * next, nextT, t - whole * nextT];
  }
  return ((t % modulus) + modulus) % modulus;
};

const text = (value: bigint): string => {
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString('base64url');
};

/** A key pair with the weakness of CVE-2017-15361; `a` makes another. */
export const aRocaKey = (kid: string, a = 1_234_567n): SigningKey => {
  const [p, q, e] = [rocaPrime(a), rocaPrime(a + 1n), 65_537n];
  const d = inverse(e, (p - 1n) * (q - 1n));
  const numbers = { n: p * q, e, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
  const jwk = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, text(value)]));
  const privateKey = createPrivateKey({ key: { kty: 'RSA', ...jwk }, format: 'jwk' });
  return { kid, alg: 'RS256', privateKey, publicKey: createPublicKey(privateKey) };
};
