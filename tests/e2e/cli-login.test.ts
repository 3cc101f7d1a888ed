import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { run } from '../../clients/cli/program.ts';
import { openOidcIdentity } from '../../functions/adapters/identity/oidc.ts';
import { readConfig } from '../../functions/lib/config.ts';
import { silentLog } from '../../functions/lib/log.ts';
import { anApi, type TestApi } from '../builders/an-api.ts';
import { anRsaKey } from '../builders/an-issuer.ts';
import { anOidcProvider, audience, type OidcProvider, pilotSecret } from '../builders/an-oidc-provider.ts';
import { fakeClock } from '../builders/fake-clock.ts';

/** People and machines log in to a papilio that trusts a real identity provider. */
const roles = {
  rules: [
    { scope: 'compute.read', role: 'viewer' },
    { group: '/eic/shift', role: 'operator' },
    { group: '/eic/pilots', role: 'user' },
  ],
};

let provider: OidcProvider;
let api: TestApi;
let url: string;
let folder: string;
let config: string;
const before = process.cwd();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'papilio-login-'));
  // No papilio has its data folder here, so the one of the profile is meant.
  process.chdir(folder);
  await writeFile(join(folder, 'roles.json'), JSON.stringify(roles));
  await writeFile(join(folder, 'secret'), `${pilotSecret}\n`);
  provider = await anOidcProvider([anRsaKey('spring')]);
  const settings = readConfig({
    PAPILIO_OIDC_ISSUER: provider.url,
    PAPILIO_OIDC_AUDIENCE: audience,
    PAPILIO_OIDC_ALLOW_LOOPBACK_HTTP: 'true',
    PAPILIO_ROLES_FILE: join(folder, 'roles.json'),
  });
  const identity = await openOidcIdentity({ config: settings, clock: fakeClock(Date.now()), log: silentLog });
  api = await anApi({ identity: () => identity });
  url = await api.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  process.chdir(before);
  await api?.[Symbol.asyncDispose]();
  await provider?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});
let count = 0;
const newConfig = () => join(folder, `config-${count++}`);
beforeEach(() => {
  config = newConfig();
});

type Hearing = { readonly stdin?: string; readonly onTalk?: (text: string) => void; readonly folder?: string };
const papilio = async (words: readonly string[], { stdin = '', onTalk, folder: where = config }: Hearing = {}) => {
  const said = { out: '', err: '' };
  const code = await run(['--config', where, ...words], {
    in: Readable.from([stdin]),
    out: {
      write: (text) => {
        said.out += text;
      },
    },
    err: {
      write: (text) => {
        said.err += text;
        onTalk?.(said.err);
      },
    },
    signal: new AbortController().signal,
  });
  return { ...said, code };
};

/** Logs in by device code; gives how it went once the person has approved it, which is before the program knows. */
const byBrowser = async (account: string, ...more: string[]) => {
  const where = newConfig();
  const shown = Promise.withResolvers<{ page: string; code: string }>();
  const onTalk = (talk: string) => {
    const [, page, code] = /open (\S+)\nand check that it shows the code (\S+)\n/.exec(talk) ?? [];
    if (page !== undefined && code !== undefined) shown.resolve({ page, code });
  };
  const words = ['login', '--url', url, '--issuer', provider.url, ...more];
  const ending = papilio(words, { onTalk, folder: where });
  const { page, code } = await shown.promise;
  await provider.approve(account, page, code);
  return { where, ending };
};

/** Programs ask an issuer every five seconds, so all who log in do it at the same time. */
let logins: Readonly<Record<'shift' | 'max' | 'leaver', Awaited<ReturnType<typeof byBrowser>>>>;
beforeAll(async () => {
  logins = {
    shift: await byBrowser('erika', '--profile', 'shift'),
    max: await byBrowser('max'),
    leaver: await byBrowser('erika'),
  };
  for (const { ending } of Object.values(logins)) await ending;
}, 30_000);

const me = async (...more: string[]) => JSON.parse((await papilio(['whoami', '--json', ...more])).out);
const sessionFile = (name = 'default') => join(config, `session-${name}.json`);
const session = (name?: string) => JSON.parse(readFileSync(sessionFile(name), 'utf8'));

test('a shifter logs in once in a browser, and is known from then on', async () => {
  config = logins.shift.where;
  const { code, out, err } = await logins.shift.ending;
  expect(code, err).toBe(0);
  expect(err).toContain(`logged in to ${url} as profile shift`);
  expect(out).toMatch(/roles +viewer, operator/);
  expect(await me()).toMatchObject({ kind: 'oidc', roles: ['viewer', 'operator'] });
  expect(await papilio(['can', 'processing.suspend'])).toMatchObject({ code: 0, out: expect.stringMatching(/^yes /) });
});

test('tokens lie where only their user reads them, and are never shown', async () => {
  config = logins.shift.where;
  expect(statSync(sessionFile('shift')).mode & 0o777).toBe(0o600);
  expect(statSync(config).mode & 0o777).toBe(0o700);
  const { accessToken, refreshToken } = session('shift');
  const { out } = await papilio(['profile', 'show', '--json']);
  expect(JSON.parse(out)).toMatchObject({ name: 'shift', url, isInUse: true, isLoggedIn: true });
  for (const secret of [accessToken, refreshToken]) expect(out).not.toContain(secret);
});

