import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openOidcIdentity } from '../../../functions/adapters/identity/oidc.ts';
import { policy } from '../../../functions/adapters/identity/policy.ts';
import { readConfig } from '../../../functions/lib/config.ts';
import { silentLog } from '../../../functions/lib/log.ts';
import { Can, Me } from '../../../functions/lib/schema/me.ts';
import { ProblemDetails } from '../../../functions/lib/schema/problem.ts';
import { adminToken, anApi } from '../../builders/an-api.ts';
import { anRsaKey, type SigningKey } from '../../builders/an-issuer.ts';
import { anOidcProvider, audience, type OidcProvider } from '../../builders/an-oidc-provider.ts';
import { fakeClock } from '../../builders/fake-clock.ts';

const roles = {
  rules: [
    { scope: 'compute.read', role: 'viewer' },
    { group: '/eic/shift', role: 'operator' },
    { group: '/eic/pilots', scope: 'compute.create', role: 'user' },
  ],
};

let provider: OidcProvider;
let spring: SigningKey;
let summer: SigningKey;
let folder: string;
beforeAll(async () => {
  [spring, summer] = [anRsaKey('spring'), anRsaKey('summer')];
  provider = await anOidcProvider([spring]);
  folder = await mkdtemp(join(tmpdir(), 'papilio-oidc-'));
  await writeFile(join(folder, 'roles.json'), JSON.stringify(roles));
});
afterAll(async () => {
  await provider?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

/** The API on a socket, which trusts the provider as an operator's settings say; its clock is the verifier's. */
const aPapilio = async () => {
  const clock = fakeClock(Date.now());
  const config = readConfig({
    PAPILIO_OIDC_ISSUER: provider.url,
    PAPILIO_OIDC_AUDIENCE: audience,
    PAPILIO_OIDC_ALLOW_LOOPBACK_HTTP: 'true',
    PAPILIO_ROLES_FILE: join(folder, 'roles.json'),
  });
  const identity = await openOidcIdentity({ config, clock, log: silentLog });
  const api = await anApi({ identity: () => identity });
  onTestFinished(() => api[Symbol.asyncDispose]());
  const address = await api.app.listen({ host: '127.0.0.1', port: 0 });
  const show = (token: string, path = '/v1/runs') =>
    fetch(`${address}${path}`, { headers: { authorization: `Bearer ${token}` } });
  return {
    clock,
    show,
    statusOf: async (token: string) => (await show(token)).status,
    me: async (token: string) => Me.parse(await (await show(token, '/v1/me')).json()),
    may: async (token: string, action: string) =>
      Can.parse(await (await show(token, `/v1/me/can?action=${action}`)).json()).isAllowed,
  };
};
/** Starts the provider anew with other keys, until the end of the test. */
const rotate = (...keys: SigningKey[]) => {
  provider.rotate(keys);
  onTestFinished(() => provider.rotate([spring]));
};

test('a pilot that gets its token by client credentials has the roles of its group and scopes', async () => {
  const papilio = await aPapilio();
  const token = await provider.clientCredentials('compute.read compute.create');
  expect(await papilio.statusOf(token)).toBe(200);
  expect(await papilio.me(token)).toMatchObject({
    id: `pilot@${provider.url.replace('http://', '')}`,
    kind: 'oidc',
    roles: ['viewer', 'user'],
    groups: ['/eic/pilots'],
    scopes: ['compute.read', 'compute.create'],
  });
  expect(await papilio.may(token, 'processing.suspend')).toBe(false);
});

test('a pilot whose token has fewer scopes has fewer roles, and with none it may nothing', async () => {
  const papilio = await aPapilio();
  expect((await papilio.me(await provider.clientCredentials('compute.read'))).roles).toEqual(['viewer']);
  const answer = await papilio.show(await provider.clientCredentials('compute.cancel'));
  expect(answer.status).toBe(403);
  expect(ProblemDetails.parse(await answer.json()).code).toBe('role-missing');
});

test('a person who logs in by device code is who approved it in a browser; their ID token is no access token', async () => {
  const papilio = await aPapilio();
  const { accessToken, idToken } = await provider.deviceCode('erika', 'openid compute.read');
  expect(await papilio.me(accessToken)).toMatchObject({
    roles: ['viewer', 'operator'],
    groups: ['/eic', '/eic/shift'],
  });
  expect(await papilio.may(accessToken, 'processing.suspend')).toBe(true);
  const other = await provider.deviceCode('max', 'openid compute.read');
  expect(await papilio.may(other.accessToken, 'processing.suspend')).toBe(false);
  expect(await papilio.statusOf(idToken)).toBe(401);
});

test('a new key is taken within half a minute, and the old one as long as it is published', async () => {
  const papilio = await aPapilio();
  const before = await provider.clientCredentials('compute.read');
  expect(await papilio.statusOf(before)).toBe(200);
  rotate(summer, spring);
  const after = await provider.clientCredentials('compute.read');
  expect(await papilio.statusOf(after)).toBe(401);
  await papilio.clock.advance(policy.unknownKeyMs);
  expect(await papilio.statusOf(after)).toBe(200);
  await papilio.clock.advance(policy.keysFreshMs + 1);
  expect(await papilio.statusOf(before)).toBe(200);
});

test('a revoked key is good for five minutes at most, and its tokens never again', async () => {
  const papilio = await aPapilio();
  const stolen = await provider.clientCredentials('compute.read');
  expect(await papilio.statusOf(stolen)).toBe(200);
  rotate(summer);
  await papilio.clock.advance(policy.keysFreshMs + 1);
  const answer = await papilio.show(stolen);
  expect(answer.status).toBe(401);
  expect(ProblemDetails.parse(await answer.json()).detail).toMatch(/no such key/);
  expect(await papilio.statusOf(await provider.clientCredentials('compute.read'))).toBe(200);
});

test('who is put on the list of the refused is refused a second later, with every token', async () => {
  const papilio = await aPapilio();
  const [one, two] = [
    await provider.clientCredentials('compute.read'),
    await provider.clientCredentials('compute.read'),
  ];
  expect(await papilio.statusOf(one)).toBe(200);
  await writeFile(join(folder, 'roles.json'), JSON.stringify({ ...roles, refused: [{ subject: 'pilot' }] }));
  onTestFinished(() => writeFile(join(folder, 'roles.json'), JSON.stringify(roles)));
  await papilio.clock.advance(policy.rolesLookMs);
  expect([await papilio.statusOf(one), await papilio.statusOf(two)]).toEqual([401, 401]);
  const { accessToken } = await provider.deviceCode('erika', 'openid compute.read');
  expect(await papilio.statusOf(accessToken)).toBe(200);
});

test('while the issuer is down, who was known goes on for an hour', async () => {
  const papilio = await aPapilio();
  const token = await provider.clientCredentials('compute.read');
  expect(await papilio.statusOf(token)).toBe(200);
  await provider.goDown();
  onTestFinished(() => provider.comeUp());
  for (let minute = 5; minute <= 55; minute += 5) {
    await papilio.clock.advance(300_000);
    expect(await papilio.statusOf(token), `minute ${minute}`).toBe(200);
  }
});

test('without keys of an issuer that is down its tokens are told to come again; others notice nothing', async () => {
  const papilio = await aPapilio();
  const token = await provider.clientCredentials('compute.read');
  await provider.goDown();
  const answer = await papilio.show(token);
  expect(answer.status).toBe(503);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(ProblemDetails.parse(await answer.json())).toMatchObject({ code: 'identity-unavailable', retryable: true });
  expect(await papilio.statusOf(adminToken)).toBe(200);
  expect((await papilio.show(token, '/v1/health')).status).toBe(200);
  await provider.comeUp();
  expect(await papilio.statusOf(token)).toBe(503);
  await papilio.clock.advance(policy.failedMs);
  expect(await papilio.statusOf(token)).toBe(200);
});

test('an issuer that is silent is waited for three seconds, once for all; others notice nothing', async () => {
  const papilio = await aPapilio();
  const token = await provider.clientCredentials('compute.read');
  provider.isSilent = true;
  onTestFinished(() => {
    provider.isSilent = false;
  });
  const asked = provider.asked.length;
  const waiting = Promise.all(Array.from({ length: 20 }, () => papilio.statusOf(token)));
  await papilio.clock.whenTimers(1);
  expect(await papilio.statusOf(adminToken)).toBe(200);
  await papilio.clock.advance(policy.issuerTimeoutMs);
  expect(new Set(await waiting)).toEqual(new Set([503]));
  expect(provider.asked.length - asked).toBeLessThanOrEqual(1);
  provider.isSilent = false;
  await papilio.clock.advance(policy.failedMs);
  expect(await papilio.statusOf(token)).toBe(200);
});
