import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkBind, isLocalOnly, isLoopback, namesOf, noticeOf, ownUrl } from '../../../../local/front/bind.ts';

const nobodyKnown = {
  PAPILIO_OIDC_ISSUER: [],
  PAPILIO_TLS_FRONT_SECRET_FILE: undefined,
  PAPILIO_PUBLIC_URL: undefined,
};
const withIssuer = { ...nobodyKnown, PAPILIO_OIDC_ISSUER: ['https://iam.example.org/'] };
const withFront = { ...nobodyKnown, PAPILIO_TLS_FRONT_SECRET_FILE: 'front.secret' };

describe('where the front listens', () => {
  test.each(['127.0.0.1', '127.8.9.10', '::1'])('%s needs no identity, for only this machine reaches it', (host) => {
    expect(() => checkBind(host, nobodyKnown)).not.toThrow();
    expect(isLocalOnly(host, nobodyKnown)).toBe(true);
  });

  test.each(['0.0.0.0', '::', '10.0.0.5', '128.0.0.1', '126.255.255.255', 'fe80::1', '::ffff:10.0.0.5'])(
    '%s is refused as long as nothing says who people are',
    (host) => {
      expect(() => checkBind(host, nobodyKnown)).toThrow(/\[bind-refused\].*nothing says who people are/);
      expect(() => checkBind(host, withIssuer)).not.toThrow();
      expect(() => checkBind(host, withFront)).not.toThrow();
      expect(isLocalOnly(host, withIssuer)).toBe(false);
    },
  );

  test('a name is no address, whatever it might resolve to', () => {
    for (const host of ['localhost', 'papilio.example.org', '', '127.0.0.1:80', '127.1', '0x7f000001'])
      expect(() => checkBind(host, withIssuer)).toThrow(/bind-refused/);
  });

  test('no address outside 127.0.0.0/8 counts as this machine', () => {
    fc.assert(
      fc.property(fc.ipV4(), (host) => {
        expect(isLoopback(host)).toBe(host.startsWith('127.'));
      }),
    );
  });

  test('behind a TLS front nobody is trusted for coming from this machine', () => {
    expect(isLocalOnly('127.0.0.1', withFront)).toBe(false);
  });

  test('a front is asked by its own address, or by loopback where it listens everywhere', () => {
    expect(ownUrl('10.0.0.5', 8714)).toBe('http://10.0.0.5:8714');
    expect(ownUrl('0.0.0.0', 8714)).toBe('http://127.0.0.1:8714');
    expect(ownUrl('::', 8714)).toBe('http://127.0.0.1:8714');
    expect(ownUrl('::1', 8714)).toBe('http://[::1]:8714');
  });

  test('a public name is the front’s own, and so is the address that it listens on', () => {
    const settings = { ...withFront, PAPILIO_PUBLIC_URL: 'https://papilio.example.org:8443' };
    expect(namesOf('10.0.0.5', settings)).toEqual(['10.0.0.5', 'papilio.example.org']);
    expect(namesOf('0.0.0.0', withIssuer)).toEqual([]);
  });

  test('the default says that this machine alone reaches it and where the token lies', () => {
    expect(noticeOf('127.0.0.1', '/data', nobodyKnown)).toBe(
      'only this machine reaches it, and anybody here may read; what changes something needs the token in /data/admin.token',
    );
    expect(noticeOf('127.0.0.1', '/data', withFront)).toContain('must show who they are');
    expect(noticeOf('127.0.0.1', '/data', withIssuer)).toContain('must show who they are');
  });
});
