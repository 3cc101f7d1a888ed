import { cpSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { AuditPage } from '#schema/audit';
import { AuditReport } from '#schema/audit-report';
import { Status } from '#schema/status';
import { run } from '../../clients/cli/program.ts';
import { frontOf } from '../../local/supervisor/front-client.ts';
import { aScratch, startWhole } from './whole/whole-house.ts';

/** The audit log of the real processes, through their deaths, under an anchor. */
const verify = async (data: string, anchor: string) => {
  const said: string[] = [];
  const code = await run(['--config', '/none', '--data', data, 'audit', 'verify', '--json', '--anchor', anchor], {
    ...{ in: Readable.from(['']), err: { write: () => undefined }, signal: new AbortController().signal },
    out: { write: (text: string | Uint8Array) => void said.push(String(text)) },
  });
  return { code, reports: AuditReport.array().parse(JSON.parse(said.join(''))) };
};

const request = async (folder: string, path: string, token?: string, body?: object): Promise<Response> =>
  fetch(`${(await frontOf(folder)).baseUrl}${path}`, {
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  });

test('a log that is anchored holds through kill -9, and what is cut from it afterwards is found', async () => {
  const scratch = aScratch();
  const folder = join(scratch, 'data');
  const anchor = join(scratch, 'heads.jsonl');
  const environment = { PAPILIO_ANCHOR: anchor, PAPILIO_ANCHOR_EVERY_S: '1' };
  const why = { why: 'a test' };
  const first = startWhole({ folder, environment, words: ['--no-demo'] });
  await first.says(/API http:\S+/);
  const admin = (await readFile(join(folder, 'admin.token'), 'utf8')).trim();
  expect((await request(folder, '/v1/processing/suspend', admin, why)).status).toBe(200);
  expect((await request(folder, '/v1/processing/resume', undefined, why)).status).toBe(401);
  const anchored = async () => {
    const { planes } = Status.parse(await (await request(folder, '/v1/status', admin)).json());
    return planes.map((plane) => plane.anchor?.seq ?? 0);
  };
  const lines = async () => AuditPage.parse(await (await request(folder, '/v1/audit', admin)).json()).items.length;
  while ((await lines()) < 2) await delay(100);
  const before = await anchored();
  for (const plane of ['archive', 'work'] as const) process.kill(first.pidOf(plane), 'SIGKILL');
  first.process.kill('SIGKILL');
  await first.ended;

  const second = startWhole({ folder, environment, words: ['--no-demo'] });
  await second.says(/API http:\S+/);
  expect((await request(folder, '/v1/processing/resume', admin, why)).status).toBe(200);
  second.process.kill('SIGTERM');
  await second.ended;

  const whole = await verify(folder, anchor);
  expect(whole).toMatchObject({
    code: 0,
    reports: [
      { faults: [], unseen: [] },
      { faults: [], unseen: [], lines: 3 },
    ],
  });
  expect(whole.reports[1]?.anchor?.seq).toBeGreaterThan(before[1] ?? 0);

  const copy = join(scratch, 'copy');
  cpSync(folder, copy, { recursive: true });
  const db = new DatabaseSync(join(copy, 'work', 'store.db'));
  db.exec("DELETE FROM items WHERE sk IN ('audit', 'command'); DELETE FROM events WHERE seq > 4");
  db.close();
  const cut = await verify(copy, anchor);
  expect(cut.code).toBe(5);
  expect(cut.reports[1]?.faults.map(({ kind }) => kind)).toContain('cut');
}, 60_000);
