import { connect } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { InvocationOutcome } from '../../local/host/runner.ts';
import { aGateway, asAdministrator, postTo as post } from '../builders/a-gateway.ts';

/** Sends bytes as they are, as no decent client would, and gives what came back. */
const sendRaw = (url: string, bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => socket.end(Buffer.from(bytes, 'latin1')));
    socket.on('error', reject);
    textOf(socket).then(resolve, reject);
  });

const refusal = (outcome: Extract<InvocationOutcome, { kind: 'refused' }>['refusal']): InvocationOutcome => ({
  kind: 'refused',
  refusal: outcome,
});

describe('a call through the gateway', () => {
  test('gives what the function gives, and says which call it was and how long it took', async () => {
    const { url, host } = await aGateway();
    const answer = await post(`${url}/function/echo`, '{"n":1}', { 'x-call-id': 'call-1' });
    expect([answer.status, await answer.json()]).toEqual([200, { input: { n: 1 } }]);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      ...{
        'content-type': 'application/json',
        'x-call-id': 'call-1',
        'x-start-time': expect.stringMatching(/^\d{19}$/),
      },
      'x-duration-seconds': expect.stringMatching(/^\d+\.\d{6}$/),
    });
    expect(host.seen).toMatchObject([{ name: 'echo', requestId: 'call-1' }]);
  });

  test('finds a function with its namespace and with a slash behind it, and takes no body for an empty object', async () => {
    const { url } = await aGateway();
    expect(await (await post(`${url}/function/echo.openfaas-fn/`)).json()).toEqual({ input: {} });
    expect((await post(`${url}/function/echo.elsewhere`)).status).toBe(404);
    expect((await post(`${url}/function/echo/deeper`)).status).toBe(404);
  });

  test.each([
    [{ reason: 'throttled', limit: 'function', retryAfterS: 7 }, 429, '7'],
    [{ reason: 'throttled', limit: 'host', retryAfterS: 1 }, 429, '1'],
    [{ reason: 'closing' }, 503, '5'],
    [{ reason: 'too-large', limitBytes: 5 }, 413, null],
    [{ reason: 'not-json', detail: 'Unexpected token' }, 400, null],
    [{ reason: 'missing' }, 404, null],
  ] as const)('that the host refuses for %j is a %i', async (reason, status, retryAfter) => {
    const { url, host } = await aGateway();
    host.refuse(refusal(reason));
    const answer = await post(`${url}/function/echo`, '{}');
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([status, retryAfter]);
    expect(answer.headers.has('x-function-error')).toBe(false);
  });

  test.each([
    ['Sandbox.Timedout', 'RequestId: 1 Error: Task timed out after 3.00 seconds', 504],
    ['Runtime.ExitError', 'RequestId: 1 Error: Runtime exited', 500],
    ['Transient', '[plane-unavailable] A plane of this instance does not answer: work', 503],
    ['PayloadFault', '[payload-failed] The payload ended with an exit code other than 0: 3', 500],
    ['Evil\r\nX-Evil: 1', 'no', 500],
  ])('that fails with %j says so in a header of its own', async (errorType, errorMessage, status) => {
    const payload = JSON.stringify({ errorType, errorMessage });
    const { url, host } = await aGateway();
    const report = { durationMs: 1, memoryMb: 1, maxMemoryMb: 1 };
    host.refuse({ kind: 'failed', functionError: 'Unhandled', payload, logTail: '', report });
    const answer = await post(`${url}/function/echo`, '{}');
    expect([answer.status, await answer.text()]).toEqual([status, payload]);
    expect(answer.headers.get('x-function-error')).toBe(errorType.replace(/[^\w.-]/g, ''));
    expect(answer.headers.has('x-evil')).toBe(false);
  });

  test('of more than 6 MiB is not read to its end', async () => {
    const { url, host } = await aGateway();
    const answer = await post(`${url}/function/echo`, JSON.stringify('x'.repeat(6 * 2 ** 20)));
    expect(answer.status).toBe(413);
    const smaller = await post(`${url}/async-function/echo`, JSON.stringify('x'.repeat(2 ** 20)));
    expect(smaller.status).toBe(413);
    expect(host.seen).toEqual([]);
  });
});

