import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Principal } from '../../../functions/lib/schema/access.ts';
import { ProblemDetails } from '../../../functions/lib/schema/problem.ts';
import { adminToken, anApi, type TestApi } from '../../builders/an-api.ts';
import { aSignedToken } from '../../builders/an-issuer.ts';
import { audience, aWorld, headerOf, nowS, tokenBy, tokenWith, type World } from './world.ts';

let world: World;
let api: TestApi;
beforeAll(async () => {
  world = await aWorld();
  api = await anApi({ identity: world.identity, limits: { refused: { requests: 1_000_000, windowS: 60 } } });
});
afterAll(async () => {
  await api[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

const show = (token: string | undefined, url = '/v1/runs') =>
  api.app.inject({
    url,
    headers: { host: '127.0.0.1', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
  });
const me = async (token: string) => {
  const answer = await show(token, '/v1/me');
  expect(answer.statusCode, answer.body).toBe(200);
  return Principal.parse(answer.json());
};

describe('a token', () => {
  it('says who asks, where from, in which groups, with which scopes, and until when', async () => {
    const sub = 'e1eb758b-b73c-4761-bfff-adc793da409c';
    expect(await me(tokenWith(world, { name: 'Áine Ní Bhriain' }))).toEqual({
      id: `${sub}@${world.issuer.url.replace('http://', '')}`,
      kind: 'oidc',
      name: 'Áine Ní Bhriain',
      roles: ['viewer'],
      facilities: [],
      groups: ['/eic'],
      scopes: ['compute.read', 'compute.create'],
      issuer: world.issuer.url,
      expiresAt: '2026-01-01T01:00:00.000Z',
    });
  });

  it.each<[string, object, object]>([
    ['of the WLCG profile, without a type', {}, { typ: undefined }],
    ['of the WLCG profile 1.2', { 'wlcg.ver': '1.2' }, { typ: 'JWT' }],
    ['of RFC 9068, whose type is written out', {}, { typ: 'application/at+JWT' }],
    ['of SciTokens 2.0', { 'wlcg.ver': undefined, 'wlcg.groups': undefined, ver: 'scitoken:2.0' }, { typ: 'JWT' }],
    ['of SciTokens 2.0, as older libraries write it', { ver: 'scitokens:2.0' }, { typ: undefined }],
    ['for several services, papilio among them', { aud: ['https://rucio.epic.example', audience] }, {}],
    ['that names nothing but its holder', { nbf: undefined, 'wlcg.groups': [] }, {}],
    ['that names the thumbprint of its certificate', {}, { x5t: 'dGh1bWI' }],
    ['that was exchanged for another', { act: { sub: 'pilot-factory', act: { sub: 'gateway' } } }, {}],
    ['that has just expired, by a clock a minute late', { iat: nowS - 120, nbf: nowS - 120, exp: nowS - 59 }, {}],
    ['that is good in a minute, by a clock a minute early', { nbf: nowS + 60, iat: nowS + 60 }, {}],
    ['made a day ago', { iat: nowS - 86_400, nbf: nowS - 86_400 }, {}],
    ['with an address as its subject', { sub: 'http://cilogon.org/serverA/users/12345' }, {}],
    ['with one entitlement as a text', { eduperson_entitlement: 'urn:mace:egi.eu:group:eic:role=member#aai' }, {}],
  ])('%s is good', async (_what, claims, header) => {
    const answer = await show(tokenWith(world, claims, header));
    expect(answer.statusCode, answer.body).toBe(200);
  });

  it('that holds for two days is the longest', async () => {
    expect((await show(tokenWith(world, { iat: nowS, nbf: nowS, exp: nowS + 172_800 }))).statusCode).toBe(200);
  });

  it('that is signed with P-256 is as good', async () => {
    expect((await show(tokenBy(world, world.ec))).statusCode).toBe(200);
  });

  it('with a name that cannot be shown is good, and the name is left out', async () => {
    for (const name of ['Alice\u202e', 'a\nb', '', 'x'.repeat(201), 7, ['Alice']]) {
      expect(await me(tokenWith(world, { name }))).not.toHaveProperty('name');
      expect(await me(tokenWith(world, { name, preferred_username: 'alice' }))).toMatchObject({ name: 'alice' });
    }
  });
});

describe('who has a good token', () => {
  const producer = { 'wlcg.groups': ['/eic', '/eic/production'], scope: '' };

  it('has the role that the roles file gives to one of their groups', async () => {
    expect((await me(tokenWith(world, producer))).roles).toEqual(['production-manager']);
    expect((await show(tokenWith(world, producer))).statusCode).toBe(200);
  });

  it.each([
    '/eicx/production',
    '/eic/productions',
    '/eic/production/sub',
    '/EIC/production',
    '/eic-production',
    '/eic',
  ])('and is in %s instead of the group that is named may nothing', async (group) => {
    const answer = await show(tokenWith(world, { scope: '', 'wlcg.groups': [group] }));
    expect(answer.statusCode).toBe(403);
    expect(ProblemDetails.parse(answer.json()).code).toBe('role-missing');
  });

  it('and a scope that only begins as the one that is named may nothing', async () => {
    for (const scope of ['compute.read:/', 'compute.readonly', 'compute', 'Compute.Read', 'compute.rea'])
      expect((await show(tokenWith(world, { scope, 'wlcg.groups': [] }))).statusCode, scope).toBe(403);
  });

  it('from another issuer is not in the first one’s groups', async () => {
    const claims = { ...world.claims, ...producer, iss: world.neighbour.url };
    const token = aSignedToken(world.neighbours, headerOf(world.neighbours), claims);
    expect(await me(token)).toMatchObject({ roles: [], groups: ['/eic', '/eic/production'] });
  });

  it('is nobody else’s namesake: the issuer is part of the name', async () => {
    const mine = await me(tokenWith(world));
    const theirs = await me(
      aSignedToken(world.neighbours, headerOf(world.neighbours), { ...world.claims, iss: world.neighbour.url }),
    );
    expect(theirs.id).not.toBe(mine.id);
    expect(theirs.id.split('@')[0]).toBe(mine.id.split('@')[0]);
  });
});

describe('where the operator allows more', () => {
  const wider = (changes: Parameters<World['identity']>[1]) =>
    anApi({ identity: (clock) => world.identity(clock, changes) });
  const showTo = (at: TestApi, token: string) =>
    at.app.inject({ url: '/v1/me', headers: { host: '127.0.0.1', authorization: `Bearer ${token}` } });

  it('a token for ten years ends a day after it was made, and so does what is open by it', async () => {
    await using at = await wider({ maxLifetimeS: 400_000_000 });
    const answer = await showTo(at, tokenWith(world, { exp: nowS + 315_360_000 }));
    expect(Principal.parse(answer.json()).expiresAt).toBe('2026-01-01T23:59:30.000Z');
  });

  it.each<[string, object, object]>([
    ['of RFC 9068, without any word of WLCG', { 'wlcg.ver': undefined, 'wlcg.groups': undefined }, {}],
    ['of Keycloak', { 'wlcg.ver': undefined, typ: 'Bearer', azp: 'cli', acr: '1', groups: ['/eic'] }, { typ: 'JWT' }],
  ])('a token %s is good', async (_what, claims, header) => {
    await using at = await wider({ isProfileFree: true });
    const answer = await showTo(at, tokenWith(world, claims, header));
    expect(answer.statusCode, answer.body).toBe(200);
  });
});

describe('once issuers are trusted', () => {
  it('who shows no token is nobody, on this machine too', async () => {
    const answer = await show(undefined);
    expect(answer.statusCode).toBe(401);
    expect(ProblemDetails.parse(answer.json()).code).toBe('token-missing');
  });

  it('the administrator’s token goes on to do', async () => {
    expect((await show(adminToken)).statusCode).toBe(200);
  });

  it('what is open to all stays so, whatever token comes with it', async () => {
    for (const token of [undefined, 'a.b.c', tokenWith(world, { exp: 0 })])
      expect((await show(token, '/v1/health')).statusCode).toBe(200);
  });
});

describe('whatever text is shown as a token', () => {
  const alphabet = fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.');

  it('that differs from a good token in one place is refused', async () => {
    const good = tokenBy(world, world.ec);
    expect((await show(good)).statusCode).toBe(200);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: good.length - 1 }), alphabet, async (at, letter) => {
        fc.pre(good[at] !== letter);
        const answer = await show(good.slice(0, at) + letter + good.slice(at + 1));
        expect(answer.statusCode, answer.body).toBe(401);
      }),
      { numRuns: 500 },
    );
  });

  it('and is made of random claims, well signed, is refused or good, and never a fault of ours', async () => {
    const claim = fc.constantFrom(...Object.keys(world.claims), 'groups', 'ver', 'act', 'cnf');
    await fc.assert(
      fc.asyncProperty(fc.dictionary(claim, fc.jsonValue({ maxDepth: 3 }), { minKeys: 1 }), async (claims) => {
        const answer = await show(tokenWith(world, claims));
        expect([200, 401, 403], answer.body).toContain(answer.statusCode);
      }),
      { numRuns: 300 },
    );
  });

  it('of random bytes in three parts is refused', async () => {
    const part = fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('base64url'));
    await fc.assert(
      fc.asyncProperty(part, part, part, async (...three) => {
        expect((await show(three.join('.'))).statusCode).toBe(401);
      }),
      { numRuns: 300 },
    );
  });
});
