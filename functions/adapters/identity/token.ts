import * as z from 'zod';
import { policy } from './policy.ts';
import { refuse } from './refuse.ts';
import { parseStrict } from './strict-json.ts';

/** What signs tokens here. */
export const Algorithm = z.enum(['RS256', 'ES256']);
export type Algorithm = z.infer<typeof Algorithm>;

const types: ReadonlySet<string> = new Set(['jwt', 'at+jwt', 'application/at+jwt']);

/** Each of them would let a token say how it wants to be read, or by which key. */
const unwanted = ['crit', 'b64', 'jku', 'jwk', 'x5u', 'x5c', 'zip', 'enc', 'cty', 'epk', 'apu', 'apv', 'p2s', 'p2c'];

const Header = z.object({
  alg: Algorithm,
  /** A name, never a path or an address: it is looked up among the issuer's keys and nowhere else. */
  kid: z.string().regex(/^[\x21-\x7e]{1,256}$/),
  typ: z
    .string()
    .transform((type) => type.toLowerCase())
    .refine((type) => types.has(type))
    .optional(),
});

/** A signed token as it was sent, read and not yet believed. */
export type Token = {
  readonly text: string;
  readonly alg: Algorithm;
  readonly kid: string;
  /** Whether its header says that it is an access token (RFC 9068). */
  readonly isAccessToken: boolean;
  readonly claims: Readonly<Record<string, unknown>>;
};

const wrongIn: Readonly<Record<keyof z.infer<typeof Header>, string>> = {
  alg: 'its algorithm is not RS256 or ES256',
  kid: 'its header names no key (kid)',
  typ: 'its header’s type (typ) is not that of an access token',
};

/** Base64url in its one form: no padding, no other alphabet, no stray bits at the end. */
const decode = (part: string): Buffer => {
  const bytes = Buffer.from(part, 'base64url');
  return part !== '' && bytes.toString('base64url') === part ? bytes : refuse('it is not base64url as RFC 7515 has it');
};

const headerOf = (part: string): z.infer<typeof Header> => {
  const header = parseStrict(decode(part), 'header');
  const found = unwanted.find((name) => Object.hasOwn(header, name));
  if (found !== undefined) return refuse(`its header has ${found}, which no access token needs`);
  const parsed = Header.safeParse(header);
  if (parsed.success) return parsed.data;
  const [at] = parsed.error.issues[0]?.path ?? [];
  return refuse(at === 'kid' || at === 'typ' ? wrongIn[at] : wrongIn.alg);
};

/** Reads a token's form: JWS in its compact form, with a header that papilio knows. @throws token-refused */
export const readToken = (text: string): Token => {
  if (text.length > policy.tokenMaxBytes) return refuse(`it is longer than ${policy.tokenMaxBytes} bytes`);
  const parts = text.split('.');
  if (parts.length === 5) return refuse('it is encrypted (JWE)');
  const [header = '', payload = '', signature = ''] = parts;
  if (parts.length !== 3) return refuse('it is not a signed token of three parts (JWS)');
  const { alg, kid, typ } = headerOf(header);
  decode(signature);
  return {
    text,
    alg,
    kid,
    isAccessToken: typ?.endsWith('at+jwt') ?? false,
    claims: parseStrict(decode(payload), 'payload'),
  };
};