describe('who may ask', () => {
  const paths = [
    '/system/functions',
    '/system/info',
    '/system/secrets',
    '/system/logs?name=echo',
    '/system/namespaces',
  ];
  const strangers: readonly Readonly<Record<string, string>>[] = [
    {},
    { authorization: 'Basic' },
    { authorization: `Basic ${Buffer.from('admin:pass:wor').toString('base64')}` },
    { authorization: `Basic ${Buffer.from('admin:').toString('base64')}` },
    { authorization: `Bearer ${Buffer.from('admin:pass:word').toString('base64')}` },
    { authorization: `Basic ${'A'.repeat(5_000)}` },
  ];

  test.each(paths)('%s is for who knows the password', async (path) => {
    const { url } = await aGateway();
    for (const headers of strangers) {
      const answer = await fetch(url + path, { headers });
      expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="Restricted"']);
    }
    expect((await fetch(url + path, { headers: asAdministrator })).status).not.toBe(401);
  });

  test('functions too, unless the gateway is open as OpenFaaS is', async () => {
    const closed = await aGateway();
    expect((await fetch(`${closed.url}/function/echo`, { method: 'POST' })).status).toBe(401);
    expect((await fetch(`${closed.url}/async-function/echo`, { method: 'POST' })).status).toBe(401);
    const open = await aGateway(undefined, { isOpen: true });
    expect((await fetch(`${open.url}/function/echo`, { method: 'POST' })).status).toBe(200);
    expect((await fetch(`${open.url}/system/functions`)).status).toBe(401);
    expect(closed.host.seen).toEqual([]);
  });

  test('health is for everybody', async () => {
    const { url } = await aGateway();
    const answer = await fetch(`${url}/healthz`);
    expect([answer.status, await answer.text()]).toEqual([200, 'OK\n']);
  });

  test('a page of a browser, or a name that is not this machine’s, is refused whoever asks', async () => {
    const { url, host } = await aGateway(undefined, { isOpen: true });
    const fromPage = await post(`${url}/function/echo`, '{}', { origin: 'https://evil.example' });
    expect(fromPage.status).toBe(403);
    const answer = await sendRaw(
      url,
      'POST /function/echo HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(host.seen).toEqual([]);
  });
});

describe('what strangers write', () => {
  const hostile = fc.oneof(
    fc.constantFrom(
      '../system/functions',
      '..%2fsystem%2ffunctions',
      '%2e%2e',
      'echo%00',
      'echo%0d%0aX-Evil:1',
      'echo;x',
    ),
    fc.constantFrom(
      '.openfaas-fn',
      'echo.',
      'echo..openfaas-fn',
      'echo.openfaas-fn.x',
      'ECHO%20',
      '__proto__',
      'constructor',
    ),
    fc.string({ unit: 'grapheme' }).map(encodeURIComponent),
    fc.string().map((text) => text.replace(/[\s#?]/g, '')),
  );

  test('in the place of a name reaches no function and nothing of the system', async () => {
    const { url, host } = await aGateway();
    await fc.assert(
      fc.asyncProperty(hostile, async (name) => {
        fc.pre(!['echo', 'nothing', 'echo/', 'nothing/'].includes(name));
        const head = `Host: 127.0.0.1\r\nAuthorization: ${asAdministrator.authorization}\r\nConnection: close`;
        const answer = await sendRaw(url, `POST /function/${name} HTTP/1.1\r\n${head}\r\nContent-Length: 0\r\n\r\n`);
        expect(answer).toMatch(/^HTTP\/1\.1 40[04] /);
        expect(answer.split('\r\n\r\n')[0]?.toLowerCase()).not.toMatch(/^x-evil/m);
      }),
      { numRuns: 80 },
    );
    expect(host.seen).toEqual([]);
  });

  test.each([['a b'], ['../x'], ['x'.repeat(129)], ['\u00fc'], ['a, b']])(
    'in the place of a call’s id is refused: %j',
    async (id) => {
      const { url, host } = await aGateway();
      const head = `Host: 127.0.0.1\r\nAuthorization: ${asAdministrator.authorization}\r\nConnection: close\r\nX-Call-Id: ${id}`;
      const answer = await sendRaw(url, `POST /function/echo HTTP/1.1\r\n${head}\r\nContent-Length: 0\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      expect(host.seen).toEqual([]);
    },
  );

  test.each([
    ['GET', '/nothing-here', 404],
    ['PATCH', '/system/functions', 405],
    ['GET', '/async-function/echo', 405],
    ['POST', '/system/info', 405],
    ['GET', '/system/secrets', 405],
  ])('%s %s is answered by %i', async (method, path, status) => {
    const { url } = await aGateway();
    expect((await fetch(url + path, { method, headers: asAdministrator })).status).toBe(status);
  });
});
