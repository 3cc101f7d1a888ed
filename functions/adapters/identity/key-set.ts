import { type CryptoKey, importJWK } from 'jose';
import * as z from 'zod';
import { policy } from './policy.ts';
import { isRoca } from './roca.ts';
import type { Algorithm } from './token.ts';

/** An issuer's keys that papilio may use, by algorithm and name. */
export type KeySet = ReadonlyMap<string, CryptoKey>;

/** Where a key stands in the set: for one algorithm only, so that no token chooses how a key is used. */
export const placeOf = (alg: Algorithm, kid: string): string => `${alg} ${kid}`;

const number = z.string().regex(/^[\w-]{1,1400}$/);
const common = {
  kid: z.string().min(1).max(256),
  use: z.literal('sig').optional(),
  key_ops: z
    .array(z.string())
    .refine((uses) => uses.includes('verify'))
    .optional(),
  /** Whoever publishes the private half has no key any more. */
  d: z.undefined().optional(),
};
const RsaKey = z
  .object({
    ...common,
    kty: z.literal('RSA'),
    alg: z.literal('RS256').default('RS256'),
    n: number,
    // 65537: with a smaller one, signatures have been forged.
    e: z.literal('AQAB'),
  })
  .transform(({ kid, alg, kty, n, e }) => ({ kid, alg, jwk: { kty, n, e } }));
const EcKey = z
  .object({
    ...common,
    kty: z.literal('EC'),
    alg: z.literal('ES256').default('ES256'),
    crv: z.literal('P-256'),
    x: number,
    y: number,
  })
  .transform(({ kid, alg, kty, crv, x, y }) => ({ kid, alg, jwk: { kty, crv, x, y } }));
const Key = z.union([RsaKey, EcKey]);
const Document = z.object({ keys: z.array(z.unknown()).max(policy.keysMax) });
const Modulus = z.object({ modulusLength: z.int().min(2_048).max(8_192) });

/** A number as JWK writes it. */
const numberOf = (text: string): bigint => BigInt(`0x0${Buffer.from(text, 'base64url').toString('hex')}`);

const usableKey = async (entry: unknown): Promise<[string, CryptoKey] | undefined> => {
  const parsed = Key.safeParse(entry);
  if (!parsed.success) return undefined;
  const { kid, alg, jwk } = parsed.data;
  if ('n' in jwk && isRoca(numberOf(jwk.n))) return undefined;
  // A point that is not on the curve, or a modulus that is none, does not become a key.
  const key = await importJWK(jwk, alg).catch(() => undefined);
  if (key === undefined || key instanceof Uint8Array) return undefined;
  if (alg === 'RS256' && !Modulus.safeParse(key.algorithm).success) return undefined;
  return [placeOf(alg, kid), key];
};

/**
 * The keys of a document that are fit to verify with: RSA of 2048 to 8192 bits that was not made by a
 * weak library, and P-256. Others are passed over, and
 * so is a name that two of them have. @throws what zod finds if it is no key set
 */
export const readKeySet = async (document: unknown): Promise<KeySet> => {
  const { keys } = Document.parse(document);
  const usable = (await Promise.all(keys.map(usableKey))).filter((entry) => entry !== undefined);
  const count = (place: string): number => usable.filter(([other]) => other === place).length;
  return new Map(usable.filter(([place]) => count(place) === 1));
};
