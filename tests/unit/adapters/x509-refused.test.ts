import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { policy } from '../../../functions/adapters/identity/x509/policy.ts';
import { aCertificate, extension, type Held, language } from '../../builders/a-certificate.ts';
import { ada, aProxy, named, papilio, root, signs } from '../../builders/an-x509-papilio.ts';

const { authority, keyUsage, extendedKeyUsage, otherName, proxy: proxyInfo, unknown } = extension;

const cut = aProxy(ada, '1', { extensions: [proxyInfo(language.all, { pathLength: 0 }), signs] });
const stranger = aCertificate({ name: named('Other CA'), extensions: [authority(), keyUsage(0x06)] });
const impostor = aCertificate({ name: root.name, extensions: [authority(), keyUsage(0x06)] });
const noAuthority = aCertificate({ name: named('Plain'), by: root, extensions: [signs] });
const short = aCertificate({ name: named('Short'), by: root, extensions: [authority(0), keyUsage(0x06)] });
const tooLong = aCertificate({ name: named('Long'), by: short, extensions: [authority(), keyUsage(0x06)] });
const noSigner = aCertificate({ name: named('No signer'), by: root, extensions: [authority(), keyUsage(0x02)] });
const encrypts = aCertificate({ name: named('Eve'), by: root, extensions: [keyUsage(0x20)] });
const of = (name: string, more: Partial<Parameters<typeof aCertificate>[0]>) =>
  aCertificate({ name: named(name), by: root, extensions: [signs], ...more });

/** Every chain that is refused, and the words that say why. */
const refused: Readonly<Record<string, readonly [readonly Held[], RegExp]>> = {
  'one that nobody but itself has signed': [
    [aCertificate({ name: named('Ada'), extensions: [signs] })],
    /neither presented nor trusted/,
  ],
  'one of an authority that is not trusted': [
    [of('Ada', { by: stranger })],
    /CN=Other CA.*neither presented nor trusted/,
  ],
  'one with the root of a stranger beside it': [[of('Ada', { by: stranger }), stranger], /no trusted root/],
  'one of somebody who calls himself as the trusted root': [[of('Ada', { by: impostor }), impostor], /no trusted root/],
  'one with the name of a trusted root and the signature of another': [
    [of('Ada', { by: stranger, issuer: root.name })],
    /no good signature/,
  ],
  'one that has expired': [[of('Ada', { to: new Date('2026-05-31T23:59:59Z') })], /was valid to 2026-05-31T23:59:59/],
  'one that ends at this moment': [[of('Ada', { to: new Date('2026-06-01T00:00:00Z') })], /was valid to/],
  'one that is not valid yet': [[of('Ada', { from: new Date('2026-06-01T00:01:01Z') })], /not valid yet/],
  'an authority itself': [[root], /is an authority, and no person/],
  'one without a name': [[aCertificate({ name: [], by: root, extensions: [signs] })], /no name/],
  'one for servers only': [
    [of('Ada', { extensions: [signs, extendedKeyUsage('1.3.6.1.5.5.7.3.1')] })],
    /not for clients/,
  ],
  'one whose key may not sign': [[encrypts], /may not sign/],
  'one signed with SHA-1': [[of('Ada', { hash: 'sha1' })], /no good signature/],
  'one with a short key': [[of('Ada', { rsaBits: 1_024 })], /RSA key of 1024 bits/],
  'one with a critical extension that nobody knows': [
    [of('Ada', { extensions: [signs, unknown(true)] })],
    /does not follow: 1\.3\.6\.1\.4\.1\.99999\.1/,
  ],
  'one with an extension twice': [[of('Ada', { extensions: [signs, signs] })], /there twice/],
  'one that a person has signed': [
    [of('Ada', { by: noAuthority }), noAuthority],
    /is no authority, and has signed as one/,
  ],
  'one of an authority deeper than allowed': [
    [of('Ada', { by: tooLong }), tooLong, short],
    /allows 0 authorities after it; 1 follow/,
  ],
  'one of an authority whose key may not sign any': [
    [of('Ada', { by: noSigner }), noSigner],
    /may not sign certificates/,
  ],
  'a proxy without who made it': [[aProxy(ada, '1')], /neither presented nor trusted/],
  'a proxy that somebody else has signed': [
    [aProxy(encrypts, '1', { name: [...ada.name, ['CN', '1']], issuer: ada.name }), ada],
    /no good signature/,
  ],
  'a proxy of a key that may not sign': [[aProxy(encrypts, '1'), encrypts], /made by a key that may not sign/],
  'a proxy that was made by an authority': [[aProxy(root, '1'), root], /is an authority, and no person/],
  'a proxy after one that allows none': [[aProxy(cut, '2'), cut, ada], /allows 0 proxies after it; 1 follow/],
  'a proxy under another name': [[aProxy(ada, '1', { name: named('Bob', '1') }), ada], /not named after CN=Ada/],
  'a proxy with the very name of who made it': [[aProxy(ada, '1', { name: ada.name }), ada], /not named after/],
  'a proxy with two names more': [
    [aProxy(ada, '1', { name: [...ada.name, ['CN', '1'], ['CN', '2']] }), ada],
    /not named after/,
  ],
  'a proxy with a last part that is no CN': [
    [aProxy(ada, '1', { name: [...ada.name, ['O', '1']] }), ada],
    /not named after/,
  ],
  'a proxy that says so without weight': [
    [aProxy(ada, '1', { extensions: [proxyInfo(language.all, { isCritical: false }), signs] }), ada],
    /does not say critically/,
  ],
  'a proxy with other names': [
    [aProxy(ada, '1', { extensions: [proxyInfo(language.all), otherName('a.example.org')] }), ada],
    /other names/,
  ],
  'a proxy that says it is an authority': [
    [aProxy(ada, '1', { extensions: [proxyInfo(language.all), authority()] }), ada],
    /says that it is an authority/,
  ],
  'a proxy whose key signs certificates': [
    [aProxy(ada, '1', { extensions: [proxyInfo(language.all), keyUsage(0x84)] }), ada],
    /signs certificates or binds/,
  ],
  'a proxy whose key binds its holder': [
    [aProxy(ada, '1', { extensions: [proxyInfo(language.all), keyUsage(0xc0)] }), ada],
    /signs certificates or binds/,
  ],
  'an independent proxy': [
    [aProxy(ada, '1', { extensions: [proxyInfo(language.independent), signs] }), ada],
    /has no rights of who made it/,
  ],
  'a proxy with a policy in an unknown language': [
    [aProxy(ada, '1', { extensions: [proxyInfo('1.2.3.4', { policy: 'rights' }), signs] }), ada],
    /language that papilio does not know/,
  ],
  'a proxy with all rights and a policy': [
    [aProxy(ada, '1', { extensions: [proxyInfo(language.all, { policy: 'x' }), signs] }), ada],
    /language does not take/,
  ],
  'a proxy that has expired': [
    [aProxy(ada, '1', { to: new Date('2026-05-01T00:00:00Z') }), ada],
    /was valid to 2026-05-01/,
  ],
  'a proxy of somebody whose certificate has expired': (() => {
    const old = of('Old', { to: new Date('2026-05-01T00:00:00Z') });
    return [[aProxy(old, '1'), old], /CN=Old.*was valid to 2026-05-01/] as const;
  })(),
  'an old proxy of Globus without the extension': [
    [aProxy(ada, 'proxy', { extensions: [signs] }), ada],
    /CN=Ada.*is no authority/,
  ],
  'a chain without an end': [Array.from({ length: policy.chainMax + 1 }, () => ada), /1 to 10 are taken/],
  'no certificate at all': [[], /0 certificates/],
};

