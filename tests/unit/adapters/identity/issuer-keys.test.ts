import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createIssuerKeys } from '../../../../functions/adapters/identity/issuer-keys.ts';
import { policy } from '../../../../functions/adapters/identity/policy.ts';
import { silentLog } from '../../../../functions/lib/log.ts';
import { aJwk, anEcKey } from '../../../builders/an-issuer.ts';
import { fakeClock } from '../../../builders/fake-clock.ts';

const issuer = 'https://iam.example.org/';
const [first, second] = [anEcKey('first'), anEcKey('second')];

type Said = { discovery: unknown; keys: unknown; isDown: boolean; readonly gates: Promise<void>[] };

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : String(error);

/** An issuer on paper: what it is asked, what it says, and when: while there is a gate, answers wait for it. */
const aPaperIssuer = () => {
  const clock = fakeClock();
  const asked: string[] = [];
  const said: Said = {
    discovery: { issuer, jwks_uri: 'https://iam.example.org/jwk' },
    keys: [aJwk(first)],
    isDown: false,
    gates: [],
  };
  const fetchDocument = async (url: URL, signal: AbortSignal): Promise<unknown> => {
    asked.push(url.href);
    const isLate = new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(new Error('late'))));
    await Promise.race([Promise.all(said.gates), isLate]);
    if (said.isDown) throw new Error('connection refused');
    return url.pathname === '/jwk' ? { keys: said.keys } : said.discovery;
  };
  const keys = createIssuerKeys({ issuer, clock, log: silentLog, fetchDocument });
  return {
    clock,
    asked,
    said,
    keys,
    find: (kid = 'first') => keys.find('ES256', kid).then(() => 'found', codeOf),
    keyRequests: () => asked.filter((url) => url.endsWith('/jwk')).length,
  };
};

/** Lets what was started come to its end. */
const settle = async () => {
  for (let turn = 0; turn < 5; turn += 1) await setImmediate();
};

describe('the keys of an issuer', () => {
  it('are asked for once, however many tokens come at once and later', async () => {
    const paper = aPaperIssuer();
    const found = await Promise.all(Array.from({ length: 1_000 }, () => paper.find()));
    expect(new Set(found)).toEqual(new Set(['found']));
    await paper.clock.advance(policy.keysSoftMs);
    expect(await paper.find()).toBe('found');
    expect(paper.asked).toEqual([
      'https://iam.example.org/.well-known/openid-configuration',
      'https://iam.example.org/jwk',
    ]);
  });

  it('are asked for anew before they are old, while nobody waits', async () => {
    const paper = aPaperIssuer();
    await paper.find();
    await paper.clock.advance(policy.keysSoftMs + 1);
    const gate = Promise.withResolvers<void>();
    paper.said.gates.push(gate.promise);
    expect(await paper.find()).toBe('found');
    expect(paper.keyRequests()).toBe(2);
    paper.said.keys = [aJwk(second)];
    gate.resolve();
    await settle();
    expect(await paper.find('second')).toBe('found');
    expect(await paper.find('first')).toBe('token-refused');
  });

  it('that are withdrawn are good for five minutes at most', async () => {
    const paper = aPaperIssuer();
    await paper.find();
    paper.said.keys = [aJwk(second)];
    await paper.clock.advance(policy.keysFreshMs + 1);
    expect(await paper.find('first')).toBe('token-refused');
    expect(policy.keysFreshMs).toBe(300_000);
  });

  it('that are new are found at once, if keys were not asked for just before', async () => {
    const paper = aPaperIssuer();
    await paper.find();
    paper.said.keys = [aJwk(first), aJwk(second)];
    await paper.clock.advance(policy.unknownKeyMs - 1);
    expect(await paper.find('second')).toBe('token-refused');
    await paper.clock.advance(1);
    expect(await paper.find('second')).toBe('found');
  });

  it('are asked for once in thirty seconds, however many tokens name keys that there are not', async () => {
    const paper = aPaperIssuer();
    await paper.find();
    for (let second = 0; second < 120; second += 1) {
      await paper.clock.advance(1_000);
      const storm = Array.from({ length: 100 }, (_, at) => paper.find(`key-${second}-${at}`));
      expect(new Set(await Promise.all(storm))).toEqual(new Set(['token-refused']));
      expect(await paper.find()).toBe('found');
    }
    expect(paper.keyRequests()).toBe(1 + 120 / 30);
  });

  it('of one algorithm are not found for another', async () => {
    const paper = aPaperIssuer();
    await expect(paper.keys.find('RS256', 'first')).rejects.toMatchObject({ code: 'token-refused' });
  });
});

