import { describe, expect, test } from 'vitest';
import { createReach } from '../../../../../local/engine/http/reach.ts';
import { Refused, sendRequest, TimedOut, TooLarge, type Wire } from '../../../../../local/engine/http/send-request.ts';
import { aWebServer } from '../../../../builders/a-web-server.ts';
import { fakeClock } from '../../../../builders/fake-clock.ts';

const wireOf = (given: Partial<Wire> = {}): Wire => ({
  ...{ reach: createReach(['127.0.0.1']), clock: fakeClock(), timeoutMs: 60_000, limitBytes: 1000 },
  ...given,
});
const get = (url: string) => ({ url: new URL(url), method: 'GET', headers: {} });
const onLoopback = async () => [{ address: '127.0.0.1', family: 4 }];

describe('a request', () => {
  test.each([
    'http://127.0.0.1:1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://[::1]/',
    'http://[::ffff:7f00:1]/',
  ])('to %s is refused before anything is connected', async (url) => {
    const closed = wireOf({ reach: createReach() });
    await expect(sendRequest(get(url), closed)).rejects.toThrow(Refused);
  });

  test('is refused by the address that a name has now, not by the one that it had before', async () => {
    const { port, seen } = await aWebServer();
    const addresses = ['127.0.0.1', '192.168.0.1'];
    const wire = wireOf({ resolve: async () => [{ address: addresses.shift() ?? '', family: 4 }] });
    expect((await sendRequest(get(`http://rebound.example:${port}/`), wire)).status).toBe(200);
    await expect(sendRequest(get(`http://rebound.example:${port}/`), wire)).rejects.toThrow('192.168.0.1');
    expect(seen).toHaveLength(1);
  });

  test('goes only to those addresses of a host that are allowed', async () => {
    const { port, seen } = await aWebServer();
    const found = [
      { address: '10.255.255.1', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ];
    const answer = await sendRequest(get(`http://two.example:${port}/`), wireOf({ resolve: async () => found }));
    expect(answer.status).toBe(200);
    expect(seen[0]?.headers.host).toBe(`two.example:${port}`);
  });

  test('without TLS goes only to what was opened, where TLS is asked for', async () => {
    const wire = wireOf({
      reach: createReach(),
      isTlsOnly: true,
      resolve: async () => [{ address: '1.1.1.1', family: 4 }],
    });
    await expect(sendRequest(get('http://public.example/'), wire)).rejects.toThrow('without TLS');
  });

  // The kernel refuses a connection to everybody at once, as it does where there is no route.
  test.each(['http', 'https'])(
    'over %s to where no connection can even begin fails, and nothing else does',
    async (scheme) => {
      const nowhere = [{ address: '255.255.255.255', family: 4 }];
      const wire = wireOf({ reach: createReach(['255.255.255.255']), resolve: async () => nowhere });
      await expect(sendRequest(get(`${scheme}://nowhere.example/`), wire)).rejects.toThrow(/connect E/);
    },
  );

  test('does not follow a redirect', async () => {
    const { url, seen } = await aWebServer((_request, response) => {
      response.writeHead(302, { location: 'http://169.254.169.254/latest' });
      response.end();
    });
    expect((await sendRequest(get(url), wireOf())).status).toBe(302);
    expect(seen).toHaveLength(1);
  });

  test('asks no proxy of the environment', async () => {
    const proxy = await aWebServer();
    const { url, seen } = await aWebServer();
    process.env.HTTP_PROXY = proxy.url;
    try {
      await sendRequest(get(url), wireOf());
    } finally {
      delete process.env.HTTP_PROXY;
    }
    expect([seen.length, proxy.seen.length]).toEqual([1, 0]);
  });

  test('ends when its time is over, and when nobody waits any more', async () => {
    const silent = await aWebServer(() => undefined);
    const clock = fakeClock();
    const late = expect(sendRequest(get(silent.url), wireOf({ clock }))).rejects.toThrow(TimedOut);
    await expect.poll(() => silent.seen.length).toBe(1);
    await clock.advance(60_000);
    await late;
    const gone = new AbortController();
    const left = sendRequest(get(silent.url), wireOf({ clock }), gone.signal);
    gone.abort();
    await expect(left).rejects.toThrow('aborted');
    expect(clock.timers()).toBe(0);
  });

  test('reads no more of an answer than it may', async () => {
    const { url } = await aWebServer((_request, response) => response.end('x'.repeat(1001)));
    await expect(sendRequest(get(url), wireOf())).rejects.toThrow(TooLarge);
  });

  test('keeps the names and all values of headers as they came', async () => {
    const { url } = await aWebServer((_request, response) => {
      response.setHeader('X-Two', ['a', 'b']);
      response.end();
    });
    expect((await sendRequest(get(url), wireOf())).headers['X-Two']).toEqual(['a', 'b']);
  });

  test('to a host without an address says so', async () => {
    await expect(sendRequest(get('http://no.example'), wireOf({ resolve: async () => [] }))).rejects.toThrow(
      'no address',
    );
    const wire = wireOf({ reach: createReach(), resolve: onLoopback });
    await expect(sendRequest(get('http://yes.example'), wire)).rejects.toThrow('127.0.0.1');
  });
});
