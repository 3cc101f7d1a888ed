import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Principal, Role } from '#schema/access';
import type { TokenWish } from '#schema/token';
import { decide } from '../../../functions/access/decide.ts';
import { policyNames } from '../../../functions/access/policies.ts';
import { excessOf, grantOf, principalOf, stateOf } from '../../../functions/access/token-grant.ts';
import { aToken } from '../../builders/a-machine-token.ts';
import { aPerson } from '../../builders/an-api-with-people.ts';

const sites = ['bnl', 'jlab', 'tacc'];
const wishes: fc.Arbitrary<TokenWish> = fc
  .record({
    roles: fc.option(fc.subarray([...Role.options], { minLength: 1 }), { nil: undefined }),
    policies: fc.option(fc.subarray([...policyNames], { minLength: 1 }), { nil: undefined }),
    facilities: fc.option(fc.subarray(sites), { nil: undefined }),
  })
  .map(({ roles, policies, facilities }) => ({
    ...{ name: 'a dashboard', why: 'it shows the lag', days: 1 },
    ...(roles && { roles }),
    ...(policies && { policies }),
    ...(facilities && { facilities }),
  }));
const makers = fc
  .record({ roles: fc.subarray([...Role.options]), facilities: fc.subarray(sites) })
  .map((more) => aPerson(more));
const aWish = (more: Partial<TokenWish>): TokenWish => ({ name: 'x', why: 'y', days: 1, ...more });
const tokenOf = (wish: TokenWish, maker: Principal): Principal =>
  principalOf(aToken({ owner: maker.id, ...grantOf(wish, maker) }));

describe('a token', () => {
  it('never may what its maker may not, whatever was wished and granted', () => {
    const thing = fc.record({ owner: fc.constantFrom(aPerson().id, 'bob'), facility: fc.constantFrom(...sites) });
    fc.assert(
      fc.property(makers, wishes, thing, (maker, wish, on) => {
        fc.pre(excessOf(wish, maker).length === 0);
        const machine = tokenOf(wish, maker);
        for (const name of policyNames)
          for (const what of [on, {}, 'some'] as const)
            if (decide(machine, name, what).isAllowed) expect(decide(maker, name, what).isAllowed).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it.each<[Role, Role[]]>([
    ['viewer', ['viewer']],
    ['user', ['viewer', 'user']],
    ['expert', ['viewer', 'user', 'expert']],
    ['operator', ['viewer', 'user', 'operator']],
    ['facility-admin', ['viewer', 'user', 'facility-admin']],
    ['production-manager', ['viewer', 'user', 'production-manager']],
    ['admin', [...Role.options]],
  ])('of one with the role %s may have the roles %j, and no others', (role, gives) => {
    const maker = aPerson({ roles: [role], facilities: ['bnl'] });
    expect(Role.options.filter((one) => excessOf(aWish({ roles: [one] }), maker).length === 0)).toEqual(gives);
  });

  it.each<[Role, string[]]>([
    ['facility-admin', ['bnl']],
    ['operator', ['bnl']],
    ['admin', sites],
  ])('of one with the role %s who cares for bnl may be for %j', (role, gives) => {
    const maker = aPerson({ roles: [role], facilities: ['bnl'] });
    const wish = (site: string) => aWish({ roles: [role], facilities: [site] });
    expect(sites.filter((site) => excessOf(wish(site), maker).length === 0)).toEqual(gives);
  });

  it('has ended from the moment that it says', () => {
    const endMs = Date.parse(aToken().expiresAt);
    expect([endMs - 1, endMs].map((nowMs) => stateOf(aToken(), nowMs))).toEqual(['active', 'expired']);
    expect(stateOf(aToken({ revokedAt: aToken().createdAt }), endMs)).toBe('revoked');
  });
});
