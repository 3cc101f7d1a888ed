/**
 * RSA keys that anybody can take apart (CVE-2017-15361, "ROCA"): a library of many smart cards and TPMs made only primes
 * of the form `k·M + (65537^a mod M)`, with M the product of the first 39 primes or more. So the modulus is a power of
 * 65537 modulo each of these primes; of other keys, one in 239 million (2^27.8) looks so. Cost: 38 divisions.
 *
 * @see Nemec, Sys, Svenda, Klinec, Matyas: The Return of Coppersmith's Attack, ACM CCS 2017, section 2.2;
 * https://github.com/crocs-muni/roca
 */
const generator = 65_537n;
const primes = [
  3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113,
  127, 131, 137, 139, 149, 151, 157, 163, 167,
].map(BigInt);

const powersIn = (prime: bigint): ReadonlySet<bigint> => {
  const powers = new Set<bigint>();
  for (let power = 1n; !powers.has(power); power = (power * generator) % prime) powers.add(power);
  return powers;
};
const powers = primes.map((prime) => [prime, powersIn(prime)] as const);

/** Whether a modulus has the fingerprint of such a key. */
export const isRoca = (modulus: bigint): boolean => powers.every(([prime, known]) => known.has(modulus % prime));