test('a login that is over is renewed without the person', async () => {
  config = logins.max.where;
  const before = session();
  writeFileSync(sessionFile(), JSON.stringify({ ...before, accessToken: 'old', expiresAt: '2026-01-01T00:00:00Z' }));
  expect(await me()).toMatchObject({ kind: 'oidc', roles: ['viewer'] });
  expect(session().refreshToken).not.toBe(before.refreshToken);
  expect(Date.parse(session().expiresAt)).toBeGreaterThan(Date.now());
});

test('a login that cannot be renewed ends with 4 and says how to log in again', async () => {
  config = logins.max.where;
  const { refreshToken: _, ...rest } = session();
  writeFileSync(sessionFile(), JSON.stringify({ ...rest, expiresAt: '2026-01-01T00:00:00Z' }));
  expect(await papilio(['run', 'list'])).toMatchObject({
    code: 4,
    err: expect.stringMatching(/^error\[login-failed\]: .+\n {2}try: .+log in again/),
  });
});

test('a pilot logs in by its secret, which stays in its file', async () => {
  const secretFile = join(folder, 'secret');
  const words = ['login', '--url', url, '--issuer', provider.url, '--client-id', 'pilot'];
  const { code, err } = await papilio([...words, '--client-secret-file', secretFile, '--profile', 'pilot']);
  expect(code, err).toBe(0);
  expect(await me()).toMatchObject({ roles: ['viewer', 'user'], groups: ['/eic/pilots'] });
  const kept = `${readFileSync(join(config, 'profiles.json'))}${readFileSync(sessionFile('pilot'))}`;
  expect(kept).not.toContain(pilotSecret);
  writeFileSync(sessionFile('pilot'), JSON.stringify({ ...session('pilot'), expiresAt: '2026-01-01T00:00:00Z' }));
  expect(await me('--profile', 'pilot')).toMatchObject({ roles: ['viewer', 'user'] });
});

test('a token that is piped in is kept if papilio takes it, and not otherwise', async () => {
  const token = await provider.clientCredentials('compute.read');
  const words = ['login', '--url', url, '--with-token', '--profile', 'ci'];
  expect(await papilio(words, { stdin: 'no token\n' })).toMatchObject({ code: 4 });
  expect(await papilio(['profile', 'list', '-o', 'name'])).toMatchObject({ out: '' });
  expect(await papilio(words, { stdin: `${token}\n` })).toMatchObject({ code: 0 });
  expect(await me()).toMatchObject({ roles: ['viewer', 'user'] });
});

test('who logs out is nobody again, and the issuer ends what was given', async () => {
  config = logins.leaver.where;
  const { refreshToken } = session();
  expect(await papilio(['logout'])).toMatchObject({ code: 0, out: '' });
  expect(await papilio(['run', 'list'])).toMatchObject({ code: 4, err: expect.stringMatching(/^error\[token-/) });
  writeFileSync(sessionFile(), JSON.stringify({ accessToken: 'old', refreshToken, expiresAt: '2026-01-01T00:00:00Z' }));
  expect(await papilio(['run', 'list'])).toMatchObject({
    code: 4,
    err: expect.stringMatching(/^error\[login-failed\]/),
  });
});

test('the profile that is in use is the one that is meant; another is one option away', async () => {
  config = logins.shift.where;
  const token = await provider.clientCredentials('compute.read');
  await papilio(['login', '--url', url, '--with-token', '--profile', 'mine'], { stdin: token });
  expect((await papilio(['profile', 'list', '-o', 'name'])).out).toBe('shift\nmine\n');
  expect((await me()).roles).toEqual(['viewer', 'user']);
  expect((await me('--profile', 'shift')).roles).toEqual(['viewer', 'operator']);
  expect(await papilio(['profile', 'use', 'shift'])).toMatchObject({ code: 0, out: '', err: '' });
  expect((await me()).roles).toEqual(['viewer', 'operator']);
});

test.each([
  [['login', '--issuer', 'https://iam.example'], /--url is missing/],
  [['login', '--url', 'https://papilio.example'], /--issuer is missing/],
  [['login', '--url', 'http://papilio.example', '--with-token'], /in the clear/],
  [['login', '--url', 'https://papilio.example', '--issuer', 'http://iam.example'], /in the clear/],
  [['login', '--profile', '../x', '--url', 'https://papilio.example'], /no name for a profile/],
  [['run', 'list', '--profile', 'nobody'], /there is no profile nobody/],
])('%j ends with 2 and says why', async (words, reason) => {
  expect(await papilio(words, { stdin: 'x' })).toMatchObject({ code: 2, out: '', err: expect.stringMatching(reason) });
});

test('a token is shown to no other papilio than the one it was made for', async () => {
  const token = await provider.clientCredentials('compute.read');
  await papilio(['login', '--url', url, '--with-token'], { stdin: token });
  const shown = await papilio(['run', 'list', '--url', 'http://127.0.0.1:9', '--profile', 'default']);
  expect(shown).toMatchObject({ code: 2, err: expect.stringMatching(/is of http:.+, not of http:/) });
});
