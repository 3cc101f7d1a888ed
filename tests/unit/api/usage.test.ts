import { describe, expect, onTestFinished, test } from 'vitest';
import { UsageFacts } from '#schema/usage';
import { createUsageCounter, productOf } from '../../../functions/api/usage-counter.ts';
import { recordUsage } from '../../../functions/monitoring/record-usage.fn.ts';
import { aDeps } from '../../builders/a-deps.ts';
import { adminToken, anApi } from '../../builders/an-api.ts';

const admin = { authorization: `Bearer ${adminToken}` };

/** The API with a work plane that keeps what it is told of use. */
const aCountingApi = async () => {
  const told: UsageFacts[] = [];
  const api = await anApi({
    onNote: async (queue, facts) => {
      if (queue !== 'record-usage') return;
      const parsed = UsageFacts.parse(facts);
      told.push(parsed);
      await recordUsage.run(parsed, deps);
    },
  });
  const deps = aDeps({ store: api.planes.work.store, environment: { PAPILIO_INSTANCE: 'prod' } });
  onTestFinished(() => api[Symbol.asyncDispose]());
  const ask = (url: string, headers: Record<string, string> = {}) =>
    api.app.inject({ url, headers: { ...admin, ...headers } });
  return { api, ask, told, tell: () => api.clock.advance(10_000) };
};

describe('use of the interface', () => {
  test('is counted by who, client, route and status, and told within ten seconds', async () => {
    const { ask, told, tell } = await aCountingApi();
    await ask('/v1/runs', { 'user-agent': 'rate-plot/2.1 (x86)' });
    await ask('/v1/runs?limit=3', { 'user-agent': 'rate-plot/2.2' });
    await ask('/v1/runs/99', { 'user-agent': 'rate-plot/2.2' });
    await ask('/v1/nowhere', { 'user-agent': '', authorization: 'Bearer wrong' });
    expect(told).toEqual([]);
    await tell();
    const counts = told.flatMap(({ counts: some }) => some);
    expect(counts.map(({ who, client, route, status, requests }) => [who, client, route, status, requests])).toEqual([
      ['admin', 'rate-plot', '/v1/runs', 200, 2],
      ['admin', 'rate-plot', '/v1/runs/:run', 404, 1],
      ['anonymous', 'none', 'none', 404, 1],
    ]);
  });

  test('of who is not known is one line for all that is refused, whatever is tried', async () => {
    const { api, told, tell } = await aCountingApi();
    for (const url of ['/v1/tokens', '/v1/audit', '/v1/usage', '/v1/usage/graduates']) await api.app.inject(url);
    await api.app.inject('/v1/runs');
    await tell();
    const counts = told.flatMap(({ counts: some }) => some);
    expect(counts.map(({ who, route, status, requests }) => [who, route, status, requests])).toEqual([
      ['anonymous', 'none', 401, 4],
      ['anonymous', '/v1/runs', 200, 1],
    ]);
  });

  test('is shown by client, token, person, route and status', async () => {
    const { ask, tell } = await aCountingApi();
    for (let time = 0; time < 3; time++) await ask('/v1/runs', { 'user-agent': 'rate-plot' });
    await ask('/v1/periods', { 'user-agent': 'curl/8' });
    await tell();
    const names = async (by: string) => {
      const lines: { name: string; requests: number }[] = (await ask(`/v1/usage?by=${by}`)).json().items;
      return lines.map(({ name, requests }) => [name, requests]);
    };
    expect(await names('client')).toEqual([
      ['rate-plot', 3],
      ['curl', 1],
    ]);
    expect(await names('route')).toEqual([
      ['GET /v1/runs', 3],
      ['GET /v1/periods', 1],
    ]);
    expect(await names('who')).toEqual([['admin', 4]]);
    expect(await names('token')).toEqual([['none', 4]]);
    expect(await names('status')).toEqual([['200', 4]]);
    expect((await ask('/v1/usage?client=curl')).json().items).toMatchObject([
      { name: 'curl', requests: 1, refused: 0 },
    ]);
    expect((await ask('/v1/usage?who=nobody')).json().items).toEqual([]);
    expect((await ask('/v1/usage?until=2025-12-31T00:00:00Z')).json().items).toEqual([]);
  });

  test('comes page by page, each client once', async () => {
    const { ask, tell } = await aCountingApi();
    for (let client = 0; client < 7; client++) await ask('/v1/health', { 'user-agent': `client-${client}` });
    await tell();
    const found: string[] = [];
    for (let url = '/v1/usage?limit=3'; url !== ''; ) {
      const { items, next } = (await ask(url)).json();
      found.push(...items.map(({ name }: { name: string }) => name));
      url = next === undefined ? '' : `/v1/usage?limit=3&cursor=${next}`;
    }
    expect(found).toEqual(Array.from({ length: 7 }, (_, client) => `client-${client}`));
  });

  test('names what should graduate, with the evidence', async () => {
    const { api, ask, tell } = await aCountingApi();
    for (let day = 0; day < 5; day++) {
      for (let time = 0; time < 60; time++) await ask('/v1/runs', { 'user-agent': 'rate-plot' });
      await api.clock.advance(86_400_000);
    }
    await tell();
    const { items } = (await ask('/v1/usage/graduates')).json();
    expect(items).toMatchObject([{ name: 'rate-plot', requests: 300, route: 'GET /v1/runs', suggests: 'live-events' }]);
    expect(items[0].evidence).toHaveLength(4);
  });

  test('is not for everybody to read', async () => {
    const { api } = await aCountingApi();
    const answer = await api.app.inject({ url: '/v1/usage' });
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'token-missing']);
  });

  test('waits while the work plane is away, and is told once it is back', async () => {
    const { api, ask, told, tell } = await aCountingApi();
    const { work } = api.reports;
    await ask('/v1/health');
    api.reports.work = undefined;
    await tell();
    expect(told).toEqual([]);
    api.reports.work = work;
    await tell();
    expect(told.flatMap(({ counts }) => counts)).toMatchObject([{ route: '/v1/health', requests: 1 }]);
  });

  test('that was told and not acknowledged is told again as the same batch', async () => {
    const batches: string[] = [];
    await using api = await anApi({
      onNote: async (queue, facts) => {
        if (queue !== 'record-usage') return;
        batches.push(UsageFacts.parse(facts).batch);
        if (batches.length === 1) throw new Error('the answer was lost');
      },
    });
    await api.app.inject('/v1/health');
    await api.clock.advance(20_000);
    expect(batches).toHaveLength(2);
    expect(new Set(batches).size).toBe(1);
  });

  test('is told when the front stops', async () => {
    const told: string[] = [];
    const api = await anApi({ onNote: async (queue) => void told.push(queue) });
    await api.app.inject('/v1/health');
    await api[Symbol.asyncDispose]();
    expect(told).toEqual(['record-usage']);
  });
});

