import { Role } from '#schema/access';
import type { Refusal, RoleRule } from '#schema/role-rule';

/** What is known of somebody: out of a token, or the name in a certificate. */
export type Facts =
  | {
      readonly issuer: string;
      readonly subject: string;
      readonly groups: readonly string[];
      readonly scopes: readonly string[];
    }
  | { readonly dn: string };

/** Roles and facilities, each once, in the order of the roles. */
export type Grant = { readonly roles: Role[]; readonly facilities: string[] };

/** Without a roles file: what the WLCG profile's scopes for computing mean. Everything else needs a row. */
export const defaultRules: readonly RoleRule[] = [
  { scope: 'compute.read', role: 'viewer' },
  { scope: 'compute.create', role: 'user' },
  { scope: 'compute.modify', role: 'user' },
  { scope: 'compute.cancel', role: 'user' },
];

const isMet = (rule: RoleRule, facts: Facts): boolean => {
  if ('dn' in facts) return rule.dn === facts.dn;
  if (rule.dn !== undefined) return false;
  return (
    (rule.issuer === undefined || rule.issuer === facts.issuer) &&
    (rule.subject === undefined || rule.subject === facts.subject) &&
    (rule.group === undefined || facts.groups.includes(rule.group)) &&
    (rule.scope === undefined || facts.scopes.includes(rule.scope))
  );
};

/**
 * What rules give to somebody: a row gives its role to whoever meets all that it names, rows add up, and who meets none
 * has nothing. Names are compared as they are, so `/epic` is not `/epic/production`. Cost: rules × groups.
 */
export const grantedBy = (rules: readonly RoleRule[], facts: Facts): Grant => {
  const met = rules.filter((rule) => isMet(rule, facts));
  return {
    roles: Role.options.filter((role) => met.some((rule) => rule.role === role)),
    facilities: [...new Set(met.flatMap(({ facilities = [] }) => facilities))],
  };
};

/** Whether a token is one of those that are refused: a row means whoever has all that it names. */
export const isRefused = (
  refusals: readonly Refusal[],
  token: { readonly issuer: string; readonly subject: string; readonly jti?: string | undefined },
): boolean =>
  refusals.some(
    ({ issuer, subject, jti, dn }) =>
      dn === undefined &&
      (issuer === undefined || issuer === token.issuer) &&
      (subject === undefined || subject === token.subject) &&
      (jti === undefined || jti === token.jti),
  );
