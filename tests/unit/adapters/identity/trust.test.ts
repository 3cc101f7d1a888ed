import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readIssuers, readRoles } from '../../../../functions/adapters/identity/trust.ts';
import { readConfig } from '../../../../functions/lib/config.ts';
import { defaultRules } from '../../../../functions/lib/model/grant.ts';

const settings = (changes: Readonly<Record<string, string>>) =>
  readConfig({ PAPILIO_OIDC_ISSUER: 'https://iam.example.org', PAPILIO_OIDC_AUDIENCE: 'papilio', ...changes });
const issuers = (PAPILIO_OIDC_ISSUER: string, more: Readonly<Record<string, string>> = {}) =>
  readIssuers(settings({ PAPILIO_OIDC_ISSUER, ...more }));

describe('the issuers that are trusted', () => {
  it('are taken letter by letter, several with commas between', () => {
    expect(issuers('https://iam.example.org/, https://cilogon.org/eic')).toEqual([
      'https://iam.example.org/',
      'https://cilogon.org/eic',
    ]);
  });

  it.each([
    ['plain HTTP', 'http://iam.example.org'],
    ['plain HTTP on this machine', 'http://127.0.0.1:9000'],
    ['a name without an address', 'iam.example.org'],
    ['a user', 'https://admin@iam.example.org'],
    ['a user and a password', 'https://admin:secret@iam.example.org'],
    ['a query', 'https://iam.example.org?realm=eic'],
    ['an empty query', 'https://iam.example.org?'],
    ['a fragment', 'https://iam.example.org#eic'],
    ['an at sign in its path', 'https://iam.example.org/@eic'],
    ['a file', 'file:///etc/passwd'],
    ['more than eighty characters', `https://iam.example.org/${'x'.repeat(80)}`],
  ])('never are of %s', (_what, issuer) => {
    expect(() => issuers(issuer)).toThrow(/\[config-invalid\].*PAPILIO_OIDC_ISSUER/);
  });

  it('may be of plain HTTP on this machine, if a test says so, and nowhere else', () => {
    const allowed = { PAPILIO_OIDC_ALLOW_LOOPBACK_HTTP: 'true' };
    expect(issuers('http://127.0.0.1:9000', allowed)).toHaveLength(1);
    expect(issuers('http://[::1]:9000', allowed)).toHaveLength(1);
    expect(() => issuers('http://127.0.0.1.example.org', allowed)).toThrow(/is not https/);
    expect(() => issuers('http://10.0.0.1', allowed)).toThrow(/is not https/);
  });

  it('have names of people that are never another’s', () => {
    expect(() => issuers('https://iam.example.org,https://iam.example.org/')).toThrow(/the same name/);
  });

  it('say nothing without an audience: a token for another service would do', () => {
    expect(() => issuers('https://iam.example.org', { PAPILIO_OIDC_AUDIENCE: ' ,' })).toThrow(
      /PAPILIO_OIDC_AUDIENCE: missing/,
    );
  });
});

describe('a roles file', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'papilio-roles-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const two = { PAPILIO_OIDC_ISSUER: 'https://iam.example.org,https://cilogon.org/eic' };
  const rulesOf = async (content: unknown, more: Readonly<Record<string, string>> = {}) => {
    const path = join(folder, 'roles.json');
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    return (await readRoles(settings({ PAPILIO_ROLES_FILE: path, ...more }))).rules;
  };

  it('may be left out, and then only scopes for computing mean something', async () => {
    expect((await readRoles(settings({}))).rules).toEqual(defaultRules);
    expect(defaultRules.map(({ role }) => role)).toEqual(['viewer', 'user', 'user', 'user']);
  });

  it('says who has which role', async () => {
    const rules = [
      { group: '/eic/production', scope: 'compute.create', role: 'production-manager' },
      { subject: 'shift@bnl', role: 'operator' },
      { group: '/eic/sites/bnl', role: 'facility-admin', facilities: ['bnl-slurm'] },
      { dn: 'CN=Robot,O=EIC', role: 'user' },
    ];
    expect(await rulesOf({ rules })).toEqual(rules);
  });

  it.each([
    ['is no JSON', '{"rules": [', /is not JSON/],
    ['has no rules', {}, /rules/],
    ['names nobody', { rules: [{ role: 'admin' }] }, /rules\.0: names nobody/],
    ['names an issuer and nobody of its', { rules: [{ issuer: 'https://iam.example.org', role: 'user' }] }, /nobody/],
    ['gives a role that there is not', { rules: [{ group: 'x', role: 'root' }] }, /rules\.0\.role/],
    ['has a word that means nothing', { rules: [{ groups: ['x'], role: 'user' }] }, /rules\.0/],
    ['refuses nobody', { rules: [], refused: [{ note: 'who?' }] }, /refused\.0: refuses nobody/],
    ['has an empty group', { rules: [{ group: '', role: 'admin' }] }, /rules\.0\.group/],
    ['has a facility admin of nothing', { rules: [{ group: 'x', role: 'facility-admin' }] }, /facilities belong/],
    ['gives facilities to a user', { rules: [{ group: 'x', role: 'user', facilities: ['a'] }] }, /facilities belong/],
    ['mixes a certificate and a group', { rules: [{ dn: 'CN=A', group: 'x', role: 'user' }] }, /a dn stands alone/],
    [
      'names an issuer that is not trusted',
      { rules: [{ issuer: 'https://x.org', group: 'x', role: 'user' }] },
      /not one/,
    ],
  ])('that %s stops the start', async (_what, content, says) => {
    await expect(rulesOf(content)).rejects.toMatchObject({
      code: 'roles-file-invalid',
      reason: expect.stringMatching(says),
    });
  });

  it('that is not there stops the start', async () => {
    const config = settings({ PAPILIO_ROLES_FILE: join(folder, 'nowhere.json') });
    await expect(readRoles(config)).rejects.toMatchObject({ code: 'roles-file-invalid' });
  });

  it('says of each row whose group it means, as soon as two issuers are trusted', async () => {
    const row = { group: '/eic/production', role: 'admin' };
    await expect(rulesOf({ rules: [row] }, two)).rejects.toThrow(/rules\.0: issuer is missing/);
    const said = {
      rules: [
        { ...row, issuer: 'https://cilogon.org/eic' },
        { dn: 'CN=A', role: 'user' },
      ],
    };
    expect(await rulesOf(said, two)).toHaveLength(2);
  });
});
