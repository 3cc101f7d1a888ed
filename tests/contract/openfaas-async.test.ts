import { describe, expect, test } from 'vitest';
import type { InvocationOutcome } from '../../local/host/runner.ts';
import { aGateway, aKeptLog, postTo as post } from '../builders/a-gateway.ts';
import { aHastyClock } from '../builders/a-hasty-clock.ts';
import { aWebServer } from '../builders/a-web-server.ts';

const full: InvocationOutcome = {
  kind: 'refused',
  refusal: { reason: 'throttled', limit: 'function', retryAfterS: 1 },
};

describe('a call that nobody waits for', () => {
  test('is taken at once and posted when it has ended', async () => {
    const { url } = await aGateway();
    const whenPosted = Promise.withResolvers<void>();
    const listener = await aWebServer((_request, response) => {
      response.end();
      whenPosted.resolve();
    });
    const answer = await post(`${url}/async-function/echo`, '{"n":1}', { 'x-callback-url': `${listener.url}/told` });
    expect([answer.status, await answer.text()]).toEqual([202, '']);
    const callId = answer.headers.get('x-call-id');
    await whenPosted.promise;
    expect(listener.seen).toMatchObject([
      { path: '/told', body: '{"input":{"n":1}}', headers: { 'x-call-id': callId } },
    ]);
  });

  test('that finds no room waits for it', async () => {
    const whenRun = Promise.withResolvers<unknown>();
    const { url, host } = await aGateway({ echo: async (input) => whenRun.resolve(input) }, { clock: aHastyClock() });
    host.refuse(full, full, full);
    expect((await post(`${url}/async-function/echo`, '{"n":1}')).status).toBe(202);
    expect(await whenRun.promise).toEqual({ n: 1 });
  });

  test('whose listener is away for a moment is told again, at most five times', async () => {
    const clock = aHastyClock();
    const { log, whenSaid } = aKeptLog();
    const { url } = await aGateway(undefined, { clock, log });
    const busy = await aWebServer((_request, response) => response.writeHead(503).end());
    await post(`${url}/async-function/echo`, '{}', { 'x-callback-url': busy.url });
    expect(await whenSaid).toMatchObject({
      function: 'echo',
      code: 'plane-unavailable',
      message: 'callback not delivered',
    });
    expect(busy.seen).toHaveLength(5);
    expect(Math.max(...clock.pauses)).toBeLessThanOrEqual(10_000);
  });

  test('whose listener is away is not told again by a gateway that closes', async () => {
    const { log, whenSaid } = aKeptLog();
    const { url, close } = await aGateway(undefined, { clock: aHastyClock(), log });
    const whenClosed = Promise.withResolvers<void>();
    const busy = await aWebServer((_request, response) => {
      whenClosed.resolve(close());
      response.writeHead(503).end();
    });
    await post(`${url}/async-function/echo`, '{}', { 'x-callback-url': busy.url });
    expect(await whenSaid).toMatchObject({ code: 'plane-unavailable', message: 'callback not delivered' });
    await whenClosed.promise;
    expect(busy.seen).toHaveLength(1);
  });

  test('whose listener does not want it is told once', async () => {
    const { log, whenSaid } = aKeptLog();
    const { url } = await aGateway(undefined, { log });
    const gone = await aWebServer((_request, response) => response.writeHead(410).end());
    await post(`${url}/async-function/echo`, '{}', { 'x-callback-url': gone.url });
    expect(await whenSaid).toMatchObject({ code: 'input-invalid', reason: expect.stringContaining('410') });
    expect(gone.seen).toHaveLength(1);
  });

  test.each([
    ['http://127.0.0.1:1/'],
    ['http://169.254.169.254/latest/meta-data/'],
    ['http://[::1]/'],
    ['http://0x7f000001/'],
    ['https://10.0.0.1/'],
    ['file:///etc/passwd'],
    ['gopher://a.example/'],
    ['https://user:secret@a.example/'],
    ['nonsense'],
  ])('is not taken with a callback to %s', async (address) => {
    const { url, host } = await aGateway(undefined, { opened: [] });
    const answer = await post(`${url}/async-function/echo`, '{}', { 'x-callback-url': address });
    expect(answer.status).toBe(400);
    expect(await answer.text()).not.toContain('secret');
    expect(host.seen).toEqual([]);
  });

  test('a name that leads to a private address is not called back, and neither is who is asked without TLS', async () => {
    const listener = await aWebServer();
    const port = listener.port;
    const at = (address: string) => async () => [{ address, family: 4 }];
    for (const [resolve, scheme] of [
      [at('127.0.0.1'), 'https'],
      [at('93.184.216.34'), 'http'],
    ] as const) {
      const { log, whenSaid } = aKeptLog();
      const { url } = await aGateway(undefined, { opened: [], resolve, log });
      await post(`${url}/async-function/echo`, '{}', { 'x-callback-url': `${scheme}://rebound.example:${port}/` });
      expect(await whenSaid).toMatchObject({ code: 'input-invalid', message: 'callback not delivered' });
    }
    expect(listener.seen).toEqual([]);
  });

  test('is refused when those that wait hold 64 MiB', async () => {
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
    const { url } = await aGateway({ echo: () => held });
    const body = JSON.stringify('x'.repeat(2 ** 20 - 2));
    const statuses: number[] = [];
    for (let n = 0; n < 16 + 64 + 2; n += 1)
      statuses.push((await post(`${url}/async-function/echo`, n < 16 ? '{}' : body)).status);
    expect(statuses.filter((status) => status === 202)).toHaveLength(16 + 64);
    expect(statuses.slice(-2)).toEqual([503, 503]);
    letGo();
  });

  test('is refused when a thousand wait, and what runs is let end when the gateway closes', async () => {
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
    const { log, lines } = aKeptLog();
    const { url, host, close } = await aGateway({ echo: () => held }, { log });
    const statuses = await Promise.all(
      Array.from({ length: 1_020 }, async () => (await post(`${url}/async-function/echo`, '{}')).status),
    );
    expect(statuses.filter((status) => status === 202)).toHaveLength(1_016);
    expect(statuses.filter((status) => status === 503)).toHaveLength(4);
    const closed = close();
    letGo();
    await closed;
    expect(host.seen).toHaveLength(16);
    expect(lines).toEqual([{ calls: 1_000, message: 'asynchronous calls never began' }]);
  });
});
