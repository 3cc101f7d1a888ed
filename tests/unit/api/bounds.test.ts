import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Limits } from '../../../functions/api/limits.ts';
import { Me } from '../../../functions/lib/schema/me.ts';
import { ProblemDetails } from '../../../functions/lib/schema/problem.ts';
import { TokenMade } from '../../../functions/lib/schema/token.ts';
import { type ApiWithPeople, administrator, anApiWithPeople, aPerson } from '../../builders/an-api-with-people.ts';

let api: ApiWithPeople;
let port: number;
const open: Socket[] = [];
const start = async (limits: Partial<Limits>): Promise<void> => {
  api = await anApiWithPeople({ limits: { known: { requests: 1_000_000, windowS: 60 }, ...limits } });
  port = Number(new URL(await api.app.listen({ host: '127.0.0.1', port: 0 })).port);
};
afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy();
  await api[Symbol.asyncDispose]();
});

const waiting = '/v1/commands/prod_command_00000000000000000000000000000000?waitMs=30000';
const host = 'host: 127.0.0.1';
/** A connection on which a request was sent. */
const send = async (head: readonly string[]): Promise<{ readonly socket: Socket; heard: string }> => {
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  open.push(socket);
  const one = { socket, heard: '' };
  socket.setEncoding('latin1').on('data', (text: string) => (one.heard += text));
  await once(socket, 'connect');
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  return one;
};
const wait = (token: string) => send([`GET ${waiting} HTTP/1.1`, host, `authorization: Bearer ${token}`]);
const ask = async (token: string, path = '/v1/me') =>
  fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: `Bearer ${token}` } });
const quotaOf = async (token: string, name: string) =>
  Me.parse((await api.ask(token, { url: '/v1/me' })).json()).quotas?.find((line) => line.name === name);
/** Resolves when so much of a quota is used. */
const used = async (token: string, name: string, amount: number): Promise<void> => {
  while ((await quotaOf(token, name))?.used !== amount) await setImmediate();
};
/** The status of a request on a connection of its own; 0 if it is closed without an answer. */
const statusOn = async (token: string, path: string): Promise<number> => {
  const one = await send([`GET ${path} HTTP/1.1`, host, `authorization: Bearer ${token}`, 'connection: close']);
  if (!one.socket.closed) await once(one.socket, 'close');
  return Number(/^HTTP\/1\.1 (\d+)/.exec(one.heard)?.[1] ?? 0);
};
const mint = (token: string) =>
  api.ask(token, { method: 'POST', url: '/v1/tokens', payload: { name: 'x', why: 'x', roles: ['user'] } });
const bounds = { waiting: 5, bodyBytes: 100_000 };

describe('connections', () => {
  it('are all taken by one viewer’s waiting requests, and an operator is answered 5 of 5 times', async () => {
    await start({ connections: 20, bounds: { known: { ...bounds, waiting: 1_000 }, local: bounds } });
    const viewer = api.know(aPerson({ id: 'viewer@x', roles: ['viewer'] }));
    const operator = api.know(aPerson({ id: 'operator@x', roles: ['operator'] }));
    let answered = 0;
    const attack = async (): Promise<void> => {
      const before = api.clock.timers();
      const { socket } = await wait(viewer);
      while (!socket.closed && api.clock.timers() === before) await setImmediate();
    };
    for (let nth = 0; nth < 20; nth++) await attack();
    for (let nth = 0; nth < 5; nth++) {
      answered += (await statusOn(operator, '/v1/runs')) === 200 ? 1 : 0;
      answered += (await statusOn(operator, '/v1/health')) === 200 ? 1 : 0;
      await attack();
      await attack();
    }
    expect(answered).toBe(10);
  });

  it('of somebody who waits are kept when another takes all that are left', async () => {
    await start({ connections: 20, bounds: { known: { ...bounds, waiting: 1_000 }, local: bounds } });
    const viewer = api.know(aPerson({ id: 'viewer@x', roles: ['viewer'] }));
    const operator = api.know(aPerson({ id: 'operator@x', roles: ['operator'] }));
    const kept = await wait(operator);
    await used(operator, 'waiting', 1);
    for (let nth = 0; nth < 60; nth++) await wait(viewer);
    expect(await statusOn(operator, '/v1/runs')).toBe(200);
    expect(kept.socket.destroyed || kept.socket.readableEnded).toBe(false);
  });
});

