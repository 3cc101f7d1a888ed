import * as z from 'zod';
import { policy } from './policy.ts';
import { refuse } from './refuse.ts';
import type { Token } from './token.ts';

/** Seconds since 1970 as whole numbers, up to the year 9999. */
const moment = z.int().min(0).max(253_402_300_799);
const visible = z.string().regex(/^[\x21-\x7e]{1,255}$/);
/** Scopes as RFC 6749 writes them: words with one space between. */
const scope = z
  .string()
  .max(4_096)
  .regex(/^(?:[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*)?$/)
  .transform((text) => text.split(' ').filter((one) => one !== ''));
/** `/vo` and `/vo/group`, no step up and none that stays. */
const wlcgGroup = z
  .string()
  .max(255)
  .regex(/^(?:\/(?!\.{1,2}(?:\/|$))[\w.-]+)+$/);
/** Other issuers' names are free, but one that looks like a path is one. */
const group = z
  .string()
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]{1,255}$/u)
  .refine((name) => !name.startsWith('/') || !/\/(?:\.{0,2})(?:\/|$)/.test(name));
const groups = z.array(group).max(256).default([]);

const Claims = z.object({
  iss: z.string(),
  sub: visible,
  aud: z.union([visible, z.array(visible).min(1).max(16)]).transform((aud) => [aud].flat()),
  exp: moment,
  iat: moment,
  nbf: moment.optional(),
  jti: visible.optional(),
  scope: scope.optional(),
  'wlcg.ver': z
    .string()
    .regex(/^1\.\d{1,3}$/)
    .optional(),
  'wlcg.groups': z.array(wlcgGroup).max(256).default([]),
  groups,
  eduperson_entitlement: z.union([group.transform((one) => [one]), groups]).default([]),
  ver: z.unknown().optional(),
  name: z.unknown().optional(),
  preferred_username: z.unknown().optional(),
});

/** What a token says of its holder, in its own words. */
export type Claims = z.infer<typeof Claims>;

/** What papilio wants of a token besides its signature. */
export type Wanted = {
  readonly audiences: readonly string[];
  readonly maxAgeS: number;
  readonly maxLifetimeS: number;
  /** Whether a token may be of no profile. */
  readonly isProfileFree: boolean;
  readonly nowS: number;
};

/** Claims that only other kinds of token have: ID and logout tokens, and tokens bound to a key that papilio would have to see. */
const foreign: Readonly<Record<string, string>> = {
  nonce: 'an ID token',
  at_hash: 'an ID token',
  c_hash: 'an ID token',
  s_hash: 'an ID token',
  events: 'a logout or security event token',
  cnf: 'bound to a key (DPoP or mTLS) of which a bearer shows nothing',
  htm: 'a proof of possession (DPoP)',
};
const otherKinds: ReadonlySet<unknown> = new Set(['ID', 'Refresh', 'Offline', 'Logout', 'id', 'refresh']);

const refuseOtherKinds = ({ isAccessToken, claims }: Token): void => {
  const found = Object.keys(foreign).find((name) => Object.hasOwn(claims, name));
  if (found !== undefined) refuse(`it is ${foreign[found]}, not an access token`);
  if (otherKinds.has(claims.typ) || otherKinds.has(claims.token_use)) refuse('it says that it is no access token');
  // Where nothing else tells the two apart: an ID token has no scope.
  const isCapability = typeof claims.ver === 'string' && claims.ver.startsWith('scitoken');
  if (!isAccessToken && !isCapability && claims.scope === undefined)
    refuse('it has no scope, so that nothing tells it from an ID token');
};

const refuseOtherProfiles = (claims: Claims, { isProfileFree }: Wanted): void => {
  const { ver } = claims;
  const isSciToken = typeof ver === 'string' && /^scitoken/i.test(ver);
  if (isSciToken && !/^scitokens?:2\.0$/.test(ver)) refuse('it is a SciToken of another version than 2.0');
  if (!isSciToken && !isProfileFree && claims['wlcg.ver'] === undefined)
    refuse('it has no wlcg.ver; PAPILIO_OIDC_ALLOW_WITHOUT_WLCG_VER takes tokens of no profile');
  if (claims['wlcg.ver'] !== undefined && claims.jti === undefined) refuse('it has no jti, which WLCG tokens have');
};

/** The rule of each time: at its edges, a token is good for `skewS` more. */
const refuseOtherTimes = ({ exp, iat, nbf = 0 }: Claims, { nowS, maxAgeS, maxLifetimeS }: Wanted): void => {
  const { skewS } = policy;
  if (nowS >= exp + skewS) refuse('it has expired (exp)');
  if (nowS < nbf - skewS) refuse('it is not good yet (nbf)');
  if (nowS < iat - skewS) refuse('it was made in the future (iat)');
  if (exp <= iat) refuse('it expires before it is made (exp, iat)');
  if (nowS >= iat + maxAgeS + skewS) refuse(`it is older than ${maxAgeS} s (iat)`);
  if (exp - iat > maxLifetimeS)
    refuse(`it is made to hold for ${exp - iat} s (exp, iat); PAPILIO_OIDC_MAX_LIFETIME_S takes ${maxLifetimeS}`);
};

/** A token's claims, if they are those of an access token for papilio that is good now. @throws token-refused */
export const readClaims = (token: Token, wanted: Wanted): Claims => {
  refuseOtherKinds(token);
  const parsed = Claims.safeParse(token.claims);
  if (!parsed.success)
    return refuse(`its claim ${String(parsed.error.issues[0]?.path[0] ?? '')} is missing or malformed`);
  const claims = parsed.data;
  refuseOtherProfiles(claims, wanted);
  if (!claims.aud.some((audience) => wanted.audiences.includes(audience)))
    refuse('it is not for papilio (aud); PAPILIO_OIDC_AUDIENCE names its audiences');
  refuseOtherTimes(claims, wanted);
  return claims;
};
