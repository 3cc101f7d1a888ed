import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ProblemDetails } from '#schema/problem';
import { TokenMade, TokenPage, TokenView } from '#schema/token';
import { tokens } from '../../functions/lib/records.ts';
import type { Role } from '../../functions/lib/schema/access.ts';
import { type ApiWithPeople, administrator, anApiWithPeople, aPerson } from '../builders/an-api-with-people.ts';

let api: ApiWithPeople;
let anna: string;
beforeEach(async () => {
  api = await anApiWithPeople();
  anna = api.know(aPerson({ roles: ['user', 'operator'] }));
});
afterEach(() => api[Symbol.asyncDispose]());

const wish = { name: 'the shift’s dashboard', why: 'it shows the lag' };
const create = (payload: object, token: string | undefined = anna, key?: string) =>
  api.ask(token, {
    method: 'POST',
    url: '/v1/tokens',
    payload: { ...wish, ...payload },
    headers: key === undefined ? {} : { 'idempotency-key': key },
  });
const made = async (payload: object, token?: string) => {
  const answer = await create(payload, token);
  expect(answer.statusCode, answer.body).toBe(200);
  const { id, secret = '' } = TokenMade.parse(answer.json());
  return { id, secret };
};
const revoke = (id: string, token: string | undefined) =>
  api.ask(token, { method: 'POST', url: `/v1/tokens/${id}/revoke`, payload: { why: 'the machine is gone' } });
const status = async (token: string | undefined, url = '/v1/runs') => (await api.ask(token, { url })).statusCode;
const problemOf = (answer: { json: () => unknown }) => ProblemDetails.parse(answer.json());

describe('a token of a machine', () => {
  it('is shown once, and lets the machine do what its maker gave it', async () => {
    const { id, secret } = await made({ roles: ['user'] });
    expect(secret).toMatch(/^papilio_[0-9a-f]{16}_[0-9A-Za-z]{49}$/);
    expect(await status(secret)).toBe(200);
    const shown = [await api.ask(anna, { url: `/v1/tokens/${id}` }), await api.ask(anna, { url: '/v1/tokens' })];
    for (const { body, statusCode } of shown) {
      expect(statusCode).toBe(200);
      expect(body).not.toMatch(/hash|papilio_/);
    }
    expect(TokenView.parse(shown[0]?.json())).toMatchObject({
      ...{ id, name: wish.name, owner: 'anna@issuer.example', roles: ['user'], state: 'active' },
      expiresAt: '2026-04-01T00:00:00.000Z',
    });
  });

  it('is kept as a hash: its text is in no record, event, command and log', async () => {
    const { id, secret } = await made({ roles: ['user'] });
    const kept = JSON.stringify([
      await tokens.get(api.planes.work.store, id),
      await api.planes.work.log.read(0, 100),
      api.sent,
      [...api.noted],
    ]);
    expect(kept).toContain(id);
    expect(kept).not.toContain(secret.slice(-49, -6));
  });

  it('holds until its time is over, and not a millisecond longer', async () => {
    const { secret } = await made({ roles: ['user'], days: 2 });
    await api.clock.advance(2 * 86_400_000 - 1);
    expect(await status(secret)).toBe(200);
    await api.clock.advance(1);
    expect(await status(secret)).toBe(401);
  });

  it('that is revoked is refused at the very next request, and says when it ended', async () => {
    const { id, secret } = await made({ roles: ['user'] });
    expect(await status(secret)).toBe(200);
    expect((await revoke(id, anna)).statusCode).toBe(200);
    const answer = await api.ask(secret, { url: '/v1/runs' });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toContain('invalid_token');
    expect(problemOf(answer).detail).toContain('was revoked at 2026-01-01');
    expect(TokenView.parse((await api.ask(anna, { url: `/v1/tokens/${id}` })).json())).toMatchObject({
      ...{ state: 'revoked', revokedBy: 'anna@issuer.example' },
    });
  });

  it('that is revoked twice stays as it ended first', async () => {
    const { id } = await made({ roles: ['user'] });
    await revoke(id, anna);
    await api.clock.advance(5_000);
    expect((await revoke(id, anna)).statusCode).toBe(200);
    expect((await tokens.get(api.planes.work.store, id))?.doc.revokedAt).toBe('2026-01-01T00:00:00.000Z');
    expect((await api.planes.work.log.read(0, 100)).map(({ type }) => type)).toEqual([
      ...['token.created', 'command.done', 'token.revoked', 'command.done', 'command.done'],
    ]);
  });

  it('does not make or end tokens, whatever roles it has', async () => {
    const { id, secret } = await made({ roles: ['admin'] }, administrator);
    const answers = [await create({ roles: ['user'] }, secret), await revoke(id, secret)];
    for (const answer of answers) {
      expect(answer.statusCode).toBe(403);
      expect(problemOf(answer)).toMatchObject({ code: 'role-missing', detail: expect.stringContaining('for people') });
    }
  });

  it('that is limited to policies may those and no others, though its roles may', async () => {
    const { secret } = await made({ policies: ['run.read', 'stf.read'] });
    expect([await status(secret), await status(secret, '/v1/jobs?run=1')]).toEqual([200, 403]);
    expect(await status(secret, '/v1/me')).toBe(200);
  });

  it('shows when it was last seen, to the minute', async () => {
    const { id, secret } = await made({ roles: ['user'] });
    const seen = async () => TokenView.parse((await api.ask(anna, { url: `/v1/tokens/${id}` })).json()).lastUsedAt;
    expect(await seen()).toBeUndefined();
    await api.clock.advance(90_000);
    await status(secret);
    expect(await seen()).toBe('2026-01-01T00:01:00.000Z');
  });
});

