import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Belonging, type Principal, PrincipalKind, Role } from '#schema/access';
import { decide } from '../../../functions/access/decide.ts';
import { policyNames, policyOf } from '../../../functions/access/policies.ts';
import { aPerson } from '../../builders/an-api-with-people.ts';

const name = fc.constantFrom('bnl', 'jlab', 'anna', 'bob', '', '__proto__', 'constructor');
const policy = fc.constantFrom(...policyNames);
const somebody: fc.Arbitrary<Principal> = fc
  .record({
    id: fc.constantFrom('anna', 'bob', 'carol'),
    kind: fc.constantFrom(...PrincipalKind.options),
    roles: fc.subarray([...Role.options]),
    facilities: fc.subarray(['bnl', 'jlab', '__proto__']),
    policies: fc.option(fc.subarray([...policyNames], { minLength: 1 }), { nil: undefined }),
  })
  .map(({ policies, ...more }) => aPerson({ ...more, ...(policies && { policies }) }));
const thing: fc.Arbitrary<Belonging> = fc
  .record({ facility: fc.option(name, { nil: undefined }), owner: fc.option(name, { nil: undefined }) })
  .map(({ facility, owner }) => ({
    ...(facility !== undefined && { facility }),
    ...(owner !== undefined && { owner }),
  }));
const may = (person: Principal, what: (typeof policyNames)[number], on: Belonging | 'some' = {}) =>
  decide(person, what, on).isAllowed;

describe('who may', () => {
  it('is nobody without a role, but for what is open', () => {
    for (const what of policyNames) {
      const { open } = policyOf(what);
      expect(may(aPerson(), what, { owner: aPerson().id, facility: 'bnl' })).toBe(open !== undefined);
      expect(may(aPerson({ kind: 'anonymous' }), what)).toBe(open === 'public');
    }
  });

  it('is no fewer with one more role', () => {
    fc.assert(
      fc.property(somebody, policy, thing, fc.constantFrom(...Role.options), (person, what, on, role) => {
        const more = { ...person, roles: [...person.roles, role] };
        if (may(person, what, on)) expect(may(more, what, on)).toBe(true);
      }),
    );
  });

  it('with all roles together is who may with one of them', () => {
    fc.assert(
      fc.property(somebody, policy, thing, (person, what, on) => {
        const alone = person.roles.some((role) => may({ ...person, roles: [role] }, what, on));
        expect(may(person, what, on)).toBe(alone || may({ ...person, roles: [] }, what, on));
      }),
    );
  });

  it('do it to something is who may do it to everything, or to what is theirs', () => {
    fc.assert(
      fc.property(somebody, policy, thing, (person, what, on) => {
        if (may(person, what)) expect(may(person, what, on)).toBe(true);
        if (may(person, what, on)) expect(may(person, what, 'some')).toBe(true);
      }),
    );
  });

  it('does not ask whose a thing is, unless the policy does', () => {
    fc.assert(
      fc.property(somebody, policy, thing, (person, what, on) => {
        if (policyOf(what).object === undefined) expect(may(person, what, on)).toBe(may(person, what));
      }),
    );
  });

  it('is with a limited token who may without the limit, for what it names', () => {
    fc.assert(
      fc.property(somebody, policy, thing, ({ policies, ...person }, what, on) => {
        const limited = aPerson({ ...person, ...(policies && { policies }) });
        const isNamed = policies === undefined || policies.includes(what) || policyOf(what).open === 'public';
        expect(may(limited, what, on)).toBe(
          may(person, what, on) && (isNamed || (policyOf(what).open === 'known' && person.kind !== 'anonymous')),
        );
      }),
    );
  });

  it('says why in words, whoever it is', () => {
    const said = (person: Principal, what: (typeof policyNames)[number], on: Belonging = {}) =>
      decide(person, what, on).because;
    expect([
      said(aPerson({ roles: ['operator'] }), 'job.cancel'),
      said(aPerson({ roles: ['user'] }), 'job.cancel', { owner: 'bob' }),
      said(aPerson({ roles: ['user'] }), 'job.cancel', { owner: 'anna@issuer.example' }),
      said(aPerson({ roles: ['facility-admin'], facilities: ['bnl'] }), 'facility.drain', { facility: 'jlab' }),
      said(aPerson({ roles: ['viewer'] }), 'processing.suspend'),
      said(aPerson(), 'processing.suspend'),
      said(aPerson({ kind: 'machine', roles: ['admin'] }), 'token.create'),
      said(aPerson({ roles: ['admin'], policies: ['run.read'] }), 'stf.read'),
    ]).toEqual([
      'has the role operator',
      'is not the owner of it, and has only the role user',
      'has the role user, and it is theirs',
      'is no admin of that facility, and has only the role facility-admin',
      'has only the role viewer',
      'has no role',
      'is a token of a machine, and this is for people',
      'is a token that is limited to run.read',
    ]);
  });
});
