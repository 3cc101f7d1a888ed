import { createHmac, generateKeyPairSync, type KeyObject, sign as signBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { onLoopback } from './on-loopback.ts';

/** A key pair with the name that it has in its issuer's key set. */
export type SigningKey = {
  readonly kid: string;
  readonly alg: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
};

/** A fresh RSA pair; weak ones are for tests of weakness. */
export const anRsaKey = (kid: string, modulusLength = 2_048, publicExponent = 65_537): SigningKey => ({
  kid,
  alg: 'RS256',
  ...generateKeyPairSync('rsa', { modulusLength, publicExponent }),
});

/** A fresh pair on an elliptic curve. */
export const anEcKey = (kid: string, namedCurve = 'P-256'): SigningKey => ({
  kid,
  alg: 'ES256',
  ...generateKeyPairSync('ec', { namedCurve }),
});

/** The public half as an issuer publishes it; `changes` say what is odd about it. */
export const aJwk = ({ kid, alg, publicKey }: SigningKey, changes: object = {}): Record<string, unknown> => ({
  ...publicKey.export({ format: 'jwk' }),
  kid,
  alg,
  use: 'sig',
  ...changes,
});

/** Base64url of a text as it is, or of a value as JSON. */
export const encoded = (part: unknown): string =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');

/** The signature that an algorithm's name asks for; made by Node, not by the library that papilio verifies with. */
export const signatureOf = (alg: string, input: string, key: KeyObject | Buffer): Buffer => {
  const hash = `sha${/\d+$/.exec(alg)?.[0] ?? '256'}`;
  if (alg.startsWith('HS')) return createHmac(hash, key).update(input).digest();
  if (Buffer.isBuffer(key)) throw new TypeError(`${alg} is signed with a key pair`);
  if (alg.startsWith('ES')) return signBytes(hash, Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  // RSASSA-PSS, with a salt as long as the hash.
  if (alg.startsWith('PS'))
    return signBytes(hash, Buffer.from(input), { key, padding: 6, saltLength: Number(alg.slice(2)) / 8 });
  return signBytes(alg === 'EdDSA' ? null : hash, Buffer.from(input), key);
};

/** A token of any header and payload, good or not. */
export const aSignedToken = (key: SigningKey, header: unknown, payload: unknown): string => {
  const input = `${encoded(header)}.${encoded(payload)}`;
  return `${input}.${signatureOf(key.alg, input, key.privateKey).toString('base64url')}`;
};

/** An issuer on loopback that publishes whatever keys a test gives it, and notes what it is asked. */
export type TestIssuer = AsyncDisposable & {
  /** As its tokens name it. */
  readonly url: string;
  /** Paths that were asked for, in their order. */
  readonly asked: string[];
  keys: unknown[];
  /** What it says instead of its discovery document and keys. */
  reply: ((path: string, response: ServerResponse) => void) | undefined;
};

const json = (response: ServerResponse, value: unknown): void => {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
};

/** Starts it on a port of its own; dispose of it at the end. */
export const anIssuer = async (keys: unknown[] = []): Promise<TestIssuer> => {
  const server = createServer(({ url: path = '' }: IncomingMessage, response) => {
    issuer.asked.push(path);
    if (issuer.reply) issuer.reply(path, response);
    else if (path === '/.well-known/openid-configuration')
      json(response, { issuer: issuer.url, jwks_uri: `${issuer.url}/jwks` });
    else json(response, { keys: issuer.keys });
  });
  const { url, close } = await onLoopback(server);
  const issuer: TestIssuer = {
    url,
    asked: [],
    keys,
    reply: undefined,
    [Symbol.asyncDispose]: close,
  };
  return issuer;
};
