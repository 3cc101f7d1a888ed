import type { Principal, Role } from '#schema/access';
import type { Token, TokenView, TokenWish } from '#schema/token';
import { decide } from './decide.ts';
import { doers, isPolicyName } from './policies.ts';

const dayMs = 86_400_000;

/** What a token may: roles, the facilities that they are for, and the policies that it is limited to. */
export type Grant = Pick<Token, 'roles' | 'facilities' | 'policies'>;

/** What a token is given of what its maker has; what is not named is all of it. */
export const grantOf = (wish: TokenWish, { roles, facilities }: Principal): Grant => ({
  roles: wish.roles ?? roles,
  facilities: wish.facilities ?? facilities,
  ...(wish.policies && { policies: wish.policies }),
});

/** What of a wish its maker does not have: nobody gives more than they have. An empty list is well. */
export const excessOf = (wish: TokenWish, maker: Principal): string[] => [
  ...(wish.roles === undefined && wish.policies === undefined ? ['neither roles nor policies'] : []),
  ...(wish.roles ?? []).filter((role) => !mayGive(maker, role)).map((role) => `the role ${role}`),
  ...(wish.facilities ?? []).filter((name) => !mayCareFor(maker, name)).map((name) => `the facility ${name}`),
  ...(wish.policies ?? []).filter((name) => !mayDo(maker, name)).map((name) => `the policy ${name}`),
];

/** What every role has in it; it stays so, however the table of policies changes. */
const lowest: ReadonlySet<Role> = new Set(['viewer', 'user']);

/**
 * A role is theirs to give if they have it, or an admin's whatever it is, or if it is one that every role has in it. Not if
 * they merely may all that it may today: with the next release it may more.
 */
const mayGive = ({ roles }: Principal, role: Role): boolean =>
  roles.includes(role) || roles.includes('admin') || (lowest.has(role) && roles.some((own) => doers.includes(own)));

const mayCareFor = ({ roles, facilities }: Principal, facility: string): boolean =>
  facilities.includes(facility) || roles.includes('admin');

const mayDo = (maker: Principal, name: string): boolean => isPolicyName(name) && decide(maker, name, 'some').isAllowed;

/** When a token that was asked for at a moment ends. */
export const expiryOf = (at: string, days: number): string => new Date(Date.parse(at) + days * dayMs).toISOString();

/** How a token stands at a moment. */
export const stateOf = (
  { revokedAt, expiresAt }: Pick<Token, 'revokedAt' | 'expiresAt'>,
  nowMs: number,
): TokenView['state'] => {
  if (revokedAt !== undefined) return 'revoked';
  return Date.parse(expiresAt) <= nowMs ? 'expired' : 'active';
};

/** Who shows a token: itself, with what it was given, for what is its owner's too. */
export const principalOf = ({ id, name, owner, roles, facilities, policies, expiresAt }: Token): Principal => ({
  ...{ id, kind: 'machine', name, owner, roles, facilities, groups: [], scopes: [], tokenId: id, expiresAt },
  ...(policies && { policies }),
});