describe('who makes a token', () => {
  it.each<[string, Role[], object]>([
    ['a role that they do not have', ['user'], { roles: ['admin'] }],
    ['one of theirs and one that is not', ['user'], { roles: ['user', 'expert'] }],
    ['a facility that is not theirs', ['facility-admin'], { roles: ['facility-admin'], facilities: ['jlab'] }],
    ['a policy that their roles do not have', ['user'], { policies: ['processing.suspend'] }],
    ['a policy that there is not', ['admin'], { policies: ['everything.do'] }],
    ['a policy by the name of what every object has', ['admin'], { policies: ['toString'] }],
    ['neither roles nor policies', ['admin'], {}],
  ])('gives it no more than they have: not %s', async (_, roles, payload) => {
    const answer = await create(payload, api.know(aPerson({ roles, facilities: ['bnl'] })));
    expect([answer.statusCode, problemOf(answer).code]).toEqual([403, 'token-excessive']);
    expect(api.sent).toEqual([]);
  });

  it.each([
    [{ roles: [] }],
    [{ roles: ['root'] }],
    [{ roles: ['user'], days: 367 }],
    [{ roles: ['user'], days: 0 }],
    [{ roles: ['user'], name: ' ' }],
    [{ roles: ['user'], name: '\u001f\ufeff' }],
    [{ roles: ['user'], why: '' }],
    [{ roles: ['user'], owner: 'bob@issuer.example' }],
    [{ roles: ['user'], hashSha256: '0'.repeat(64) }],
  ])('is told that %j is no wish', async (payload) => {
    expect((await create(payload)).statusCode).toBe(422);
  });

  it('is not a viewer, nor somebody without a role or a token', async () => {
    const [viewer, nobody] = [api.know(aPerson({ roles: ['viewer'] })), api.know(aPerson())];
    const codes = [];
    for (const token of [viewer, nobody]) codes.push((await create({ roles: ['viewer'] }, token)).statusCode);
    codes.push(
      (await api.app.inject({ method: 'POST', url: '/v1/tokens', headers: { host: 'localhost' } })).statusCode,
    );
    expect(codes).toEqual([403, 403, 401]);
  });

  it('gets one token for one key, and sees it once', async () => {
    const first = TokenMade.parse((await create({ roles: ['user'] }, anna, 'k1')).json());
    const second = TokenMade.parse((await create({ roles: ['user'] }, anna, 'k1')).json());
    expect(second).toEqual({ ...first, secret: undefined });
    expect(await status(first.secret)).toBe(200);
    const other = await create({ roles: ['operator'] }, anna, 'k1');
    expect([other.statusCode, problemOf(other).code]).toEqual([422, 'key-reused']);
  });

  it('has keys of their own: nobody meets what another has asked for', async () => {
    const bob = api.know(aPerson({ id: 'bob@issuer.example', roles: ['user'] }));
    const mine = TokenMade.parse((await create({ roles: ['user'] }, anna, 'k1')).json());
    const theirs = TokenMade.parse((await create({ roles: ['user'] }, bob, 'k1')).json());
    expect(theirs.id).not.toBe(mine.id);
    expect(theirs.secret).toBeDefined();
  });

  it('sees and ends their own, others none of them, an admin all', async () => {
    const bob = api.know(aPerson({ id: 'bob@issuer.example', roles: ['operator'] }));
    const [{ id }, hers] = [await made({ roles: ['user'] }), await made({ roles: ['operator'] }, bob)];
    const idsFor = async (token: string, query = '') =>
      TokenPage.parse((await api.ask(token, { url: `/v1/tokens${query}` })).json()).items.map((one) => one.id);
    expect(await idsFor(anna)).toEqual([id]);
    expect(await idsFor(bob)).toEqual([hers.id]);
    expect((await idsFor(administrator)).toSorted()).toEqual([id, hers.id].toSorted());
    expect(await idsFor(administrator, '?owner=bob@issuer.example')).toEqual([hers.id]);
    expect(await status(bob, '/v1/tokens?owner=anna@issuer.example')).toBe(403);
    expect(await status(bob, `/v1/tokens/${id}`)).toBe(403);
    expect((await revoke(id, bob)).statusCode).toBe(403);
    expect((await revoke(id, administrator)).statusCode).toBe(200);
    expect(await status(hers.secret, `/v1/tokens/${hers.id}`)).toBe(200);
  });
});

describe('what is no token of ours', () => {
  it.each<[string, (secret: string) => string]>([
    ['a character is another', (secret) => secret.replace(/.(?=.{20}$)/, (one) => (one === 'a' ? 'b' : 'a'))],
    ['the checksum is missing', (secret) => secret.slice(0, -6)],
    ['the prefix is in capitals', (secret) => secret.replace('papilio', 'PAPILIO')],
    ['something stands behind it', (secret) => `${secret}A`],
    ['the id is another’s', (secret) => secret.replace(/_[0-9a-f]{16}_/, '_0123456789abcdef_')],
  ])('is refused: %s', async (_, spoil) => {
    const { secret } = await made({ roles: ['user'] });
    expect(await status(spoil(secret))).toBe(401);
    expect(await status(secret)).toBe(200);
  });
});
