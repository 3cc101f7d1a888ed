import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { RolesFile } from '#schema/role-rule';
import { policy } from '../../../functions/adapters/identity/x509/policy.ts';

/** docs/operators/tls-front.md says what the code does. */
const page = readFileSync(new URL('../../../docs/operators/tls-front.md', import.meta.url), 'utf8');
const site = readFileSync(new URL('../../../docs/operators/tls-front.conf', import.meta.url), 'utf8');

test('the roles file on the page can be read', () => {
  const [, json = ''] = /```json\n([\s\S]+?)```/.exec(page) ?? [];
  expect(RolesFile.parse(JSON.parse(json)).rules.map(({ dn }) => dn)).toEqual([
    '/DC=org/DC=papilio/CN=Ada Example',
    'CN=Robot: nightly,OU=Robots,DC=papilio,DC=org',
  ]);
});

test('the numbers on the page are those of the code', () => {
  for (const words of [
    `${policy.certificateMaxBytes} bytes`,
    `at most ${policy.authoritiesMax}`,
    `${policy.skewMs / 1000} s for clocks`,
    `RSA from ${policy.rsaMinBits} bits`,
    `every ${policy.reloadMs / 1000} s`,
    `longer than ${policy.idMax} characters`,
  ])
    expect(page).toContain(words);
});

test('the front hands on as many certificates as papilio takes', () => {
  expect(site.match(/RequestHeader set papilio-client-chain-\d /g)).toHaveLength(policy.chainMax - 1);
});

test('every variable of the site stands on the page', () => {
  const variables = new Set([...site.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name));
  expect(variables.size).toBe(8);
  for (const name of variables) expect(page).toContain(`${name}=`);
});