describe('papilio does not take', () => {
  test.each(Object.entries(refused))('%s', async (_, [chain, why]) => {
    const refusal = expect(papilio().ask(...chain)).rejects;
    await refusal.toMatchObject({ code: 'certificate-refused' });
    await expect(papilio().ask(...chain)).rejects.toThrow(why);
  });

  test('bytes that are no certificate, or more than one', async () => {
    const { identity } = papilio();
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from('x'),
      Buffer.concat([ada.der, Buffer.of(0)]),
      Buffer.alloc(9_000, 0x30),
    ])
      await expect(identity.verify([bytes])).rejects.toMatchObject({ code: 'certificate-refused' });
  });

  test('whatever bytes a stranger sends, with or without good ones beside them', async () => {
    const { identity } = papilio();
    const bytes = fc.uint8Array({ maxLength: 600 }).map((array) => Buffer.from(array));
    // What begins as a certificate gets further than noise.
    const begun = fc
      .tuple(fc.nat(ada.der.length - 1), bytes)
      .map(([at, rest]) => Buffer.concat([ada.der.subarray(0, at), rest]));
    await fc.assert(
      fc.asyncProperty(fc.oneof(bytes, begun), fc.constantFrom([], [ada.der]), async (first, more) => {
        await expect(identity.verify([first, ...more])).rejects.toMatchObject({ code: 'certificate-refused' });
      }),
      { numRuns: 500 },
    );
  });

  test('any certificate of which a bit was changed on the way', async () => {
    const { identity } = papilio();
    await fc.assert(
      fc.asyncProperty(fc.nat(ada.der.length - 1), fc.nat(7), async (at, bit) => {
        const changed = Buffer.from(ada.der);
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        await expect(identity.verify([changed])).rejects.toMatchObject({ code: 'certificate-refused' });
      }),
      { numRuns: 300 },
    );
  });
});
