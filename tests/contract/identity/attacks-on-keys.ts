import { aJwk, aSignedToken, encoded, signatureOf } from '../../builders/an-issuer.ts';
import { attacks } from './attack.ts';
import { headerOf, tokenBy, tokenWith, type World } from './world.ts';

/** A token without a signature that says of itself what `header` says. */
const unsigned = ({ claims, rsa }: World, header: object) => `${encoded(headerOf(rsa, header))}.${encoded(claims)}.AA`;

/** A token signed by some algorithm, under the name of the issuer's RSA key. */
const signedAs = (world: World, alg: string, key: Parameters<typeof signatureOf>[2], header: object = {}) => {
  const input = `${encoded(headerOf(world.rsa, { alg, ...header }))}.${encoded(world.claims)}`;
  return `${input}.${signatureOf(alg, input, key).toString('base64url')}`;
};
const pem = ({ rsa }: World) => Buffer.from(rsa.publicKey.export({ format: 'pem', type: 'spki' }));
const der = ({ rsa }: World) => rsa.publicKey.export({ format: 'der', type: 'spki' });

/** By a key of the set, as its entry `kid` would be used. */
const under = (world: World, kid: string, alg = 'RS256') => tokenBy(world, { ...world.rsa, kid, alg });

/** ES256 with numbers that a broken verifier takes for any message. */
const psychic = (world: World, r: bigint, s: bigint) => {
  const input = `${encoded(headerOf(world.ec))}.${encoded(world.claims)}`;
  const bytes = Buffer.from(r.toString(16).padStart(64, '0') + s.toString(16).padStart(64, '0'), 'hex');
  return `${input}.${bytes.toString('base64url')}`;
};
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** Tokens that choose how they are verified. */
export const attacksOnAlgorithms = [
  ...attacks(/its algorithm is not RS256 or ES256/, {
    'the algorithm none': (world) => unsigned(world, { alg: 'none' }),
    'the algorithm None': (world) => unsigned(world, { alg: 'None' }),
    'the algorithm NONE': (world) => unsigned(world, { alg: 'NONE' }),
    'the algorithm nOnE': (world) => unsigned(world, { alg: 'nOnE' }),
    'the algorithm none with a space': (world) => unsigned(world, { alg: 'none ' }),
    'the algorithm none with an invisible character': (world) => unsigned(world, { alg: 'none\u200b' }),
    'the algorithm of an empty text': (world) => unsigned(world, { alg: '' }),
    'no algorithm': (world) => unsigned(world, { alg: undefined }),
    'the algorithm null': (world) => unsigned(world, { alg: null }),
    'the algorithm 0': (world) => unsigned(world, { alg: 0 }),
    'a list of algorithms': (world) => unsigned(world, { alg: ['RS256', 'none'] }),
    'the algorithm in small letters': (world) => signedAs(world, 'rs256', world.rsa.privateKey),
    'the algorithm with a space': (world) => tokenWith(world, {}, { alg: 'RS256 ' }),
    'HS256 with the public key as its secret, in PEM': (world) => signedAs(world, 'HS256', pem(world)),
    'HS256 with the public key as its secret, in PEM without the last line break': (world) =>
      signedAs(world, 'HS256', Buffer.from(pem(world).toString().trimEnd())),
    'HS256 with the public key as its secret, in DER': (world) => signedAs(world, 'HS256', der(world)),
    'HS256 with the public key as its secret, as JWK': (world) =>
      signedAs(world, 'HS256', Buffer.from(JSON.stringify(aJwk(world.rsa)))),
    'HS256 with the modulus as its secret': (world) =>
      signedAs(world, 'HS256', Buffer.from(String(aJwk(world.rsa).n), 'base64url')),
    'HS256 with an empty secret': (world) => signedAs(world, 'HS256', Buffer.alloc(0)),
    'HS384 with the public key as its secret': (world) => signedAs(world, 'HS384', pem(world)),
    'HS512 with the public key as its secret': (world) => signedAs(world, 'HS512', pem(world)),
    'HS256 by a shared key of the key set': (world) =>
      signedAs(world, 'HS256', Buffer.from('shared by all'), { kid: 'oct' }),
    'RS384 by the issuer’s key': (world) => signedAs(world, 'RS384', world.rsa.privateKey),
    'RS512 by the issuer’s key': (world) => signedAs(world, 'RS512', world.rsa.privateKey),
    'PS256 by the issuer’s key': (world) => signedAs(world, 'PS256', world.rsa.privateKey),
    'PS512 by the issuer’s key': (world) => signedAs(world, 'PS512', world.rsa.privateKey),
    'ES384 by a key of the key set': (world) => tokenBy(world, { ...world.p384, alg: 'ES384' }),
    'ES256K by the name of the issuer’s key': (world) =>
      signedAs(world, 'ES256', world.ec.privateKey, { alg: 'ES256K' }),
    'EdDSA by the name of the issuer’s key': (world) => unsigned(world, { alg: 'EdDSA' }),
  }),
  ...attacks(/no such key \(kid\) for its algorithm/, {
    'ES256 by the name of the RSA key': (world) => signedAs(world, 'ES256', world.ec.privateKey),
    'RS256 by the name of the P-256 key': (world) => under(world, 'ec-1'),
  }),
  ...attacks(/its signature is not/, {
    'RS256 that is signed as PS256': (world) => signedAs(world, 'PS256', world.rsa.privateKey, { alg: 'RS256' }),
    'RS256 that is signed with SHA-512': (world) => signedAs(world, 'RS512', world.rsa.privateKey, { alg: 'RS256' }),
    'RS256 that is an HMAC with the public key': (world) => signedAs(world, 'HS256', pem(world), { alg: 'RS256' }),
    'an ES256 signature with r = s = 0': (world) => psychic(world, 0n, 0n),
    'an ES256 signature with r = 0, s = 1': (world) => psychic(world, 0n, 1n),
    'an ES256 signature with r = s = the order of the curve': (world) => psychic(world, order, order),
    'an ES256 signature with r = 1, s = 0': (world) => psychic(world, 1n, 0n),
  }),
];

