import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { AuditLine, AuditPage } from '#schema/audit';
import { Me } from '#schema/me';
import { TokenMade, TokenUse, TokenView } from '#schema/token';
import { frontOf } from '../../local/supervisor/front-client.ts';
import { anAnnouncedHouse } from './announced/announced-house.ts';
import { recordsOf } from './records.ts';
import { aScratch, startWhole } from './whole/whole-house.ts';

/** Who may what in the real processes, over a real socket, through their deaths. */
type Asked = { readonly token?: string | undefined; readonly body?: object };

const asker =
  (folder: string) =>
  async (path: string, { token, body }: Asked = {}): Promise<{ status: number; json: unknown }> => {
    for (;;) {
      try {
        // A front that was killed comes back under its address; until then nobody is there.
        const answer = await fetch(`${(await frontOf(folder)).baseUrl}${path}`, {
          headers: {
            'content-type': 'application/json',
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          },
          ...(body && { method: 'POST', body: JSON.stringify(body) }),
        });
        const json: unknown = await answer.json();
        if (answer.status !== 503) return { status: answer.status, json };
      } catch {
        // Nobody is there yet.
      }
      await delay(50);
    }
  };

test('a machine’s token holds through the death of every process, and is worth nothing from the moment it is revoked', async () => {
  const { house, folder } = await anAnnouncedHouse();
  const ask = asker(folder);
  const admin = (await readFile(join(folder, 'admin.token'), 'utf8')).trim();
  const wish = { name: 'a dashboard', why: 'it shows the lag', policies: ['run.read', 'processing.suspend'] };
  const made = await ask('/v1/tokens', { token: admin, body: wish });
  expect(made.status, JSON.stringify(made.json)).toBe(200);
  const { id, secret } = TokenMade.parse(made.json);

  for (const victim of ['front', 'work'] as const) {
    const pid = house.pid(victim);
    if (pid !== undefined) process.kill(pid, 'SIGKILL');
    expect((await ask('/v1/runs', { token: secret })).status).toBe(200);
  }
  expect(Me.parse((await ask('/v1/me', { token: secret })).json)).toMatchObject({
    ...{ id, kind: 'machine', owner: 'admin', policies: wish.policies },
  });
  const why = { why: 'a test' };
  expect((await ask('/v1/jobs?run=1', { token: secret })).status).toBe(403);
  expect((await ask('/v1/processing/resume', { token: secret, body: why })).status).toBe(403);
  expect((await ask('/v1/processing/suspend', { token: secret, body: why })).status).toBe(200);
  expect((await ask('/v1/processing/resume', { body: why })).status).toBe(401);

  expect((await ask(`/v1/tokens/${id}/revoke`, { token: admin, body: why })).status).toBe(200);
  expect((await ask('/v1/runs', { token: secret })).status).toBe(401);
  expect(TokenView.parse((await ask(`/v1/tokens/${id}`, { token: admin })).json)).toMatchObject({ state: 'revoked' });

  const log = async () => AuditPage.parse((await ask('/v1/audit', { token: admin })).json).items;
  const outcomes = (lines: readonly AuditLine[]) => lines.map(({ by, action, outcome }) => [by, action, outcome]);
  for (let lines = await log(); outcomes(lines).length < 5; lines = await log()) await delay(100);
  expect(outcomes(await log()).toSorted()).toEqual(
    [
      ['admin', 'token.create', 'done'],
      [id, 'processing.resume', 'denied'],
      [id, 'processing.suspend', 'done'],
      ['anonymous', 'processing.resume', 'denied'],
      ['admin', 'token.revoke', 'done'],
    ].toSorted(),
  );
  const suspended = (await log()).find(({ action }) => action === 'processing.suspend');
  expect(suspended).toMatchObject({
    before: {},
    after: { 'facet.value': 'suspended-by-operator' },
    from: { address: '127.0.0.1', principal: { kind: 'machine', name: 'a dashboard', tokenId: id } },
  });
  await house.stop();
  const work = recordsOf(folder, 'work');
  expect(work.of('token-use', TokenUse)).toMatchObject([{ id }]);
  expect(JSON.stringify([work.of('audit', AuditLine), work.events])).not.toContain(secret?.slice(-49));
}, 60_000);

test('a papilio that is started as it comes says who may what, and keeps its administrator’s token to its user', async () => {
  const folder = join(aScratch('papilio-notice-'), 'data');
  const house = startWhole({ folder, words: ['--no-demo'] });
  await house.says(/API http:\S+/);
  const said = await house.says(/only this machine reaches it, and anybody here may read/);
  expect(said).toContain('admin.token');
  expect((await stat(join(folder, 'admin.token'))).mode & 0o777).toBe(0o600);
  const ask = asker(folder);
  expect((await ask('/v1/status')).status).toBe(200);
  expect((await ask('/v1/processing/suspend', { body: { why: 'a test' } })).status).toBe(401);
  expect((await ask('/v1/audit')).status).toBe(401);
  house.process.kill('SIGTERM');
  expect((await house.ended).code).toBe(0);
}, 60_000);