describe('waiting requests', () => {
  it('of one principal are bounded, with those of the tokens that it has made, and the refusal says by what', async () => {
    await start({ bounds: { known: bounds, local: bounds } });
    const user = api.know(aPerson({ roles: ['user'] }));
    const { secret = '' } = TokenMade.parse((await mint(user)).json());
    for (let nth = 0; nth < 3; nth++) await wait(user);
    for (let nth = 0; nth < 2; nth++) await wait(secret);
    await used(user, 'waiting', 5);
    for (const token of [user, secret]) {
      const refused = await ask(token, waiting);
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      const problem = ProblemDetails.parse(await refused.json());
      expect(problem).toMatchObject({ code: 'quota-exceeded', retryable: true });
      expect(problem.detail).toContain('waiting requests (waitMs): at most 5 at a time');
    }
    expect((await ask(api.know(aPerson({ id: 'other@x', roles: ['viewer'] })), '/v1/runs')).status).toBe(200);
    await api.clock.advance(30_000);
    await used(user, 'waiting', 0);
  });

  it('are counted until they end, also when their client has left', async () => {
    await start({ bounds: { known: bounds, local: bounds } });
    const user = api.know(aPerson({ roles: ['user'] }));
    const left = await wait(user);
    await used(user, 'waiting', 1);
    left.socket.destroy();
    await once(left.socket, 'close');
    expect(await quotaOf(user, 'waiting')).toMatchObject({ most: 5, used: 1 });
  });
});

describe('bodies', () => {
  it('in work of one principal are bounded in bytes, before they are read, and given back when they end', async () => {
    await start({ bounds: { known: bounds, local: bounds } });
    const user = api.know(aPerson({ roles: ['user'] }));
    const post = ['POST /v1/workflows/test HTTP/1.1', host, 'content-type: application/json'];
    const announce = (bytes: number) => send([...post, `authorization: Bearer ${user}`, `content-length: ${bytes}`]);
    const first = await announce(60_000);
    await used(user, 'bodyBytes', 60_000);
    const second = await announce(60_000);
    await once(second.socket, 'data');
    expect(second.heard).toMatch(/^HTTP\/1\.1 429 /);
    expect(second.heard).toContain('bytes of request bodies: at most 100000 at a time; 60000 are held');
    first.socket.destroy();
    await used(user, 'bodyBytes', 0);
  });
});

describe('tokens of one maker', () => {
  it('are bounded in an hour, and a repeated request is none of them', async () => {
    await start({ tokensMade: { requests: 2, windowS: 3_600 } });
    const user = api.know(aPerson({ roles: ['user'] }));
    const again = { 'idempotency-key': 'one' };
    const once = () =>
      api.ask(user, {
        ...{ method: 'POST', url: '/v1/tokens', headers: again },
        payload: { name: 'x', why: 'x', roles: ['user'] },
      });
    for (let nth = 0; nth < 4; nth++) expect((await once()).statusCode).toBe(200);
    expect((await mint(user)).statusCode).toBe(200);
    const refused = await mint(user);
    expect(refused.statusCode).toBe(429);
    expect(refused.headers['retry-after']).toBe('1800');
    expect(ProblemDetails.parse(refused.json()).detail).toContain('2 in 3600 s');
    expect(await quotaOf(user, 'tokensMade')).toMatchObject({ most: 2, used: 2, windowS: 3_600 });
  });

  it('are bounded in number while they hold; one that is revoked makes room', async () => {
    await start({ tokensAlive: 2 });
    const user = api.know(aPerson({ roles: ['user'] }));
    const { id } = TokenMade.parse((await mint(user)).json());
    await mint(user);
    const refused = await mint(user);
    expect(refused.statusCode).toBe(429);
    expect(ProblemDetails.parse(refused.json())).toMatchObject({ code: 'quota-exceeded' });
    expect(ProblemDetails.parse(refused.json()).detail).toContain('tokens that hold: at most 2');
    expect(await quotaOf(user, 'tokensAlive')).toMatchObject({ most: 2, used: 2 });
    await api.ask(user, { method: 'POST', url: `/v1/tokens/${id}/revoke`, payload: { why: 'x' } });
    expect((await mint(user)).statusCode).toBe(200);
    for (let nth = 0; nth < 4; nth++) expect((await mint(administrator)).statusCode).toBe(200);
  });

  it('share its requests, so that more tokens are no more requests', async () => {
    await start({ known: { requests: 4, windowS: 60 } });
    const user = api.know(aPerson({ roles: ['user'] }));
    const { secret = '' } = TokenMade.parse((await mint(user)).json());
    const codes = [];
    for (let nth = 0; nth < 4; nth++) codes.push((await api.ask(secret, { url: '/v1/runs' })).statusCode);
    expect(codes).toEqual([200, 200, 200, 429]);
    expect((await api.ask(user, { url: '/v1/runs' })).statusCode).toBe(429);
  });
});

it('who shows no token is one principal, and takes nothing from the administrator of the same machine', async () => {
  await start({ connections: 30, bounds: { known: bounds, local: bounds }, local: { requests: 20, windowS: 60 } });
  const codes = [];
  for (let nth = 0; nth < 21; nth++) codes.push((await api.ask(undefined, { url: '/v1/version' })).statusCode);
  expect(codes.filter((code) => code === 429)).toHaveLength(1);
  expect((await api.ask(administrator, { url: '/v1/runs' })).statusCode).toBe(200);
});
