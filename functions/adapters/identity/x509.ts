import { createHash } from 'node:crypto';
import type { Config } from '#lib/config';
import { PapilioError } from '#lib/errors';
import type { Log } from '#lib/log';
import { grantedBy } from '#lib/model/grant';
import type { Clock } from '#ports/clock';
import type { CertificateIdentity } from '#ports/identity';
import type { Principal } from '#schema/access';
import type { RoleRule } from '#schema/role-rule';
import { readRules, type TrustConfig } from './trust.ts';
import { folderMark, readAuthorities } from './x509/authorities.ts';
import { readCertificate } from './x509/certificate.ts';
import { commonName, inRfc2253, inSlashes, type Name, principalIdOf } from './x509/name.ts';
import { type Authorities, type Verified, verifyPath } from './x509/path.ts';
import { policy } from './x509/policy.ts';

type Options = {
  readonly folder: string;
  readonly rules: readonly RoleRule[];
  readonly clock: Clock;
  readonly log: Log;
};

/** What rows of the roles file give to a name, in whichever of the two forms they have it. */
const grantTo = (rules: readonly RoleRule[], name: Name) => {
  const forms = [inRfc2253(name), inSlashes(name)].filter((form) => form !== undefined);
  const own = rules.filter(({ dn }) => dn !== undefined && forms.includes(dn));
  return grantedBy(
    own.map((rule) => ({ ...rule, dn: '' })),
    { dn: '' },
  );
};

const shownName = (name: Name): string | undefined => {
  const names = name
    .flat()
    .filter(({ oid, value }) => oid === commonName && /^[^\p{C}\p{Zl}\p{Zp}]{1,200}$/u.test(value));
  return names.at(-1)?.value;
};

/** A limited proxy may look at what its maker may look at, and change nothing. */
const principalOf = ({ holder, isLimited, validToMs }: Verified, rules: readonly RoleRule[]): Principal => {
  const { roles, facilities } = grantTo(rules, holder.subject);
  const name = shownName(holder.subject);
  const limited = { roles: roles.length > 0 ? (['viewer'] as const).slice() : [], facilities: [] };
  return {
    id: principalIdOf(holder.subject),
    kind: 'x509',
    ...(name === undefined ? {} : { name }),
    ...(isLimited ? limited : { roles, facilities }),
    groups: [],
    scopes: [],
    issuer: inRfc2253(holder.issuer),
    expiresAt: new Date(validToMs).toISOString(),
  };
};

/** The folder as it was read last; read again when it has changed, but not at each request. */
const createFolder = ({ folder, clock, log }: Options) => {
  let held: { readonly mark: string; readonly authorities: Authorities } | undefined;
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let looking: Promise<Authorities> | undefined;
  const look = async (): Promise<Authorities> => {
    const mark = await folderMark(folder);
    if (held?.mark !== mark) held = { mark, authorities: await readAuthorities(folder, log) };
    lookedAtMs = clock.nowMs();
    return held.authorities;
  };
  return async (): Promise<Authorities> => {
    if (held && clock.nowMs() - lookedAtMs < policy.reloadMs) return held.authorities;
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  };
};

/** Verifies the certificates that a TLS front presents, against a folder of authorities. @see ADR 0031 */
export const createX509Identity = (options: Options): CertificateIdentity => {
  const { rules, clock } = options;
  const authoritiesNow = createFolder(options);
  const remembered = new Map<string, { principal: Principal; authorities: Authorities; untilMs: number }>();
  const verifyAnew = (chain: readonly Buffer[], authorities: Authorities): Principal =>
    principalOf(verifyPath(chain.map(readCertificate), authorities, clock.nowMs()), rules);
  return {
    verify: async (chain) => {
      const authorities = await authoritiesNow();
      const hash = createHash('sha256');
      for (const der of chain) hash.update(`${der.length}:`).update(der);
      const key = hash.digest('base64');
      const known = remembered.get(key);
      if (known?.authorities === authorities && clock.nowMs() < known.untilMs) return known.principal;
      remembered.delete(key);
      const principal = verifyAnew(chain, authorities);
      const untilMs = Math.min(clock.nowMs() + policy.rememberMs, Date.parse(principal.expiresAt ?? ''));
      remembered.set(key, { principal, authorities, untilMs });
      const [oldest] = remembered.keys();
      if (remembered.size > policy.rememberMax && oldest !== undefined) remembered.delete(oldest);
      return principal;
    },
  };
};

/** The verifier that the settings describe; undefined without a folder of authorities. @throws config-invalid, roles-file-invalid */
export const openX509Identity = async (given: {
  readonly config: TrustConfig & Pick<Config, 'PAPILIO_X509_CA_FOLDER'>;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<CertificateIdentity> => {
  const { config, clock, log } = given;
  const { PAPILIO_X509_CA_FOLDER: folder } = config;
  if (folder === undefined)
    throw new PapilioError(
      'config-invalid',
      'PAPILIO_X509_CA_FOLDER: missing; it holds the authorities that are trusted',
    );
  const { size } = await readAuthorities(folder, log);
  if (size === 0) throw new PapilioError('config-invalid', `PAPILIO_X509_CA_FOLDER: ${folder} has no certificate`);
  return createX509Identity({ folder, rules: await readRules(config), clock, log });
};
