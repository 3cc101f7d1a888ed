import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UsageFacts } from '#schema/usage';
import { run } from '../../../clients/cli/program.ts';
import { recordUsage } from '../../../functions/monitoring/record-usage.fn.ts';
import { aDeps } from '../../builders/a-deps.ts';
import { adminToken, anApi, type TestApi } from '../../builders/an-api.ts';

let api: TestApi;
let url: string;
beforeEach(async () => {
  api = await anApi({
    onNote: async (queue, facts) => {
      if (queue === 'record-usage') await recordUsage.run(UsageFacts.parse(facts), deps);
    },
  });
  const deps = aDeps({ store: api.planes.work.store, environment: { PAPILIO_INSTANCE: 'prod' } });
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
  vi.stubEnv('PAPILIO_TOKEN', adminToken);
});
afterEach(() => api[Symbol.asyncDispose]());

const papilio = async (...words: string[]) => {
  let [out, err] = ['', ''];
  const code = await run([...words, '--url', url], {
    out: { isTTY: false, columns: 120, write: (text) => (out += String(text)) },
    err: { write: (text) => (err += String(text)) },
    signal: new AbortController().signal,
  });
  return { out, err, code };
};

/** A program that asks for runs, on so many days. */
const poll = async (client: string, times: number, days = 1) => {
  for (let day = 0; day < days; day++) {
    for (let time = 0; time < times; time++)
      await api.app.inject({ url: '/v1/runs', headers: { 'user-agent': client } });
    await api.clock.advance(days > 1 ? 86_400_000 : 10_000);
  }
};

describe('papilio usage', () => {
  it('shows who asks, the most used first', async () => {
    await poll('rate-plot/2', 1_234);
    await poll('curl/8', 2);
    const { out, code } = await papilio('usage', 'show');
    expect(code).toBe(0);
    expect(out.split('\n').slice(0, 3)).toEqual([
      expect.stringMatching(/^CLIENT +REQUESTS +REFUSED +FAILED +USERS +DAYS +LAST HOUR$/),
      expect.stringMatching(/^rate-plot +1,234 +0 +0 +1 +1 +2026-01-01 00:00:00$/),
      expect.stringMatching(/^curl +2 /),
    ]);
    expect((await papilio('usage', 'show', '--by', 'route', '--client', 'curl', '-o', 'name')).out).toBe(
      'GET /v1/runs\n',
    );
  });

  it('says that nothing was counted, and what is wrong with an option', async () => {
    expect(await papilio('usage', 'show')).toMatchObject({
      code: 0,
      out: '',
      err: 'no use was counted in that time\n',
    });
    expect(await papilio('usage', 'show', '--by', 'weather')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--by route'),
    });
    expect(await papilio('usage', 'show', '--since', 'monday')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--since 2026-'),
    });
  });

  it('shows what should graduate, and why', async () => {
    await poll('rate-plot/2', 60, 5);
    const { out, code } = await papilio('usage', 'graduates', '--until', '2026-01-06T00:00:00Z');
    expect(code).toBe(0);
    expect(out).toMatch(/integration +rate-plot\n/);
    expect(out).toMatch(/would be +served by live events instead of polling\n/);
    expect(out).toContain('✓ used on 5 days (days: 5)');
    expect(out).toContain('– 60 requests on a day of use (requests-a-day: 200)');
  });

  it('says so if nothing should', async () => {
    const { err, out } = await papilio('usage', 'graduates');
    expect([out, err]).toEqual(['', 'no integration is used so much that it should graduate\n']);
  });
});
