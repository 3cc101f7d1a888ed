import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { UsagePage } from '#schema/usage';
import { frontOf } from '../../local/supervisor/front-client.ts';
import { startHouse } from '../../local/supervisor/house.ts';
import { plainEnvironment } from '../builders/plain-environment.ts';

/** Where the front listens and whom it believes, with the processes that papilio really starts. */
const main = fileURLToPath(new URL('../../local/main.ts', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'papilio-edge-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 }));

type Said = { readonly err: string; readonly code: number };
const start = (environment: Readonly<Record<string, string>>, ...words: readonly string[]): Promise<Said> =>
  new Promise((resolve) => {
    const env = { ...plainEnvironment, ...environment };
    execFile(process.execPath, [main, ...words], { env }, (error, _, err) =>
      resolve({ err, code: error === null ? 0 : Number(error.code) }),
    );
  });

test.each(['0.0.0.0', '10.1.2.3', '::'])(
  'npm start -- --host %s is refused while nothing says who people are, and nothing is started',
  async (host) => {
    const folder = join(scratch, 'refused');
    const { err, code } = await start({}, '--data', folder, '--no-demo', '--port', '0', '--host', host);
    expect(code).toBe(2);
    expect(err).toContain('[bind-refused]');
    expect(err).toMatch(/try: .*PAPILIO_OIDC_ISSUER.*PAPILIO_TLS_FRONT_SECRET_FILE/);
    expect(existsSync(folder)).toBe(false);
  },
);

test('an address that is none is refused by the command line', async () => {
  const { err, code } = await start({}, '--host', 'papilio.example.org');
  expect(code).toBe(1);
  expect(err).toContain('not an IP address');
});

test('says at its start that only this machine reaches it, and where the token lies that nobody else can read', async () => {
  const folder = join(scratch, 'noticed');
  const { err, code } = await start({}, '--data', folder, '--exit', '--no-demo', '--port', '0');
  expect([code, err]).toEqual([0, expect.stringContaining(`needs the token in ${folder}/admin.token`)]);
  expect(statSync(join(folder, 'admin.token')).mode & 0o777).toBe(0o600);
});

test('at another address of this machine it works as at the usual one', async () => {
  const words = ['--data', join(scratch, 'second'), '--exit', '--no-demo', '--port', '0', '--host', '127.0.0.2'];
  const { err, code } = await start({}, ...words);
  expect([code, err]).toEqual([0, expect.stringMatching(/API http:\/\/127\.0\.0\.2:\d+\/v1/)]);
});

test('listens where others reach it once it has a TLS front, takes its public name as its own, and knows nobody by address', async () => {
  const secret = join(scratch, 'front.secret');
  writeFileSync(secret, 'a secret of the front and papilio alone', { mode: 0o600 });
  const folder = join(scratch, 'public');
  const environment = {
    ...plainEnvironment,
    PAPILIO_TLS_FRONT_SECRET_FILE: secret,
    PAPILIO_PUBLIC_URL: 'https://papilio.example.org',
  };
  const house = await startHouse({ folder, port: 0, host: '0.0.0.0', environment });
  onTestFinished(() => house.stop());
  const { baseUrl } = await frontOf(folder);
  const ask = async (path: string, host?: string): Promise<unknown[]> =>
    new Promise((resolve, reject) => {
      get(`${baseUrl}${path}`, { headers: host === undefined ? {} : { host } }, (response) => {
        text(response).then((body) => resolve([response.statusCode, JSON.parse(body).code]), reject);
      }).once('error', reject);
    });
  expect(await ask('/v1/version', 'papilio.example.org')).toEqual([200, undefined]);
  expect(await ask('/v1/version', 'evil.example.org')).toEqual([403, 'host-refused']);
  expect(await ask('/v1/runs')).toEqual([401, 'token-missing']);
});

test('what was counted of use outlives a restart of the front', async () => {
  const folder = join(scratch, 'counted');
  const house = await startHouse({ folder, port: 0, environment: { ...plainEnvironment } });
  onTestFinished(() => house.stop());
  const { baseUrl } = await frontOf(folder);
  for (let time = 0; time < 5; time++) await fetch(`${baseUrl}/v1/runs`, { headers: { 'user-agent': 'rate-plot/1' } });
  process.kill(house.pid('front') ?? 0, 'SIGTERM');
  await expect.poll(() => house.starts('front'), { timeout: 20_000 }).toBe(2);
  const authorization = `Bearer ${readFileSync(join(folder, 'admin.token'), 'utf8').trim()}`;
  const used = async () => {
    const { baseUrl: now } = await frontOf(folder);
    const answer = await fetch(`${now}/v1/usage?client=rate-plot`, { headers: { authorization } });
    return UsagePage.parse(await answer.json()).items.map(({ requests }) => requests);
  };
  await expect.poll(used, { timeout: 20_000 }).toEqual([5]);
});
