import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Me } from '#schema/me';
import { fetchOver } from '../../clients/http/socket-fetch.ts';
import { frontOf } from '../../local/supervisor/front-client.ts';
import { startHouse } from '../../local/supervisor/house.ts';
import { plainEnvironment } from '../builders/plain-environment.ts';

const isRoot = process.geteuid?.() === 0;
/** Says whether a user without rights comes to what is named. */
const [asNobody = '', ...reaching] = [
  'setpriv',
  '--reuid',
  '65534',
  '--regid',
  '65534',
  '--clear-groups',
  'sh',
  '-c',
  'test -e "$0" && echo yes || echo no',
];

test('the front answers with the token over the socket of its folder, also after its death, and another user does not reach it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'papilio-socket-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const house = await startHouse({ folder, port: 0, environment: plainEnvironment });
  onTestFinished(house.stop);
  const socket = join(folder, 'front.sock');
  const authorization = `Bearer ${readFileSync(join(folder, 'admin.token'), 'utf8').trim()}`;
  const { baseUrl, latestRun } = await frontOf(folder);
  const whoAmI = async () => {
    const response = await fetchOver(socket)(new URL('/v1/me', baseUrl), { headers: { authorization } });
    expect(response.url).toBe(`${baseUrl}/v1/me`);
    return Me.parse(await response.json()).roles;
  };
  expect(await whoAmI()).toContain('admin');
  expect(statSync(socket).mode & 0o777).toBe(0o600);
  if (isRoot) {
    const reached = (path: string) => spawnSync(asNobody, [...reaching, path], { encoding: 'utf8' }).stdout.trim();
    expect([reached(tmpdir()), reached(socket)]).toEqual(['yes', 'no']);
  }
  const front = house.pid('front');
  if (front !== undefined) process.kill(front, 'SIGKILL');
  // What was started with papilio asks until the front is there again.
  expect(await latestRun()).toBeUndefined();
  expect(await whoAmI()).toContain('admin');
  expect(house.pid('front')).not.toBe(front);
});
