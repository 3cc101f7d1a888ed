import { describe, expect, it } from 'vitest';
import { ProblemDetails } from '#schema/problem';
import { clientAddress } from '../../../functions/api/connections.ts';
import { adminToken, anApi } from '../../builders/an-api.ts';

const host = '127.0.0.1';
const three = { requests: 3, windowS: 60 };
type Api = Awaited<ReturnType<typeof anApi>>;

const ask = (api: Api, remoteAddress = '127.0.0.1', headers: Readonly<Record<string, string>> = {}) =>
  api.app.inject({ url: '/v1/version', remoteAddress, headers: { host, ...headers } });

describe('who asks too often', () => {
  it('is told how much is left, then when to come again, and is answered then', async () => {
    await using api = await anApi({ limits: { local: three } });
    const answers = [await ask(api), await ask(api), await ask(api), await ask(api)];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200, 429]);
    expect(answers.map(({ headers }) => headers.ratelimit)).toEqual([
      '"local";r=2;t=20',
      '"local";r=1;t=40',
      '"local";r=0;t=60',
      '"local";r=0;t=60',
    ]);
    expect(answers[3]?.headers).toMatchObject({ 'retry-after': '20', 'ratelimit-policy': '"local";q=3;w=60' });
    expect(ProblemDetails.parse(answers[3]?.json())).toMatchObject({ code: 'rate-exceeded', retryable: true });
    await api.clock.advance(20_000);
    expect((await ask(api)).statusCode).toBe(200);
  });

  it('is one address, beyond this machine: others are answered', async () => {
    await using api = await anApi({ limits: { unknown: three } });
    for (let nth = 0; nth < 4; nth++) await ask(api, '192.0.2.1');
    expect((await ask(api, '192.0.2.1')).statusCode).toBe(429);
    expect((await ask(api, '192.0.2.2')).statusCode).toBe(200);
    expect((await ask(api)).statusCode).toBe(200);
  });

  it('gets no further by asking for what is not there', async () => {
    await using api = await anApi({ limits: { local: three } });
    const codes = [];
    for (let nth = 0; nth < 5; nth++)
      codes.push((await api.app.inject({ url: `/v1/coffee/${nth}`, headers: { host } })).statusCode);
    expect(codes).toEqual([404, 404, 404, 429, 429]);
  });

  it('gets no further by another address of the same network of IPv6', async () => {
    await using api = await anApi({ limits: { unknown: three } });
    for (let nth = 1; nth < 5; nth++) await ask(api, `2001:db8:0:1::${nth}`);
    expect((await ask(api, '2001:db8:0:1:ffff::9')).statusCode).toBe(429);
    expect((await ask(api, '2001:db8:0:2::1')).statusCode).toBe(200);
  });
});

describe('who shows tokens that are refused', () => {
  it('is told the reason each time, at last with when to come again, and a good token from there is taken', async () => {
    await using api = await anApi({ limits: { refused: three } });
    const show = (token: string) =>
      api.app.inject({ url: '/v1/runs', headers: { host, authorization: `Bearer ${token}` } });
    const answers = [];
    for (let nth = 0; nth < 5; nth++) answers.push(await show(`guess${nth}`));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([401, 401, 401, 401, 401]);
    expect(answers.map(({ headers }) => headers['retry-after'])).toEqual([undefined, undefined, undefined, '20', '20']);
    for (const answer of answers)
      expect(ProblemDetails.parse(answer.json())).toMatchObject({
        ...{ code: 'token-refused', detail: expect.stringContaining('neither the one in admin.token') },
      });
    expect((await show(adminToken)).statusCode).toBe(200);
  });
});

it.each([
  ['127.0.0.1', '127.0.0.1'],
  ['::ffff:192.0.2.1', '::ffff:192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['2001:db8:0:0:1::', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
])('%s is counted as %s', (address, client) => expect(clientAddress(address)).toBe(client));
