import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AccessFacts } from '#schema/audit';
import type { Surroundings } from '../../../functions/api/surroundings.ts';
import { aCertificate, extension, language } from '../../builders/a-certificate.ts';
import { adminToken, anApi } from '../../builders/an-api.ts';
import { ada, aProxy, named, papilio, root, signs } from '../../builders/an-x509-papilio.ts';

const secret = 'what the front and papilio alone know';
const inHeader = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE----- ${der.toString('base64').replace(/.{64}/g, '$& ')} -----END CERTIFICATE----- `;

/** Papilio behind a TLS front. */
const behindFront = (more: Parameters<typeof anApi>[0] = {}) => {
  const { identity } = papilio();
  const tlsFront = { isFront: async (given: string) => given === secret, verify: identity.verify };
  return anApi({ ...more, around: { tlsFront, isLoopbackOnly: false } });
};

/** What the front sends on; without a certificate Apache writes `(null)`. */
const asFront = (...chain: readonly { der: Buffer }[]) => ({
  'papilio-tls-front': secret,
  'papilio-client-certificate': chain[0] ? inHeader(chain[0].der) : '(null)',
  ...Object.fromEntries(
    Array.from({ length: 9 }, (_, at) => {
      const next = chain[at + 1];
      return [`papilio-client-chain-${at}`, next ? inHeader(next.der) : '(null)'];
    }),
  ),
});

const me = async (headers: Record<string, string>) => {
  await using api = await behindFront();
  const { statusCode, body } = await api.app.inject({ url: '/v1/me', headers });
  return { status: statusCode, ...JSON.parse(body) };
};

describe('what the TLS front says', () => {
  test('tells who asks, by certificate or by proxy', async () => {
    expect(await me(asFront(ada))).toMatchObject({ status: 200, id: 'CN=Ada,DC=papilio,DC=org', roles: ['operator'] });
    expect(await me(asFront(aProxy(ada, '1'), ada))).toMatchObject({ status: 200, id: 'CN=Ada,DC=papilio,DC=org' });
  });

  test('of nobody’s certificate leaves nobody, though the request comes from this machine', async () => {
    await using api = await behindFront();
    const answer = await api.app.inject({ url: '/v1/runs', headers: asFront() });
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'token-missing']);
  });

  test('of a limited proxy lets it look, and not act', async () => {
    await using api = await behindFront();
    const limited = aProxy(ada, '1', { extensions: [extension.proxy(language.limited), signs] });
    const headers = asFront(limited, ada);
    expect((await api.app.inject({ url: '/v1/runs', headers })).statusCode).toBe(200);
    const act = { method: 'POST', url: '/v1/processing/suspend', payload: { why: 'a test' } } as const;
    const answer = await api.app.inject({ ...act, headers });
    expect([answer.statusCode, answer.json().code]).toEqual([403, 'role-missing']);
    expect(api.sent).toEqual([]);
    const timers = api.clock.timers();
    const acting = api.app.inject({ ...act, headers: asFront(ada) });
    await api.clock.whenTimers(timers + 1);
    await api.clock.advance(2_000);
    expect((await acting).statusCode).toBe(202);
    expect(api.sent).toMatchObject([{ command: { action: 'processing.suspend', by: 'CN=Ada,DC=papilio,DC=org' } }]);
  });

  test('gives way to a token that stands beside it', async () => {
    expect(await me({ ...asFront(ada), authorization: `Bearer ${adminToken}` })).toMatchObject({ kind: 'local-admin' });
  });

  test('of a chain of which something was taken away on the way is refused, whoever would stand first then', async () => {
    const mallory = aCertificate({ name: named('Mallory'), by: root, extensions: [signs] });
    const limited = aProxy(ada, '1', { extensions: [extension.proxy(language.limited), signs] });
    // Mallory has a good certificate, and shows Ada's after it, which everybody has.
    for (const chain of [
      [mallory, ada],
      [limited, ada],
    ]) {
      const { 'papilio-client-certificate': _, ...rest } = asFront(...chain);
      expect(await me(rest)).toMatchObject({ status: 401, code: 'front-refused' });
      expect(await me({ ...rest, 'papilio-client-certificate': '(null)' })).toMatchObject({
        status: 401,
        code: 'certificate-refused',
      });
      expect(await me({ ...rest, 'papilio-client-certificate': '' })).toMatchObject({
        status: 401,
        code: 'certificate-refused',
      });
      expect(await me(asFront(...chain))).not.toMatchObject({ roles: ['operator'] });
    }
    const cut = Object.entries(asFront(ada)).filter(([name]) => name !== 'papilio-client-chain-8');
    expect(await me(Object.fromEntries(cut))).toMatchObject({ status: 401, code: 'front-refused' });
  });

  test('of a chain that does not hold is refused with the reason', async () => {
    const stranger = aCertificate({ name: named('Mallory'), extensions: [signs] });
    expect(await me(asFront(stranger))).toMatchObject({ status: 401, code: 'certificate-refused' });
    expect((await me(asFront(root))).detail).toMatch(/is an authority/);
  });
});

describe('whoever else speaks as the front', () => {
  const spoken = asFront(ada);
  test.each([
    ['without the secret', { 'papilio-client-certificate': spoken['papilio-client-certificate'] }],
    ['with a wrong secret', { ...spoken, 'papilio-tls-front': 'guessed' }],
    ['with an empty secret', { ...spoken, 'papilio-tls-front': '' }],
    ['with the secret twice', { ...spoken, 'papilio-tls-front': `${secret}, ${secret}` }],
    ['with nothing but a chain', { 'papilio-client-chain-0': '(null)' }],
    ['with a header that the front does not have', { ...spoken, 'papilio-client-dn': 'CN=Ada' }],
    ['with a chain beyond its end', { ...spoken, 'papilio-client-chain-9': spoken['papilio-client-certificate'] }],
  ])('%s is refused, on open pages too', async (_, headers) => {
    await using api = await behindFront();
    for (const url of ['/v1/me', '/v1/version', '/v1/nowhere']) {
      const answer = await api.app.inject({ url, headers });
      expect([url, answer.statusCode, answer.json().code]).toEqual([url, 401, 'front-refused']);
      expect(answer.headers['www-authenticate']).toContain('papilio');
    }
  });

  test('is refused where papilio has no front, and is not answered as a request without', async () => {
    await using api = await anApi();
    const answer = await api.app.inject({ url: '/v1/runs', headers: asFront(ada) });
    expect([answer.statusCode, answer.json().code]).toEqual([401, 'front-refused']);
  });

  test.each([
    [
      'two certificates in one header',
      `${spoken['papilio-client-certificate']}${spoken['papilio-client-certificate']}`,
    ],
    ['no certificate', 'Ada'],
    ['something after the end', `${spoken['papilio-client-certificate']}x`],
  ])('a front that sends %s is not understood', async (_, value) => {
    expect(await me({ ...spoken, 'papilio-client-certificate': value })).toMatchObject({
      status: 401,
      code: 'certificate-refused',
    });
  });

  test('a front that papilio trusts no authority for has no say about people', async () => {
    await using api = await anApi({ around: { tlsFront: { isFront: async (given) => given === secret } } });
    const answer = await api.app.inject({ url: '/v1/runs', headers: asFront(ada) });
    expect(answer.json().code).toBe('certificate-refused');
  });

  test('a front that only speaks TLS says nothing of certificates, and tokens are taken through it', async () => {
    await using api = await anApi({ around: { tlsFront: { isFront: async (given) => given === secret } } });
    const front = { 'papilio-tls-front': secret };
    expect((await api.app.inject({ url: '/v1/runs', headers: front })).json().code).toBe('token-missing');
    const headers = { ...front, authorization: `Bearer ${adminToken}` };
    expect((await api.app.inject({ url: '/v1/runs', headers })).statusCode).toBe(200);
  });
});

describe('a front gone mad', () => {
  test('is refused with a problem, whatever it sends', async () => {
    await using api = await behindFront({ limits: { refused: { requests: 10_000, windowS: 60 } } });
    const values = fc.oneof(
      fc.string({ unit: 'grapheme-ascii', maxLength: 200 }),
      fc
        .base64String({ maxLength: 400 })
        .map((text) => `-----BEGIN CERTIFICATE----- ${text} -----END CERTIFICATE-----`),
    );
    await fc.assert(
      fc.asyncProperty(values, values, async (first, next) => {
        fc.pre(![first, next].some((value) => /^\s*$/.test(value)));
        const headers = { ...asFront(), 'papilio-client-certificate': first, 'papilio-client-chain-0': next };
        const answer = await api.app.inject({ url: '/v1/me', headers });
        expect([answer.statusCode, answer.json().code]).toEqual([401, 'certificate-refused']);
      }),
      { numRuns: 200 },
    );
  });
});

describe('where somebody comes from', () => {
  /** The addresses of a refused act, as the audit log gets them. */
  const addressesOf = async (
    around: Partial<Surroundings>,
    more: Record<string, string> = {},
  ): Promise<(string | undefined)[]> => {
    const told: (string | undefined)[] = [];
    await using api = await anApi({
      around,
      onNote: async (queue, facts) => {
        const read = AccessFacts.safeParse(facts).data;
        if (queue === 'record-access' && read?.kind === 'audit')
          told.push(...read.lines.map(({ from }) => from?.address));
      },
    });
    const headers = { 'x-forwarded-for': '198.51.100.1, 203.0.113.9', ...more };
    await api.app.inject({ method: 'POST', url: '/v1/processing/suspend', headers, payload: { why: 'a test' } });
    await api.clock.advance(2_000);
    return told;
  };

  test('is said by the TLS front, in the last word, which is its own', async () => {
    const tlsFront = { isFront: async (given: string) => given === secret };
    expect(await addressesOf({ tlsFront, isLoopbackOnly: false }, asFront())).toEqual(['203.0.113.9']);
  });

  test('is not for another program of this machine to say', async () => {
    const tlsFront = { isFront: async (given: string) => given === secret };
    expect(await addressesOf({ tlsFront, isLoopbackOnly: false })).toEqual(['127.0.0.1']);
  });

  test('is said by nobody where there is no front', async () => {
    expect(await addressesOf({})).toEqual(['127.0.0.1']);
  });
});
