import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { policy } from '../../../../functions/adapters/identity/policy.ts';
import { openRoles } from '../../../../functions/adapters/identity/roles.ts';
import { readConfig } from '../../../../functions/lib/config.ts';
import { silentLog } from '../../../../functions/lib/log.ts';
import { fakeClock } from '../../../builders/fake-clock.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'papilio-roles-'));
  path = join(folder, 'roles.json');
});
afterEach(() => rm(folder, { recursive: true }));

const userOf = (group: string) => ({ rules: [{ group, role: 'user' }] });
const write = (content: unknown, to = path) =>
  writeFile(to, typeof content === 'string' ? content : JSON.stringify(content));

/** The file opened, with what the log says of it, and its groups as they are a second later. */
const opened = async () => {
  const clock = fakeClock();
  const said: string[] = [];
  const log = {
    ...silentLog,
    info: (_fields: object, message: string) => void said.push(message),
    error: (fields: object, message: string) => void said.push(`${message}: ${JSON.stringify(fields)}`),
  };
  const config = readConfig({ PAPILIO_OIDC_ISSUER: 'https://iam.example.org', PAPILIO_ROLES_FILE: path });
  const roles = await openRoles({ config, clock, log });
  const groups = async () => (await roles()).rules.map(({ group }) => group);
  const later = async () => {
    await clock.advance(policy.rolesLookMs);
    return groups();
  };
  return { said, roles, groups, later };
};

it('a change of the roles file holds a second later, and not before', async () => {
  await write(userOf('/eic/first'));
  const { groups, later, said } = await opened();
  await write({ rules: [], refused: [{ subject: 'mallory' }] });
  expect(await groups()).toEqual(['/eic/first']);
  expect(await later()).toEqual([]);
  expect(said).toEqual(['roles file read again']);
});

it('another file that is put in its place, of the same size, is read', async () => {
  await write(userOf('/eic/first'));
  const { later } = await opened();
  await write(userOf('/eic/other'), `${path}.new`);
  await rename(`${path}.new`, path);
  expect(await later()).toEqual(['/eic/other']);
});

it('a file that has become wrong, or is gone, changes nothing, and the log says so once', async () => {
  await write(userOf('/eic/first'));
  const { later, said } = await opened();
  await write('{"rules": [');
  for (let second = 0; second < 5; second += 1) expect(await later()).toEqual(['/eic/first']);
  expect(said).toEqual([expect.stringMatching(/roles file is wrong.*is not JSON/)]);
  await rm(path);
  for (let second = 0; second < 5; second += 1) expect(await later()).toEqual(['/eic/first']);
  expect(said[1]).toMatch(/cannot be read/);
  expect(said).toHaveLength(2);
});

it('a file that was wrong and is mended holds', async () => {
  await write(userOf('/eic/first'));
  const { later } = await opened();
  await write('');
  expect(await later()).toEqual(['/eic/first']);
  await write(userOf('/eic/mended'));
  expect(await later()).toEqual(['/eic/mended']);
});

it('many who ask at the moment of a change all get what it says now', async () => {
  await write(userOf('/eic/first'));
  const { later, groups, said } = await opened();
  await write(userOf('/eic/second'));
  const all = await Promise.all([later(), later(), groups(), groups()]);
  expect(all.slice(0, 2)).toEqual([['/eic/second'], ['/eic/second']]);
  expect(await groups()).toEqual(['/eic/second']);
  expect(said).toHaveLength(1);
});
