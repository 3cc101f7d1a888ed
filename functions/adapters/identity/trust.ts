import { readFile } from 'node:fs/promises';
import type { Config } from '#lib/config';
import { PapilioError } from '#lib/errors';
import { defaultRules } from '#lib/model/grant';
import { RolesFile } from '#schema/role-rule';

/** The settings of trust. */
export type TrustConfig = Pick<
  Config,
  | 'PAPILIO_OIDC_ISSUER'
  | 'PAPILIO_OIDC_AUDIENCE'
  | 'PAPILIO_OIDC_MAX_AGE_S'
  | 'PAPILIO_OIDC_MAX_LIFETIME_S'
  | 'PAPILIO_OIDC_ALLOW_WITHOUT_WLCG_VER'
  | 'PAPILIO_OIDC_ALLOW_LOOPBACK_HTTP'
  | 'PAPILIO_ROLES_FILE'
>;

const loopback: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** The part of an issuer that stands in names of people: two issuers never have the same. */
export const shortName = (issuer: string): string => issuer.replace(/^https?:\/\//, '').replace(/\/$/, '');

const wrongWith = (issuer: string, isHttpAllowed: boolean): string | undefined => {
  if (!URL.canParse(issuer) || issuer.length > 80) return 'is not an address of up to 80 characters';
  const { protocol, hostname, username, password, search, hash } = new URL(issuer);
  if (username !== '' || password !== '' || /[?#@]/.test(issuer) || search + hash !== '')
    return 'has more than a name and a path';
  if (protocol === 'https:') return undefined;
  return protocol === 'http:' && loopback.has(hostname) && isHttpAllowed ? undefined : 'is not https';
};

/** The issuers that are trusted, each as its tokens name it. @throws config-invalid */
export const readIssuers = (config: TrustConfig): readonly string[] => {
  const issuers = config.PAPILIO_OIDC_ISSUER;
  const refuse = (what: string) => new PapilioError('config-invalid', what);
  for (const issuer of issuers) {
    const wrong = wrongWith(issuer, config.PAPILIO_OIDC_ALLOW_LOOPBACK_HTTP === 'true');
    if (wrong !== undefined) throw refuse(`PAPILIO_OIDC_ISSUER: ${issuer.slice(0, 80)} ${wrong}`);
  }
  if (new Set(issuers.map(shortName)).size < issuers.length)
    throw refuse('PAPILIO_OIDC_ISSUER: two issuers have the same name but for https:// and the last /');
  if (config.PAPILIO_OIDC_AUDIENCE.length === 0)
    throw refuse('PAPILIO_OIDC_AUDIENCE: missing; it says which tokens are meant for papilio');
  return issuers;
};

const parsed = (path: string, text: string): RolesFile => {
  try {
    const result = RolesFile.safeParse(JSON.parse(text));
    if (result.success) return result.data;
    const [issue] = result.error.issues;
    throw new PapilioError('roles-file-invalid', `${path}: ${issue?.path.join('.')}: ${issue?.message}`);
  } catch (error) {
    if (error instanceof PapilioError) throw error;
    throw new PapilioError('roles-file-invalid', `${path} is not JSON`, error);
  }
};

/** Each row is of an issuer that is trusted, and says of which, if there are several. */
const checkIssuersIn = (path: string, { rules, refused }: RolesFile, issuers: readonly string[]): void => {
  const rows = [
    ...rules.map((row, at) => ({ name: `rules.${at}`, issuer: row.issuer, isOfTokens: row.dn === undefined })),
    ...refused.map(({ issuer, dn }, at) => ({ name: `refused.${at}`, issuer, isOfTokens: dn === undefined })),
  ];
  for (const { name, issuer, isOfTokens } of rows) {
    if (issuer !== undefined && !issuers.includes(issuer))
      throw new PapilioError('roles-file-invalid', `${path}: ${name}: issuer is not one of PAPILIO_OIDC_ISSUER`);
    if (issuer === undefined && isOfTokens && issuers.length > 1)
      throw new PapilioError('roles-file-invalid', `${path}: ${name}: issuer is missing, and more than one is trusted`);
  }
};

/** The roles file, or the rows of the default. @throws roles-file-invalid */
export const readRoles = async (config: TrustConfig): Promise<RolesFile> => {
  const { PAPILIO_ROLES_FILE: path, PAPILIO_OIDC_ISSUER: issuers } = config;
  if (path === undefined) return { rules: [...defaultRules], refused: [] };
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new PapilioError('roles-file-invalid', `${path} cannot be read`, error);
  });
  const file = parsed(path, text);
  checkIssuersIn(path, file, issuers);
  return file;
};
