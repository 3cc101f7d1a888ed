import { compactVerify } from 'jose';
import type { Log } from '#lib/log';
import { grantedBy, isRefused } from '#lib/model/grant';
import type { Clock } from '#ports/clock';
import type { Identity } from '#ports/identity';
import type { Principal } from '#schema/access';
import type { RolesFile } from '#schema/role-rule';
import { type Claims, readClaims } from './claims.ts';
import { type FetchDocument, fetchDocument as fetchByHttp } from './fetch-document.ts';
import { createIssuerKeys } from './issuer-keys.ts';
import { refuse } from './refuse.ts';
import { openRoles, type Roles } from './roles.ts';
import { readToken } from './token.ts';
import { readIssuers, shortName, type TrustConfig } from './trust.ts';

type Options = {
  readonly issuers: readonly string[];
  readonly audiences: readonly string[];
  readonly maxAgeS: number;
  /** Longest validity (`exp` less `iat`) of a token. */
  readonly maxLifetimeS: number;
  /** Whether tokens without `wlcg.ver` that are no SciTokens are taken. */
  readonly isProfileFree: boolean;
  readonly roles: Roles;
  readonly clock: Clock;
  readonly log: Log;
  readonly fetchDocument?: FetchDocument;
};

const idMax = 120;

/** What people call them, if the token has a name that can be shown. */
const nameOf = ({ name, preferred_username: user }: Claims): string | undefined =>
  [name, user].find((one) => typeof one === 'string' && /^[^\p{C}\p{Zl}\p{Zp}]{1,200}$/u.test(one))?.toString();

const principalOf = (claims: Claims, maxAgeS: number, { rules, refused }: RolesFile): Principal => {
  const { iss: issuer, sub: subject, scope: scopes = [], exp, iat, jti } = claims;
  if (isRefused(refused, { issuer, subject, jti })) return refuse('the roles file refuses it or its holder');
  const id = `${subject}@${shortName(issuer)}`;
  if (id.length > idMax) return refuse(`its subject and issuer (sub, iss) are longer than ${idMax} characters`);
  const groups = [...new Set([...claims['wlcg.groups'], ...claims.groups, ...claims.eduperson_entitlement])];
  const name = nameOf(claims);
  return {
    id,
    kind: 'oidc',
    ...(name === undefined ? {} : { name }),
    ...grantedBy(rules, { issuer, subject, groups, scopes }),
    groups,
    scopes,
    issuer,
    expiresAt: new Date(Math.min(exp, iat + maxAgeS) * 1_000).toISOString(),
  };
};

/**
 * Verifies access tokens of trusted issuers: its form, its issuer, its claims, and then its signature by a key of that
 * issuer. What costs nothing comes first, and nothing that a token names is ever asked. @see ADR 0029
 */
export const createOidcIdentity = (options: Options): Identity => {
  const { audiences, maxAgeS, maxLifetimeS, isProfileFree, roles, clock, log, fetchDocument = fetchByHttp } = options;
  const trusted = new Map(
    options.issuers.map((issuer) => [issuer, createIssuerKeys({ issuer, clock, log, fetchDocument })] as const),
  );
  const verify = async (text: string): Promise<Principal> => {
    const token = readToken(text);
    const { iss } = token.claims;
    const keys = typeof iss === 'string' ? trusted.get(iss) : undefined;
    if (keys === undefined) return refuse('its issuer (iss) is none that papilio trusts');
    const nowS = clock.nowMs() / 1_000;
    const claims = readClaims(token, { audiences, maxAgeS, maxLifetimeS, isProfileFree, nowS });
    const key = await keys.find(token.alg, token.kid);
    await compactVerify(text, key, { algorithms: [token.alg] }).catch((error: unknown) =>
      refuse('its signature is not that of its issuer', error),
    );
    return principalOf(claims, maxAgeS, await roles());
  };
  return { verify };
};

/** The verifier that the settings describe. @throws config-invalid, roles-file-invalid */
export const openOidcIdentity = async (given: {
  readonly config: TrustConfig;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<Identity> => {
  const { config, clock, log } = given;
  const issuers = readIssuers(config);
  return createOidcIdentity({
    issuers,
    audiences: config.PAPILIO_OIDC_AUDIENCE,
    maxAgeS: config.PAPILIO_OIDC_MAX_AGE_S,
    maxLifetimeS: config.PAPILIO_OIDC_MAX_LIFETIME_S,
    isProfileFree: config.PAPILIO_OIDC_ALLOW_WITHOUT_WLCG_VER === 'true',
    roles: await openRoles(given),
    clock,
    log,
  });
};
