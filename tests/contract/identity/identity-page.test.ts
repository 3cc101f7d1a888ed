import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { policy } from '../../../functions/adapters/identity/policy.ts';
import { Config } from '../../../functions/lib/config.ts';
import { grantedBy } from '../../../functions/lib/model/grant.ts';
import { Role } from '../../../functions/lib/schema/access.ts';
import { RolesFile } from '../../../functions/lib/schema/role-rule.ts';

const page = readFileSync(fileURLToPath(new URL('../../../docs/operators/identity.md', import.meta.url)), 'utf8');
const [, example = ''] = /```json\n([\s\S]+?)```/.exec(page) ?? [];

test('the example of a roles file is one, has every role, and gives what the page says', () => {
  const { rules, refused } = RolesFile.parse(JSON.parse(example));
  expect(new Set(rules.map(({ role }) => role))).toEqual(new Set(Role.options));
  expect(refused).toHaveLength(2);
  const somebody = { issuer: 'https://iam.example.org/', subject: 'anna', scopes: ['compute.read', 'compute.create'] };
  expect(grantedBy(rules, { ...somebody, groups: ['/eic'] }).roles).toEqual(['viewer', 'user']);
  expect(grantedBy(rules, { ...somebody, groups: ['/EIC', '/eic/shift'] }).roles).toEqual(['viewer', 'operator']);
  expect(grantedBy(rules, { ...somebody, scopes: [], groups: ['/eic/sites/bnl'] })).toEqual({
    roles: ['facility-admin'],
    facilities: ['bnl-slurm'],
  });
});

test('the page names every setting of issuers', () => {
  const settings = Object.keys(Config.shape).filter((name) => /_OIDC_|_ROLES_/.test(name));
  expect(settings).toHaveLength(7);
  for (const name of settings) expect(page).toContain(`| \`${name}\` |`);
});

test('the page’s numbers are those by which papilio works', () => {
  const numbers = [
    `${policy.tokenMaxBytes} bytes`,
    `${policy.depthMax} levels`,
    `with ${policy.skewS} s for clocks`,
    `waits ${policy.issuerTimeoutMs / 1_000} s`,
    `reads ${policy.documentMaxBytes / 1_024} KiB and ${policy.keysMax} keys`,
    `every ${policy.keysSoftMs / 1_000} s at most`,
    `refused after ${policy.keysFreshMs / 1_000} s`,
    `for ${policy.keysStaleMs / 1_000} s from when they came`,
    `asks once in ${policy.unknownKeyMs / 1_000} s`,
    `again every ${policy.failedMs / 1_000} s`,
  ];
  for (const number of numbers) expect(page).toContain(number);
});

test('what a refused token is told and the page explains is what papilio says', () => {
  const source = ['oidc', 'claims', 'issuer-keys'].map((name) =>
    readFileSync(fileURLToPath(new URL(`../../../functions/adapters/identity/${name}.ts`, import.meta.url)), 'utf8'),
  );
  const [, table = ''] = /## If a token is refused([\s\S]+)$/.exec(page) ?? [];
  const told = [...table.matchAll(/`(it[^`]+)`/g)].map(([, text = '']) => text.split(' NAME ')[0] ?? '');
  expect(told.length).toBeGreaterThan(5);
  for (const text of told) expect(source.join('\n')).toContain(text);
});
