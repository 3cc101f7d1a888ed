import { createHash } from 'node:crypto';
import type { Config } from '#lib/config';
import { PapilioError } from '#lib/errors';
import type { Log } from '#lib/log';
import { type Grant, grantedBy } from '#lib/model/grant';
import type { Clock } from '#ports/clock';
import type { CertificateIdentity } from '#ports/identity';
import type { Principal } from '#schema/access';
import type { RolesFile } from '#schema/role-rule';
import { openRoles, type Roles } from './roles.ts';
import type { TrustConfig } from './trust.ts';
import { folderMark, readAuthorities } from './x509/authorities.ts';
import { readCertificate } from './x509/certificate.ts';
import { commonName, inRfc2253, inSlashes, type Name, principalIdOf } from './x509/name.ts';
import { type Authorities, type Verified, verifyPath } from './x509/path.ts';
import { policy } from './x509/policy.ts';
import { refuse } from './x509/refuse.ts';

type Options = {
  readonly folder: string;
  readonly roles: Roles;
  readonly clock: Clock;
  readonly log: Log;
};

/** What rows of the roles file give to a name, in whichever of the two forms they have it. @throws certificate-refused */
const grantTo = ({ rules, refused }: RolesFile, name: Name): Grant => {
  const forms: readonly (string | undefined)[] = [inRfc2253(name), inSlashes(name)];
  const isOwn = ({ dn }: { dn?: string | undefined }): boolean => dn !== undefined && forms.includes(dn);
  if (refused.some(isOwn)) return refuse(`${inRfc2253(name)} is refused by the roles file`);
  return grantedBy(
    rules.filter(isOwn).map((rule) => ({ ...rule, dn: '' })),
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
const principalOf = ({ holder, isLimited, validToMs }: Verified, file: RolesFile): Principal => {
  const { roles, facilities } = grantTo(file, holder.subject);
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

const keyOf = (chain: readonly Buffer[]): string => {
  const hash = createHash('sha256');
  for (const der of chain) hash.update(`${der.length}:`).update(der);
  return hash.digest('base64');
};

/** What was found right, by what was presented, for a short time and as long as the authorities say the same. */
const createMemory = ({ clock }: Options) => {
  const known = new Map<string, { verified: Verified; authorities: Authorities; untilMs: number }>();
  return (chain: readonly Buffer[], authorities: Authorities): Verified => {
    const key = keyOf(chain);
    const found = known.get(key);
    if (found?.authorities === authorities && clock.nowMs() < found.untilMs) return found.verified;
    known.delete(key);
    const verified = verifyPath(chain.map(readCertificate), authorities, clock.nowMs());
    const untilMs = Math.min(clock.nowMs() + policy.rememberMs, verified.validToMs);
    known.set(key, { verified, authorities, untilMs });
    const [oldest] = known.keys();
    if (known.size > policy.rememberMax && oldest !== undefined) known.delete(oldest);
    return verified;
  };
};

/** Verifies the certificates that a TLS front presents, against a folder of authorities. @see ADR 0031 */
export const createX509Identity = (options: Options): CertificateIdentity => {
  const authoritiesNow = createFolder(options);
  const verifyOnce = createMemory(options);
  return {
    verify: async (chain) => principalOf(verifyOnce(chain, await authoritiesNow()), await options.roles()),
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
  return createX509Identity({ folder, roles: await openRoles(given), clock, log });
};
