import { afterAll, beforeAll, expect, it } from 'vitest';
import { policyNames } from '../../functions/access/policies.ts';
import { facilities, tokens } from '../../functions/lib/records.ts';
import { Can, Me } from '../../functions/lib/schema/me.ts';
import { aFacility } from '../builders/a-job.ts';
import { aToken } from '../builders/a-machine-token.ts';
import { anApi } from '../builders/an-api.ts';
import { type ApiWithPeople, administrator, anApiWithPeople, aPerson } from '../builders/an-api-with-people.ts';

const token = aToken({ owner: 'olga@issuer.example' });
let api: ApiWithPeople;
beforeAll(async () => {
  api = await anApiWithPeople();
  const site = aFacility('bnl', { id: 'prod_facility_bnl' });
  const writes = [facilities.put(site.id, site, 0), tokens.put(token.id, token, 0)];
  await api.planes.work.store.transact({ writes, events: [] });
});
afterAll(() => api[Symbol.asyncDispose]());

const me = async (shown: string) => Me.parse((await api.ask(shown, { url: '/v1/me' })).json());
const can = async (shown: string, action: string, on?: string) =>
  Can.parse(
    (await api.ask(shown, { url: `/v1/me/can?action=${action}${on === undefined ? '' : `&on=${on}`}` })).json(),
  );

it('everybody who is known is told who papilio takes them for, how it knows, and what they may do', async () => {
  const expert = await me(api.know(aPerson({ roles: ['expert'], name: 'Anna', groups: ['/epic/daq'] })));
  expect(expert).toMatchObject({
    ...{ id: 'anna@issuer.example', kind: 'oidc', name: 'Anna', roles: ['expert'], groups: ['/epic/daq'] },
    from: 'a token of the issuer https://issuer.example',
  });
  expect(expert.may).toEqual(expect.arrayContaining(['run.read', 'processing.suspend']));
  expect(expert.may).not.toContain('audit.read');
  expect(await me(administrator)).toMatchObject({ id: 'admin', roles: ['admin'], may: [...policyNames] });
  const nothing = await me(api.know(aPerson({ id: 'new@issuer.example' })));
  expect(nothing.may).toEqual(expect.arrayContaining(['health.read', 'me.read']));
  expect(nothing.may).toHaveLength(5);
});

it('on a front that only this machine reaches, who shows no token is a viewer', async () => {
  await using local = await anApi();
  const answer = await local.app.inject({ url: '/v1/me', headers: { host: 'localhost' } });
  expect(Me.parse(answer.json())).toMatchObject({ id: 'anonymous', roles: ['viewer'], from: 'no token was shown' });
});

it.each([
  ['an issuer is known', { identity: { verify: async () => aPerson() } }],
  ['a TLS front stands before it', { tlsFront: { isFront: async () => false } }],
  ['others reach it', { isLoopbackOnly: false }],
])('without a token nobody reads anything once %s, but for what is open', async (_, around) => {
  await using shut = await anApi({ around });
  const status = async (url: string) => (await shut.app.inject({ url, headers: { host: 'localhost' } })).statusCode;
  for (const url of ['/v1/me', '/v1/runs', '/v1/status', '/v1/events', '/v1/me/can?action=run.read'])
    expect(await status(url)).toBe(401);
  for (const url of ['/v1/version', '/v1/health', '/v1/openapi.json', '/v1/errors/bug', '/v1'])
    expect(await status(url)).toBe(200);
});

it('who asks whether they may is told why not, and what would change it', async () => {
  const user = api.know(aPerson({ roles: ['user'] }));
  expect(await can(user, 'processing.suspend')).toEqual({
    ...{ action: 'processing.suspend', isAllowed: false, roles: ['expert', 'operator', 'admin'], ownRoles: [] },
    because: 'anna@issuer.example may not hold processing: has only the role user',
    change: 'to be given one of expert, operator, admin',
  });
  const admin = api.know(aPerson({ roles: ['facility-admin'], facilities: ['bnl'] }));
  expect(await can(admin, 'facility.drain', 'bnl')).toMatchObject({ on: 'bnl', isAllowed: true });
  const elsewhere = api.know(aPerson({ roles: ['facility-admin'], facilities: ['jlab'] }));
  expect(await can(elsewhere, 'facility.drain', 'bnl')).toMatchObject({
    isAllowed: false,
    because: expect.stringContaining('is no admin of that facility'),
    change: 'to be given one of operator, production-manager, admin, or for what is theirs facility-admin',
  });
  expect(await can(api.know(aPerson({ id: token.owner, roles: ['user'] })), 'token.revoke', token.id)).toMatchObject({
    isAllowed: true,
  });
});

it.each([
  ['no action', '/v1/me/can', 422],
  ['one that there is not', '/v1/me/can?action=all.do', 404],
  ['one by the name of what every object has', '/v1/me/can?action=constructor', 404],
  ['a thing that there is not', '/v1/me/can?action=token.revoke&on=prod_token_none', 404],
  ['a thing that is none', '/v1/me/can?action=token.revoke&on=..%2F..%2Fetc', 422],
])('who asks about %s is told so', async (_, url, status) => {
  const user = api.know(aPerson({ roles: ['user'] }));
  expect((await api.ask(user, { url })).statusCode).toBe(status);
});
