import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultRules, type Facts, grantedBy, isRefused } from '../../../../functions/lib/model/grant.ts';
import { Role } from '../../../../functions/lib/schema/access.ts';
import { RoleRule } from '../../../../functions/lib/schema/role-rule.ts';

const names = fc.constantFrom('a', 'b', '/eic', '/eic/production', '/eicx/production', 'compute.read');
const somebody: fc.Arbitrary<Facts> = fc.oneof(
  fc.record({
    issuer: names,
    subject: names,
    groups: fc.array(names, { maxLength: 3 }),
    scopes: fc.array(names, { maxLength: 3 }),
  }),
  fc.record({ dn: names }),
);
const maybe = fc.option(names, { nil: undefined });
const rule: fc.Arbitrary<RoleRule> = fc
  .record({
    issuer: maybe,
    subject: maybe,
    group: maybe,
    scope: maybe,
    dn: maybe,
    role: fc.constantFrom(...Role.options),
    facilities: fc.option(fc.array(names, { minLength: 1, maxLength: 2 }), { nil: undefined }),
  })
  .map((row) => RoleRule.safeParse(JSON.parse(JSON.stringify(row))).data)
  .filter((row) => row !== undefined);
const rules = fc.array(rule, { maxLength: 6 });

const alice = { issuer: 'https://iam.example.org', subject: 'alice', groups: [], scopes: [] };
const inGroups = (...groups: string[]) => ({ ...alice, groups });

describe('what rules give', () => {
  it('is nothing to whom no rule names', () => {
    fc.assert(
      fc.property(somebody, (facts) => {
        expect(grantedBy([], facts)).toEqual({ roles: [], facilities: [] });
      }),
    );
    expect(grantedBy(defaultRules, inGroups('/eic', '/eic/admins'))).toEqual({ roles: [], facilities: [] });
  });

  it('adds up: a row more takes nothing away, whatever the order', () => {
    fc.assert(
      fc.property(rules, rule, somebody, (before, more, facts) => {
        const less = grantedBy(before, facts);
        const all = grantedBy([more, ...before], facts);
        expect(all.roles).toEqual(expect.arrayContaining(less.roles));
        expect(all.facilities).toEqual(expect.arrayContaining(less.facilities));
        const turned = grantedBy([...before, more].reverse(), facts);
        expect(turned.roles).toEqual(all.roles);
        expect(turned.facilities.toSorted()).toEqual(all.facilities.toSorted());
      }),
    );
  });

  it('comes from rows that somebody meets in all they name, and from no other', () => {
    fc.assert(
      fc.property(rules, somebody, (rows, facts) => {
        const met = rows.filter(({ dn, issuer, subject, group, scope }) =>
          'dn' in facts
            ? dn === facts.dn
            : dn === undefined &&
              [undefined, facts.issuer].includes(issuer) &&
              [undefined, facts.subject].includes(subject) &&
              [undefined, ...facts.groups].includes(group) &&
              [undefined, ...facts.scopes].includes(scope),
        );
        const { roles } = grantedBy(rows, facts);
        expect(new Set(roles)).toEqual(new Set(met.map(({ role }) => role)));
        expect(roles).toEqual(Role.options.filter((role) => roles.includes(role)));
      }),
    );
  });

  it.each(['/eic', '/eicx/production', '/eic/productions', '/eic/production/sub', '/EIC/production', 'eic/production'])(
    'is not for the group %s what it is for /eic/production',
    (group) => {
      const rows: RoleRule[] = [{ group: '/eic/production', role: 'production-manager' }];
      expect(grantedBy(rows, inGroups('/eic/production')).roles).toEqual(['production-manager']);
      expect(grantedBy(rows, inGroups(group)).roles).toEqual([]);
    },
  );

  it('to a group of one issuer is not given to a group of that name elsewhere', () => {
    const rows: RoleRule[] = [{ issuer: 'https://iam.example.org', group: '/eic/production', role: 'admin' }];
    expect(grantedBy(rows, inGroups('/eic/production')).roles).toEqual(['admin']);
    expect(grantedBy(rows, { ...inGroups('/eic/production'), issuer: 'https://evil.example' }).roles).toEqual([]);
  });

  it('to a certificate is not given to a token whose subject is the certificate’s name', () => {
    const rows: RoleRule[] = [
      { dn: 'CN=Alice', role: 'operator' },
      { subject: 'CN=Alice', role: 'user' },
    ];
    expect(grantedBy(rows, { dn: 'CN=Alice' }).roles).toEqual(['operator']);
    expect(grantedBy(rows, { ...alice, subject: 'CN=Alice' }).roles).toEqual(['user']);
  });
});

describe('what is refused', () => {
  const token = { issuer: 'https://iam.example.org', subject: 'alice', jti: 'one' };

  it('is a person of one issuer, or a token, and nobody else', () => {
    expect(isRefused([], token)).toBe(false);
    expect(isRefused([{ subject: 'alice' }], token)).toBe(true);
    expect(isRefused([{ subject: 'Alice' }, { subject: 'alic' }, { subject: '' }], token)).toBe(false);
    expect(isRefused([{ jti: 'one' }], { ...token, subject: 'bob' })).toBe(true);
    expect(isRefused([{ jti: 'one' }], { ...token, jti: undefined })).toBe(false);
    expect(isRefused([{ subject: 'alice', issuer: 'https://cilogon.org/eic' }], token)).toBe(false);
    expect(isRefused([{ subject: 'alice', jti: 'two' }], token)).toBe(false);
    expect(isRefused([{ dn: 'CN=alice' }], token)).toBe(false);
  });
});
