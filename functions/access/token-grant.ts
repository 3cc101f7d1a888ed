import type { Principal, Role } from '#schema/access';
import type { Token, TokenView, TokenWish } from '#schema/token';
import { decide } from './decide.ts';
import { isPolicyName } from './policies.ts';

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
  ...(wish.roles ?? []).filter((role: Role) => !maker.roles.includes(role)).map((role) => `the role ${role}`),
  ...(wish.facilities ?? []).filter((name) => !maker.facilities.includes(name)).map((name) => `the facility ${name}`),
  ...(wish.policies ?? []).filter((name) => !mayDo(maker, name)).map((name) => `the policy ${name}`),
];

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
