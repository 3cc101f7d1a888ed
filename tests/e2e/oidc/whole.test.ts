import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { Me } from '../../../functions/lib/schema/me.ts';
import { Status } from '../../../functions/lib/schema/status.ts';
import { anRsaKey } from '../../builders/an-issuer.ts';
import { anOidcProvider, audience } from '../../builders/an-oidc-provider.ts';
import { plainEnvironment } from '../../builders/plain-environment.ts';
import { aScratch, startWhole } from '../whole/whole-house.ts';

const main = fileURLToPath(new URL('../../../clients/cli/main.ts', import.meta.url));

const papilio = (environment: Readonly<Record<string, string>>, ...words: string[]) =>
  new Promise<{ code: number; err: string }>((resolve) => {
    const env = { ...plainEnvironment, ...environment };
    execFile(process.execPath, [main, ...words], { env }, (error, _out, err) =>
      resolve({ err, code: error === null ? 0 : Number(error.code) }),
    );
  });

/** The first line that a command prints; the command is ended then. */
const firstLine = (environment: Readonly<Record<string, string>>, ...words: string[]) =>
  new Promise<string>((resolve, reject) => {
    const command = spawn(process.execPath, [main, ...words], { env: { ...plainEnvironment, ...environment } });
    onTestFinished(() => void command.kill('SIGKILL'));
    createInterface({ input: command.stdout }).once('line', (line) => {
      resolve(line);
      command.kill('SIGTERM');
    });
    command.on('error', reject);
  });

test('a papilio that is started with an issuer knows people by their tokens, and nobody without', async () => {
  const provider = await anOidcProvider([anRsaKey('spring')]);
  onTestFinished(() => provider[Symbol.asyncDispose]());
  const scratch = aScratch('papilio-oidc-whole-');
  const folder = join(scratch, 'data');
  const rolesFile = join(scratch, 'roles.json');
  await writeFile(rolesFile, JSON.stringify({ rules: [{ group: '/eic/pilots', role: 'viewer' }] }));
  const environment = {
    PAPILIO_OIDC_ISSUER: provider.url,
    PAPILIO_OIDC_AUDIENCE: audience,
    PAPILIO_OIDC_ALLOW_LOOPBACK_HTTP: 'true',
    // As seen from where papilio is started.
    PAPILIO_ROLES_FILE: relative(process.cwd(), rolesFile),
  };
  const house = startWhole({ folder, words: ['--no-demo'], environment });
  const said = await house.says(/API http:\S+/);
  const [, url = ''] = /API (http:\S+)\/v1/.exec(said) ?? [];
  const statusOf = async (token?: string) =>
    (await fetch(`${url}/v1/status`, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }))
      .status;
  const token = await provider.clientCredentials('compute.read');
  expect(await statusOf()).toBe(401);
  expect(await statusOf(token)).toBe(200);
  expect(await statusOf((await readFile(join(folder, 'admin.token'), 'utf8')).trim())).toBe(200);
  const me = await fetch(`${url}/v1/me`, { headers: { authorization: `Bearer ${token}` } });
  expect(Me.parse(await me.json())).toMatchObject({ kind: 'oidc', roles: ['viewer'] });
  expect(await papilio({ PAPILIO_URL: url, PAPILIO_TOKEN: token }, 'status')).toMatchObject({ code: 0 });
  const watched = await firstLine({ PAPILIO_URL: url, PAPILIO_TOKEN: token }, 'status', '--watch', '--json');
  expect(Status.parse(JSON.parse(watched)).planes.every(({ isAlive }) => isAlive)).toBe(true);
  expect(await papilio({ PAPILIO_DATA: folder }, 'status')).toMatchObject({ code: 0 });
  expect(await papilio({ PAPILIO_URL: url }, 'status')).toMatchObject({ code: 4 });
  house.process.kill('SIGTERM');
  expect((await house.ended).code).toBe(0);
});

test.each([
  ['an issuer of plain HTTP', { PAPILIO_OIDC_ISSUER: 'http://iam.example.org' }, /config-invalid.*PAPILIO_OIDC_ISSUER/],
  ['no audience', { PAPILIO_OIDC_AUDIENCE: '' }, /config-invalid.*PAPILIO_OIDC_AUDIENCE/],
  ['no roles file where it is said to be', { PAPILIO_ROLES_FILE: 'nowhere.json' }, /roles-file-invalid.*nowhere\.json/],
])('with %s nothing is started, and what is wrong is named', async (_what, wrong, says) => {
  const folder = join(aScratch('papilio-oidc-wrong-'), 'data');
  const good = { PAPILIO_OIDC_ISSUER: 'https://iam.example.org', PAPILIO_OIDC_AUDIENCE: audience };
  const house = startWhole({ folder, environment: { ...good, ...wrong } });
  const { code, said } = await house.ended;
  expect(said).toMatch(says);
  expect(said).toMatch(/try: /);
  expect(code).toBe(1);
  expect(existsSync(folder)).toBe(false);
});