describe('an issuer that does not answer', () => {
  it('makes its tokens wait for better times, and is left alone for ten seconds', async () => {
    const paper = aPaperIssuer();
    paper.said.isDown = true;
    expect(await paper.find()).toBe('identity-unavailable');
    await paper.clock.advance(policy.failedMs - 1);
    expect(await Promise.all([paper.find(), paper.find('second')])).toEqual(Array(2).fill('identity-unavailable'));
    expect(paper.asked).toHaveLength(1);
    paper.said.isDown = false;
    await paper.clock.advance(1);
    expect(await paper.find()).toBe('found');
  });

  it('is good for an hour by the keys it gave, and then no more', async () => {
    const paper = aPaperIssuer();
    await paper.find();
    paper.said.isDown = true;
    for (let minute = 1; minute <= 60; minute += 1) {
      await paper.clock.advance(60_000);
      expect(await paper.find(), `minute ${minute}`).toBe('found');
      await settle();
    }
    await paper.clock.advance(1);
    expect(await paper.find()).toBe('identity-unavailable');
    expect(paper.asked.length).toBeLessThan(70);
  });

  it('is asked again, from its discovery document on, and goes on where it moved to', async () => {
    const paper = aPaperIssuer();
    await paper.find();
    paper.said.isDown = true;
    await paper.clock.advance(policy.keysFreshMs + 1);
    await paper.find();
    await settle();
    paper.said.isDown = false;
    paper.said.discovery = { issuer, jwks_uri: 'https://iam.example.org/moved/jwk' };
    await paper.clock.advance(policy.failedMs);
    await paper.find();
    await settle();
    expect(paper.asked.slice(-2)).toEqual([
      'https://iam.example.org/.well-known/openid-configuration',
      'https://iam.example.org/moved/jwk',
    ]);
  });

  it('says nothing of a key that it may have made meanwhile', async () => {
    const paper = aPaperIssuer();
    await paper.find();
    paper.said.isDown = true;
    await paper.clock.advance(policy.unknownKeyMs);
    expect(await paper.find('second')).toBe('identity-unavailable');
    expect(await paper.find('second')).toBe('identity-unavailable');
    expect(await paper.find('first')).toBe('found');
    expect(paper.asked).toHaveLength(3);
  });

  it('is waited for three seconds in all, by everybody together', async () => {
    const paper = aPaperIssuer();
    paper.said.gates.push(new Promise(() => undefined));
    const waiting = Promise.all([paper.find(), paper.find(), paper.find('second')]);
    await paper.clock.advance(policy.issuerTimeoutMs);
    expect(await waiting).toEqual(Array(3).fill('identity-unavailable'));
    expect(paper.asked).toHaveLength(1);
    expect(paper.clock.timers()).toBe(0);
  });

  it('makes nobody wait whose key is at hand', async () => {
    const paper = aPaperIssuer();
    await paper.find();
    await paper.clock.advance(policy.keysSoftMs + 1);
    paper.said.gates.push(new Promise(() => undefined));
    expect(await paper.find()).toBe('found');
    expect(await paper.find()).toBe('found');
    await paper.clock.advance(policy.issuerTimeoutMs);
    await settle();
    expect(await paper.find()).toBe('found');
    expect(paper.keyRequests()).toBe(2);
  });
});

describe('a discovery document', () => {
  it.each([
    ['of another issuer', { issuer: 'https://iam.example.org', jwks_uri: 'https://iam.example.org/jwk' }],
    ['whose keys are at another host', { issuer, jwks_uri: 'https://evil.example.org/jwk' }],
    ['whose keys are at another port', { issuer, jwks_uri: 'https://iam.example.org:8443/jwk' }],
    ['whose keys are at a host that begins alike', { issuer, jwks_uri: 'https://iam.example.org.evil.example/jwk' }],
    [
      'whose keys are at a host behind the issuer’s name',
      { issuer, jwks_uri: 'https://iam.example.org@evil.example/jwk' },
    ],
    ['whose keys are not over TLS', { issuer, jwks_uri: 'http://iam.example.org/jwk' }],
    ['whose keys are a file', { issuer, jwks_uri: 'file:///etc/passwd' }],
    ['without keys', { issuer }],
    ['that is none', 'hello'],
  ])('%s leads nowhere', async (_what, discovery) => {
    const paper = aPaperIssuer();
    paper.said.discovery = discovery;
    expect(await paper.find()).toBe('identity-unavailable');
    expect(paper.keyRequests()).toBe(0);
  });
});

describe('a key set', () => {
  it('that is none, or of more than 64 keys, is as good as none', async () => {
    for (const keys of [{ first: aJwk(first) }, Array.from({ length: 65 }, () => aJwk(first))]) {
      const paper = aPaperIssuer();
      paper.said.keys = keys;
      expect(await paper.find()).toBe('identity-unavailable');
    }
  });

  it('is good but for the keys in it that are not', async () => {
    const paper = aPaperIssuer();
    paper.said.keys = [null, 7, 'key', {}, { kty: 'EC' }, { kty: 'OKP', kid: 'first' }, aJwk(first)];
    expect(await paper.find()).toBe('found');
  });
});