describe('the counter', () => {
  const asked = { who: 'ada', client: 'curl', method: 'GET', route: '/v1/runs', status: 200 };

  test('holds a bounded number of lines, whatever programs call themselves, and loses no request', () => {
    const counter = createUsageCounter();
    for (let at = 0; at < 10_000; at++) counter.count({ ...asked, who: `who-${at}`, client: `client-${at}` }, 1);
    const counts = counter.take();
    expect(counts.length).toBeLessThan(2_100);
    expect(new Set(counts.map(({ client }) => client)).size).toBeLessThanOrEqual(301);
    expect(counts.reduce((sum, { requests }) => sum + requests, 0)).toBe(10_000);
    expect(counter.take()).toEqual([]);
  });

  test('keeps the names of known programs, whatever those of strangers are', () => {
    const counter = createUsageCounter();
    for (let at = 0; at < 400; at++) counter.count({ ...asked, who: 'anonymous', client: `client-${at}` }, 1);
    counter.count({ ...asked, client: 'rate-plot' }, 1);
    expect(counter.take().at(-1)).toMatchObject({ who: 'ada', client: 'rate-plot' });
  });

  test('knows each hour its own programs', () => {
    const counter = createUsageCounter();
    for (let at = 0; at < 400; at++) counter.count({ ...asked, client: `client-${at}` }, 1);
    counter.count({ ...asked, client: 'the-next-hour' }, 2);
    expect(counter.take().at(-1)).toMatchObject({ client: 'the-next-hour', hourAt: '1970-01-01T02:00:00.000Z' });
  });

  test.each([
    ['curl/8.1.2', 'curl'],
    ['rate-plot', 'rate-plot'],
    ['Mozilla/5.0 (X11; Linux x86_64)', 'Mozilla'],
    ['', 'none'],
    [undefined, 'none'],
    ['(comment only)', 'none'],
    ['\u0000\n', 'none'],
    ['x'.repeat(500), 'x'.repeat(60)],
  ])('takes the product out of %j', (userAgent, product) => {
    expect(productOf(userAgent)).toBe(product);
  });
});
