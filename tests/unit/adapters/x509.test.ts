import { describe, expect, test } from 'vitest';
import type { RoleRule } from '#schema/role-rule';
import { policy } from '../../../functions/adapters/identity/x509/policy.ts';
import { aCertificate, aRevocationList, asPem, extension, language } from '../../builders/a-certificate.ts';
import { ada, aProxy, named, papilio, root, rootFile, signs } from '../../builders/an-x509-papilio.ts';

const { authority, keyUsage, proxy: proxyInfo } = extension;
const stranger = aCertificate({ name: named('Other CA'), extensions: [authority(), keyUsage(0x06)] });

describe('a certificate of a trusted authority', () => {
  test('says who asks, with the roles of its row', async () => {
    expect(await papilio().ask(ada)).toEqual({
      id: 'CN=Ada,DC=papilio,DC=org',
      kind: 'x509',
      name: 'Ada',
      roles: ['operator'],
      facilities: [],
      groups: [],
      scopes: [],
      issuer: 'CN=Test CA,DC=papilio,DC=org',
      expiresAt: '2030-01-01T00:00:00.000Z',
    });
  });

  test('has the roles of a row in the form of Globus too, and none without a row', async () => {
    const rules: readonly RoleRule[] = [
      { dn: '/DC=org/DC=papilio/CN=Ada', role: 'facility-admin', facilities: ['jlab-farm'] },
    ];
    expect(await papilio(rootFile, rules).ask(ada)).toMatchObject({
      roles: ['facility-admin'],
      facilities: ['jlab-farm'],
    });
    expect(await papilio(rootFile, [{ group: '/epic', role: 'admin' }]).ask(ada)).toMatchObject({ roles: [] });
  });

  test('is refused where the roles file says so, in either form, with all its proxies', async () => {
    for (const dn of ['CN=Ada,DC=papilio,DC=org', '/DC=org/DC=papilio/CN=Ada']) {
      const { ask } = papilio(rootFile, undefined, [{ dn }, { subject: 'Ada' }]);
      await expect(ask(ada)).rejects.toThrow(/CN=Ada.*is refused by the roles file/);
      await expect(ask(aProxy(ada, '1'), ada)).rejects.toThrow(/is refused by the roles file/);
    }
    expect(await papilio(rootFile, undefined, [{ dn: 'CN=Adam,DC=papilio,DC=org' }]).ask(ada)).toMatchObject({
      name: 'Ada',
    });
  });

  test('through an authority between, be it presented or in the folder', async () => {
    const between = aCertificate({ name: named('Between'), by: root, extensions: [authority(0), keyUsage(0x06)] });
    const bob = aCertificate({ name: named('Bob'), by: between, extensions: [signs] });
    expect(await papilio().ask(bob, between)).toMatchObject({ id: 'CN=Bob,DC=papilio,DC=org' });
    expect(await papilio({ ...rootFile, 'between.pem': asPem('CERTIFICATE', between.der) }).ask(bob)).toMatchObject({
      name: 'Bob',
    });
    await expect(papilio().ask(bob)).rejects.toThrow(/CN=Between.*neither presented nor trusted/);
  });

  test('with a key of RSA', async () => {
    const rsa = aCertificate({ name: named('Rosa'), by: root, rsaBits: 2_048, extensions: [signs] });
    expect(await papilio().ask(rsa)).toMatchObject({ name: 'Rosa' });
  });
});

describe('a proxy by RFC 3820', () => {
  test('speaks for who made it, under their name', async () => {
    const proxy = aProxy(ada, '1234', { to: new Date('2026-06-01T12:00:00Z') });
    expect(await papilio().ask(proxy, ada)).toMatchObject({
      id: 'CN=Ada,DC=papilio,DC=org',
      roles: ['operator'],
      expiresAt: '2026-06-01T12:00:00.000Z',
    });
  });

  test('of a proxy does so too', async () => {
    const first = aProxy(ada, '1');
    expect(await papilio().ask(aProxy(first, '2'), first, ada)).toMatchObject({ roles: ['operator'] });
  });

  test('that is limited may look and change nothing, and so may all that come after it', async () => {
    const limited = aProxy(ada, 'limited', { extensions: [proxyInfo(language.limited), signs] });
    expect(await papilio().ask(limited, ada)).toMatchObject({ id: 'CN=Ada,DC=papilio,DC=org', roles: ['viewer'] });
    expect(await papilio().ask(aProxy(limited, '2'), limited, ada)).toMatchObject({ roles: ['viewer'] });
    expect(await papilio(rootFile, []).ask(limited, ada)).toMatchObject({ roles: [] });
  });
});

describe('what an authority takes back', () => {
  const listed = (serials: readonly number[], more = {}) => ({
    ...rootFile,
    'root.r0': asPem('X509 CRL', aRevocationList(root, serials, more)),
  });

  test('is refused, with all proxies of it, and others are not', async () => {
    const { ask } = papilio(listed([17, 300]));
    await expect(ask(ada)).rejects.toThrow(/CN=Ada.*was revoked/);
    await expect(ask(aProxy(ada, '1'), ada)).rejects.toThrow(/was revoked/);
    expect(await papilio(listed([18])).ask(ada)).toMatchObject({ name: 'Ada' });
    expect(await papilio(listed([])).ask(ada)).toMatchObject({ name: 'Ada' });
  });

  test('a list that is too old, or that another key has signed, is worse than none', async () => {
    await expect(papilio(listed([], { to: new Date('2026-05-31T00:00:00Z') })).ask(ada)).rejects.toThrow(
      /no revocation list that holds/,
    );
    const forged = { ...rootFile, 'root.r0': asPem('X509 CRL', aRevocationList({ ...stranger, name: root.name }, [])) };
    await expect(papilio(forged).ask(ada)).rejects.toThrow(/no revocation list that holds/);
  });

  test('counts from the next look into the folder on, though the certificate was taken before', async () => {
    const { ask, write, clock } = papilio();
    await ask(ada);
    write({ 'root.r0': asPem('X509 CRL', aRevocationList(root, [17])) });
    await clock.advance(policy.reloadMs);
    await expect(ask(ada)).rejects.toThrow(/was revoked/);
  });

  test('a certificate that ends is not taken a moment longer for having been taken before', async () => {
    const brief = aCertificate({
      name: named('Ada'),
      by: root,
      extensions: [signs],
      to: new Date('2026-06-01T00:00:10Z'),
    });
    const { ask, clock } = papilio();
    await ask(brief);
    await clock.advance(10_000);
    await expect(ask(brief)).rejects.toThrow(/was valid to/);
  });
});

describe('a signing policy', () => {
  const with_ = (subjects: string) => ({
    ...rootFile,
    'root.signing_policy': `# of the grid\naccess_id_CA  X509   '/DC=org/DC=papilio/CN=Test CA'\npos_rights globus CA:sign\ncond_subjects globus '${subjects}'\n`,
  });

  test('lets an authority give the names that it is to give, and no other', async () => {
    expect(await papilio(with_('"/DC=org/DC=papilio/*" "/C=CH/*"')).ask(ada)).toMatchObject({ name: 'Ada' });
    await expect(papilio(with_('"/DC=org/DC=other/*"')).ask(ada)).rejects.toThrow(/no name that .*may give/);
    await expect(papilio(with_('"/DC=org/DC=papilio/CN=A.a"')).ask(ada)).rejects.toThrow(/may give/);
  });
});
