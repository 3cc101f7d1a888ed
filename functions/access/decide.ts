import type { Belonging, Principal, Role } from '#schema/access';
import { doers, type Policy, type PolicyName, policyOf } from './policies.ts';

/** Whether somebody may, why or why not, and which roles would do. */
export type Decision = {
  readonly isAllowed: boolean;
  readonly policy: PolicyName;
  /** A sentence without its subject: `has the role operator`. */
  readonly because: string;
  /** Roles of which one is enough. */
  readonly roles: readonly Role[];
  /** Roles that are enough for what is theirs. */
  readonly ownRoles: readonly Role[];
};

const rolesOfOwn = { facility: ['facility-admin'], owner: doers } as const satisfies Record<string, readonly Role[]>;

const first = (wanted: readonly Role[], has: readonly Role[]): Role | undefined =>
  has.find((one) => wanted.includes(one));

const nameOf = (kind: NonNullable<Policy['object']>, { facility, owner }: Belonging): string | undefined =>
  kind === 'facility' ? facility : owner;

const isTheirs = (principal: Principal, kind: NonNullable<Policy['object']>, thing: Belonging): boolean => {
  const name = nameOf(kind, thing);
  if (name === undefined || principal.kind === 'anonymous') return false;
  return kind === 'facility' ? principal.facilities.includes(name) : [principal.id, principal.owner].includes(name);
};

/**
 * Decides by the table alone. Without a thing, what is asked is whether they may do it to everything; with `some`, whether
 * there may be a thing to which they may. Deny by default: nothing that the table does not say is allowed. @see 14.2, 14.3
 */
export const decide = (principal: Principal, name: PolicyName, thing: Belonging | 'some' = {}): Decision => {
  const policy = policyOf(name);
  const ownRoles = policy.object === undefined ? [] : rolesOfOwn[policy.object];
  const verdict =
    openVerdict(principal, policy) ?? limited(principal, name, policy) ?? byRole(principal, policy, ownRoles, thing);
  return { ...verdict, policy: name, roles: policy.roles, ownRoles };
};

type Verdict = Pick<Decision, 'isAllowed' | 'because'>;
const yes = (because: string): Verdict => ({ isAllowed: true, because });
const no = (because: string): Verdict => ({ isAllowed: false, because });

const openVerdict = ({ kind }: Principal, { open }: Policy): Verdict | undefined => {
  if (open === 'public') return yes('it is open to all');
  return open === 'known' && kind !== 'anonymous' ? yes('it is open to all that are known') : undefined;
};

const limited = ({ kind, policies }: Principal, name: PolicyName, { isForPeople }: Policy): Verdict | undefined => {
  if (isForPeople && kind === 'machine') return no('is a token of a machine, and this is for people');
  if (policies === undefined || policies.includes(name)) return undefined;
  return no(`is a token that is limited to ${policies.join(', ')}`);
};

const byRole = (
  principal: Principal,
  { roles, object }: Policy,
  ownRoles: readonly Role[],
  thing: Belonging | 'some',
): Verdict => {
  const role = first(roles, principal.roles);
  if (role !== undefined) return yes(`has the role ${role}`);
  const own = first(ownRoles, principal.roles);
  if (object === undefined || own === undefined) return no(`has ${rolesIn(principal)}`);
  if (thing === 'some') return yes(`has the role ${own}, which is enough for what is theirs`);
  if (!isTheirs(principal, object, thing)) return no(`${notTheirs[object]}, and has ${rolesIn(principal)}`);
  return yes(`has the role ${own}, and it is theirs`);
};

const notTheirs = { facility: 'is no admin of that facility', owner: 'is not the owner of it' } as const;

const rolesIn = ({ roles }: Principal): string => {
  if (roles.length === 0) return 'no role';
  return `only the role${roles.length === 1 ? '' : 's'} ${roles.join(', ')}`;
};
