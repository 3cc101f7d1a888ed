import { encoded, signatureOf } from '../../builders/an-issuer.ts';
import { attacks } from './attack.ts';
import { headerOf, tokenBy, tokenWith, type World } from './world.ts';

const parts = (world: World) => {
  const [header = '', payload = '', signature = ''] = tokenWith(world).split('.');
  return { header, payload, signature };
};

/** Signed as it should be, whatever the two parts are. */
const signed = ({ rsa }: World, header: string, payload: string): string => {
  const input = `${header}.${payload}`;
  return `${input}.${signatureOf('RS256', input, rsa.privateKey).toString('base64url')}`;
};
const withHeader = (world: World, text: string | Buffer) =>
  signed(world, Buffer.from(text).toString('base64url'), parts(world).payload);
const withPayload = (world: World, text: string | Buffer) =>
  signed(world, parts(world).header, Buffer.from(text).toString('base64url'));
const headerText = ({ rsa }: World) => JSON.stringify(headerOf(rsa));
const claimsText = ({ claims }: World) => JSON.stringify(claims);
/** The object's text with one more member at its front. */
const plus = (text: string, member: string) => text.replace('{', `{${member},`);
const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;

const number = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const;

/** Tokens that are none: their shape, alphabet, length, JSON. */
export const attacksOnForm = [
  ...attacks(/it is encrypted/, {
    'an encrypted token (JWE) of five parts': ({ rsa }) =>
      `${encoded({ ...headerOf(rsa), alg: 'RSA-OAEP', enc: 'A256GCM' })}.a.b.c.d`,
  }),
  ...attacks(/three parts/, {
    'a token of four parts': (world) => `${tokenWith(world)}.e30`,
    'a token of a hundred parts': () => number.join('.').repeat(12),
  }),
  ...attacks(/neither the one in admin\.token/, {
    'a token of two parts': (world) => tokenWith(world).split('.').slice(0, 2).join('.'),
    'an opaque refresh token': () => 'UXP4rTzYkKx1B5mVwq0lGdQ7hJc',
  }),
  ...attacks(/base64url/, {
    'a signature stripped off': (world) => `${parts(world).header}.${parts(world).payload}.`,
    'a payload left out': (world) => `${parts(world).header}..${parts(world).signature}`,
    'a signature with padding': (world) => `${tokenWith(world)}==`,
    'a payload with padding': (world) => tokenWith(world).replace(/\.([\w-]+)\./, '.$1=.'),
    'a signature in the other alphabet of base64': (world) => {
      const { header, payload, signature } = parts(world);
      return `${header}.${payload}.${signature.replace(/.$/, '+')}`;
    },
    'a signature with a bit set that says nothing': (world) => {
      // 256 bytes are 342 characters, of which the last one has four bits to spare.
      const { header, payload, signature } = parts(world);
      const last = signature.at(-1) ?? 'A';
      const other = { A: 'B', Q: 'R', g: 'h', w: 'x' }[last] ?? 'B';
      return `${header}.${payload}.${signature.slice(0, -1)}${other}`;
    },
    'a payload with a character too many': (world) => {
      const { header, payload, signature } = parts(world);
      return `${header}.${payload.padEnd(Math.ceil(payload.length / 4) * 4 + 1, 'A')}.${signature}`;
    },
  }),
  ...attacks(/longer than 8192 bytes/, {
    'a token of nine kilobytes, well signed': (world) => tokenWith(world, { padding: 'x'.repeat(6_500) }),
    'a header of nine kilobytes': (world) => tokenWith(world, {}, { note: 'x'.repeat(6_500) }),
  }),
  ...attacks(/at most 16384 are taken/, {
    'a token of a hundred kilobytes': (world) => tokenWith(world, { padding: 'x'.repeat(75_000) }),
  }),
  ...attacks(/its header is not (JSON in UTF-8|a JSON object)/, {
    'a header that is no JSON': (world) => withHeader(world, 'alg=RS256'),
    'a header with single quotes': (world) => withHeader(world, headerText(world).replaceAll('"', "'")),
    'a header with something after it': (world) => withHeader(world, `${headerText(world)}{}`),
    'a header with a byte order mark': (world) => withHeader(world, `\ufeff${headerText(world)}`),
    'a header that is no UTF-8': (world) =>
      withHeader(world, Buffer.concat([Buffer.from(plus(headerText(world), '"x":"')), Buffer.from([0xc3, 0x28])])),
    'a header that is a list': (world) => withHeader(world, `[${headerText(world)}]`),
    'a header that is null': (world) => withHeader(world, 'null'),
  }),
  ...attacks(/its payload is not (JSON in UTF-8|a JSON object)/, {
    'a payload that is no JSON': (world) => withPayload(world, 'sub=admin'),
    'a payload that is text': (world) => withPayload(world, '"admin"'),
    'a payload that is a list of claims': (world) => withPayload(world, `[${claimsText(world)}]`),
    'a payload that is another token': (world) => withPayload(world, tokenWith(world)),
    'a payload with a comment': (world) => withPayload(world, `${claimsText(world)}/* admin */`),
    'a payload with a number that is none': (world) => withPayload(world, plus(claimsText(world), '"x":NaN')),
    'a payload that is no UTF-8': (world) =>
      withPayload(world, Buffer.from(plus(claimsText(world), '"x":"\xff"'), 'latin1')),
  }),
  ...attacks(/more than 8 levels/, {
    'a payload of nine levels': (world) => withPayload(world, plus(claimsText(world), `"x":${nested(8)}`)),
    'a payload of two thousand levels': (world) => withPayload(world, plus(claimsText(world), `"x":${nested(2_000)}`)),
    'a header of two thousand levels': (world) => withHeader(world, plus(headerText(world), `"x":${nested(2_000)}`)),
  }),
  ...attacks(/has a name twice/, {
    'two algorithms in the header': (world) => withHeader(world, plus(headerText(world), '"alg":"none"')),
    'two keys in the header': (world) => withHeader(world, plus(headerText(world), '"kid":"twice"')),
    'two subjects': (world) => withPayload(world, plus(claimsText(world), '"sub":"admin"')),
    'two subjects, one of them written with an escape': (world) =>
      withPayload(world, plus(claimsText(world), '"s\\u0075b":"admin"')),
    'two scopes with space before the colon': (world) =>
      withPayload(world, plus(claimsText(world), '"scope" : "admin"')),
    'a name twice within a claim': (world) =>
      withPayload(world, plus(claimsText(world), '"act":{"sub":"a","sub":"b"}')),
  }),
  ...attacks(/a name that no token needs/, {
    'a header with the key __proto__': (world) =>
      withHeader(world, plus(headerText(world), '"__proto__":{"alg":"none"}')),
    'claims with the key __proto__': (world) =>
      withPayload(world, plus(claimsText(world), '"__proto__":{"roles":["admin"]}')),
    'claims with the key __proto__ written with escapes': (world) =>
      withPayload(world, plus(claimsText(world), '"\\u005f_proto__":{"roles":["admin"]}')),
    'claims with the key constructor within a claim': (world) =>
      withPayload(world, plus(claimsText(world), '"act":{"constructor":{"prototype":{"roles":["admin"]}}}')),
  }),
  ...attacks(/its signature is not/, {
    'a signature cut short': (world) => {
      const { header, payload, signature } = parts(world);
      return `${header}.${payload}.${Buffer.from(signature, 'base64url').subarray(0, -1).toString('base64url')}`;
    },
    'a signature with a byte more': (world) => {
      const { header, payload, signature } = parts(world);
      const longer = Buffer.concat([Buffer.from(signature, 'base64url'), Buffer.alloc(1)]);
      return `${header}.${payload}.${longer.toString('base64url')}`;
    },
    'the signature of another token': (world) => {
      const { header, payload } = parts(world);
      return `${header}.${payload}.${tokenWith(world, { sub: 'someone-else' }).split('.')[2]}`;
    },
    'claims changed after they were signed': (world) => {
      const { header, signature } = parts(world);
      return `${header}.${encoded({ ...world.claims, sub: 'admin' })}.${signature}`;
    },
    'a header changed after it was signed': (world) => {
      const { payload, signature } = parts(world);
      return `${encoded(headerOf(world.rsa, { typ: 'JWT' }))}.${payload}.${signature}`;
    },
    'a signature of zeros': (world) =>
      `${parts(world).header}.${parts(world).payload}.${Buffer.alloc(256).toString('base64url')}`,
    'a signature of one byte': (world) => `${parts(world).header}.${parts(world).payload}.AA`,
    'a signature by P-256 in the form of OpenSSL (DER)': (world) => {
      const [header = '', payload = ''] = tokenBy(world, world.ec).split('.');
      return `${header}.${payload}.${Buffer.from('3006020101020101', 'hex').toString('base64url')}`;
    },
  }),
];
