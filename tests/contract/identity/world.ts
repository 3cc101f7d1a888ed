import { createOidcIdentity } from '../../../functions/adapters/identity/oidc.ts';
import { silentLog } from '../../../functions/lib/log.ts';
import type { Clock } from '../../../functions/lib/ports/clock.ts';
import type { Identity } from '../../../functions/lib/ports/identity.ts';
import { aRocaKey } from '../../builders/a-roca-key.ts';
import {
  aJwk,
  anEcKey,
  anIssuer,
  anRsaKey,
  aSignedToken,
  type SigningKey,
  type TestIssuer,
} from '../../builders/an-issuer.ts';
import { fakeClock } from '../../builders/fake-clock.ts';

/** What tokens for this papilio name. */
export const audience = 'https://papilio.epic.example';
/** When the tests' tokens are shown: where the clock of the API in memory stands. */
export const nowS = fakeClock().nowMs() / 1_000;

/** Claims of a good token of the WLCG profile. */
export const goodClaims = (iss: string) => ({
  iss,
  sub: 'e1eb758b-b73c-4761-bfff-adc793da409c',
  aud: audience,
  iat: nowS - 30,
  nbf: nowS - 30,
  exp: nowS + 3_600,
  jti: '0a5b8f7c-9a4c-4c2e-9c7e-5d3c4b1a0f9e',
  scope: 'compute.read compute.create',
  'wlcg.ver': '1.0',
  'wlcg.groups': ['/eic'],
});

/** What of the trust in issuers a test changes. */
type Trust = { readonly maxLifetimeS?: number; readonly isProfileFree?: boolean };

/** An issuer with good and bad keys, another that is trusted too, and a server that nobody must ever ask. */
export type World = AsyncDisposable & {
  readonly issuer: TestIssuer;
  readonly neighbour: TestIssuer;
  readonly trap: TestIssuer;
  readonly rsa: SigningKey;
  readonly ec: SigningKey;
  /** In nobody's key set. */
  readonly stranger: SigningKey;
  readonly neighbours: SigningKey;
  readonly weak: SigningKey;
  readonly cubic: SigningKey;
  readonly p384: SigningKey;
  /** Of a library whose keys anybody can take apart. */
  readonly roca: SigningKey;
  readonly claims: ReturnType<typeof goodClaims>;
  readonly identity: (clock: Clock, changes?: Trust) => Identity;
};

/** A header of the key's own. */
export const headerOf = ({ alg, kid }: SigningKey, changes: object = {}) => ({ alg, kid, typ: 'at+jwt', ...changes });

/** A token that is good but for what the test changes. */
export const tokenWith = ({ rsa, claims }: World, changes: object = {}, header: object = {}): string =>
  aSignedToken(rsa, headerOf(rsa, header), { ...claims, ...changes });

/** A token signed by a key of the set, under its name there, and good but for that key. */
export const tokenBy = ({ claims }: World, key: SigningKey, header: object = {}): string =>
  aSignedToken(key, headerOf(key, header), claims);

/** The same modulus with zeros before it, so that it looks as long as a strong one. */
const padded = (key: SigningKey) => {
  const { n } = key.publicKey.export({ format: 'jwk' });
  const bytes = Buffer.from(n ?? '', 'base64url');
  return Buffer.concat([Buffer.alloc(256 - bytes.length), bytes]).toString('base64url');
};

const keysOf = ({
  rsa,
  ec,
  weak,
  cubic,
  p384,
  roca,
}: Pick<World, 'rsa' | 'ec' | 'weak' | 'cubic' | 'p384' | 'roca'>): unknown[] => [
  aJwk(rsa),
  aJwk(ec),
  aJwk(weak),
  aJwk(weak, { kid: 'weak-padded', n: padded(weak) }),
  aJwk(cubic),
  aJwk(p384),
  aJwk(roca),
  { kty: 'oct', kid: 'oct', k: Buffer.from('shared by all').toString('base64url'), alg: 'HS256' },
  aJwk(rsa, { kid: 'for-encryption', use: 'enc' }),
  aJwk(rsa, { kid: 'wraps', use: undefined, key_ops: ['wrapKey'] }),
  aJwk(rsa, { kid: 'for-rs512', alg: 'RS512' }),
  aJwk(rsa, { kid: 'leaked', ...rsa.privateKey.export({ format: 'jwk' }) }),
  aJwk(rsa, { kid: 'twice' }),
  aJwk(ec, { kid: 'twice', alg: 'ES256' }),
  aJwk(rsa, { kid: 'twice' }),
  aJwk(ec, { kid: 'off-curve', y: aJwk(ec).x }),
  aJwk(rsa, { kid: '' }),
  'not a key',
  null,
];

/** Starts it; dispose of it at the end. */
export const aWorld = async (): Promise<World> => {
  const keys = {
    rsa: anRsaKey('rsa-1'),
    ec: anEcKey('ec-1'),
    stranger: anRsaKey('rsa-1'),
    neighbours: anRsaKey('rsa-1'),
    weak: anRsaKey('weak', 512),
    cubic: anRsaKey('cubic', 2_048, 3),
    p384: anEcKey('p384', 'P-384'),
    roca: aRocaKey('roca'),
  };
  const issuer = await anIssuer(keysOf(keys));
  const neighbour = await anIssuer([aJwk(keys.neighbours)]);
  const trap = await anIssuer([aJwk(keys.stranger)]);
  return {
    ...keys,
    issuer,
    neighbour,
    trap,
    claims: goodClaims(issuer.url),
    identity: (clock, changes = {}) =>
      createOidcIdentity({
        issuers: [issuer.url, neighbour.url],
        audiences: [audience],
        maxAgeS: 86_400,
        maxLifetimeS: 172_800,
        isProfileFree: false,
        ...changes,
        roles: async () => ({
          rules: [
            { scope: 'compute.read', role: 'viewer' },
            { group: '/eic/production', role: 'production-manager', issuer: issuer.url },
          ],
          refused: [
            { subject: 'mallory', issuer: issuer.url },
            { jti: 'a-stolen-one', issuer: issuer.url },
          ],
        }),
        clock,
        log: silentLog,
      }),
    [Symbol.asyncDispose]: async () => {
      for (const server of [issuer, neighbour, trap]) await server[Symbol.asyncDispose]();
    },
  };
};