const withHeader = (header: (world: World) => object) => (world: World) => tokenWith(world, {}, header(world));

/** Forged by a stranger's key, with a header that says where to find that key. */
const forged = (header: (world: World) => object) => (world: World) =>
  aSignedToken(world.stranger, headerOf(world.stranger, header(world)), world.claims);

/** Tokens that bring or choose their key. */
export const attacksOnKeys = [
  ...attacks(/its header has (jku|x5u|jwk|x5c|crit|b64|zip|enc|cty|p2c), which no access token needs/, {
    'jku that leads to the attacker’s key set': forged(({ trap }) => ({ jku: `${trap.url}/jwks` })),
    'jku that leads to the issuer’s own key set': withHeader(({ issuer }) => ({ jku: `${issuer.url}/jwks` })),
    'jku that leads to the attacker by way of the issuer’s name': forged(({ issuer, trap }) => ({
      jku: `${issuer.url}@${trap.url.replace('http://', '')}/jwks`,
    })),
    'jku that leads to a file': forged(() => ({ jku: 'file:///etc/passwd' })),
    'x5u that leads to the attacker’s certificate': forged(({ trap }) => ({ x5u: `${trap.url}/certificate.pem` })),
    'the attacker’s key in the header': forged(({ stranger }) => ({ jwk: aJwk(stranger) })),
    'the attacker’s certificate in the header': forged(() => ({ x5c: ['MIIBszCCAVmgAwIBAgIUB1'] })),
    'a critical extension that nobody knows': withHeader(() => ({ crit: ['exp'], exp: 1 })),
    'an empty list of critical extensions': withHeader(() => ({ crit: [] })),
    'a payload that is not encoded (b64)': withHeader(() => ({ b64: false, crit: ['b64'] })),
    'a payload that is not encoded, not said to be critical': withHeader(() => ({ b64: false })),
    'a compressed payload': withHeader(() => ({ zip: 'DEF' })),
    'an encryption in a signed token': withHeader(() => ({ enc: 'A256GCM' })),
    'a token within a token': withHeader(() => ({ cty: 'JWT' })),
    'a billion rounds of PBKDF2': withHeader(() => ({ p2c: 1_000_000_000 })),
  }),
  ...attacks(/its header names no key/, {
    'no key name': withHeader(() => ({ kid: undefined })),
    'an empty key name': withHeader(() => ({ kid: '' })),
    'a key name that is a number': withHeader(() => ({ kid: 1 })),
    'a key name that is a list': withHeader(() => ({ kid: ['rsa-1'] })),
    'a key name that is an object': withHeader(() => ({ kid: { toString: 'rsa-1' } })),
    'a key name of SQL': withHeader(() => ({ kid: "x' UNION SELECT 'key' --" })),
    'a key name with a line break': withHeader(() => ({ kid: 'rsa-1\r\nX-Role: admin' })),
    'a key name with a zero byte': withHeader(() => ({ kid: 'rsa-1\u0000' })),
    'a key name of 257 characters': withHeader(() => ({ kid: 'k'.repeat(257) })),
  }),
  ...attacks(/its header’s type/, {
    'the type of a proof of possession': withHeader(() => ({ typ: 'dpop+jwt' })),
    'the type of a logout token': withHeader(() => ({ typ: 'logout+jwt' })),
    'the type of a security event': withHeader(() => ({ typ: 'secevent+jwt' })),
    'the type of a client’s assertion': withHeader(() => ({ typ: 'client-authentication+jwt' })),
    'the type of an answer to introspection': withHeader(() => ({ typ: 'token-introspection+jwt' })),
    'the type of an encrypted token': withHeader(() => ({ typ: 'JWE' })),
    'a type with something after it': withHeader(() => ({ typ: 'at+jwt; role=admin' })),
    'a type that is a list': withHeader(() => ({ typ: ['at+jwt'] })),
  }),
  ...attacks(/no such key \(kid\) for its algorithm/, {
    'an unknown key': withHeader(() => ({ kid: 'rsa-2' })),
    'a key name in capitals': withHeader(() => ({ kid: 'RSA-1' })),
    'a key name that is an address': forged(({ trap }) => ({ kid: `${trap.url}/jwks` })),
    'a key name that is a path': forged(() => ({ kid: '../../../../dev/null' })),
    'a key name that is a path to the key set': withHeader(() => ({ kid: '/jwks#rsa-1' })),
    'the key name __proto__': withHeader(() => ({ kid: '__proto__' })),
    'the key name constructor': withHeader(() => ({ kid: 'constructor' })),
    'an RSA key of 512 bits': (world) => tokenBy(world, world.weak),
    'an RSA key of 512 bits with zeros before it': (world) => tokenBy(world, { ...world.weak, kid: 'weak-padded' }),
    'an RSA key with the exponent 3': (world) => tokenBy(world, world.cubic),
    'a ROCA key (CVE-2017-15361)': (world) => tokenBy(world, world.roca),
    'a P-384 key under ES256': (world) => tokenBy(world, world.p384),
    'a point that is not on the curve': (world) => tokenBy(world, { ...world.ec, kid: 'off-curve' }),
    'a shared key under RS256': (world) => under(world, 'oct'),
    'a key for encryption': (world) => under(world, 'for-encryption'),
    'a key that wraps keys': (world) => under(world, 'wraps'),
    'a key for RS512': (world) => under(world, 'for-rs512'),
    'a key whose private half is published': (world) => under(world, 'leaked'),
    'a key name that two keys have': (world) => under(world, 'twice'),
  }),
  ...attacks(/its signature is not/, {
    'a stranger’s key under the issuer’s name for its own': (world) => tokenBy(world, world.stranger),
    'the key of another issuer that is trusted too': (world) => tokenBy(world, world.neighbours),
  }),
];
