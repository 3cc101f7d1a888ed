import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { contentHash } from '#lib/model/content-hash';
import { stfName } from '#lib/model/stf-name';
import { CommandRecord, CommandView } from '#schema/command';
import { Output } from '#schema/output';
import { Quarantine } from '#schema/quarantine';
import { Replica } from '#schema/stf';
import { QuarantinePage } from '#schema/view';
import { ApiError } from '../../clients/http/api-error.ts';
import { type Client, createClient } from '../../clients/http/client.ts';
import { mendQuarantine } from '../../clients/http/generated/operations.ts';
import { frontOf } from '../../local/supervisor/front-client.ts';
import { plainEnvironment } from '../builders/plain-environment.ts';
import { type AnnouncedHouse, anAnnouncedHouse } from './announced/announced-house.ts';
import { recordsOf } from './records.ts';

/** A person settles what is in quarantine, with the real command and the real processes, through their deaths. */
const main = fileURLToPath(new URL('../../clients/cli/main.ts', import.meta.url));
const run = 4001;

type Said = { readonly out: string; readonly err: string; readonly code: number };
const papilioIn =
  (folder: string) =>
  (...words: string[]): Promise<Said> =>
    new Promise((resolve) => {
      const env = { ...plainEnvironment, PAPILIO_DATA: folder };
      execFile(process.execPath, [main, ...words], { env }, (error, out, err) =>
        resolve({ out, err, code: error === null ? 0 : Number(error.code) }),
      );
    });

/** What an STF's message should have been, and what the DAQ made of it. */
const aMishap = (sequence: number) => {
  const good = {
    msg_type: 'stf_gen',
    run_id: run,
    filename: stfName({ run, sequence }),
    timestamp: '2026-11-24T06:00:00.000000',
    state: 'run',
    substate: 'physics',
  };
  const bad = { ...good, filename: `stf-${sequence}` };
  return { name: good.filename, good: JSON.stringify(good), bad, id: `quarantine_${contentHash(JSON.stringify(bad))}` };
};

/** What is held, as soon as so many messages are. */
const held = async ({ ask }: AnnouncedHouse, count: number) => {
  for (;;) {
    const { items } = QuarantinePage.parse(await ask('/v1/quarantine?state=held&limit=500'));
    if (items.length >= count) return items;
    await delay(50);
  }
};

const processed = (daq: AnnouncedHouse, name: string) =>
  daq.until(name, (view) => view?.isArchived === true && view.processing === 'processed');

test('a message that the DAQ got wrong is mended from the command line: its STF is archived and processed', async () => {
  const daq = await anAnnouncedHouse({ PAPILIO_LOCAL_SLOTS: '1' });
  const papilio = papilioIn(daq.folder);
  const { name, good, bad, id } = aMishap(1);
  await daq.write(1);
  await daq.say(bad);
  await held(daq, 1);

  const replayed = await papilio('quarantine', 'replay', id, '--why', 'perhaps');
  expect(replayed).toMatchObject({
    code: 2,
    err: expect.stringMatching(/^dev-local at .*\nerror\[stf-name-invalid\].*\n {2}try: /),
  });
  const body = join(daq.folder, 'log', 'body.json');
  writeFileSync(body, JSON.stringify(bad));
  expect((await papilio('quarantine', 'mend', id, '--file', body, '--dry-run')).code).toBe(1);
  writeFileSync(body, good);
  const tried = await papilio('quarantine', 'mend', id, '--file', body, '--dry-run');
  expect(tried).toMatchObject({ code: 0, out: expect.stringContaining(name) });
  expect((await papilio('quarantine', 'mend', id, '--file', body)).err).toContain('--why');

  const mended = await papilio('quarantine', 'mend', id, '--file', body, '--why', 'the name was wrong', '--json');
  expect(mended.err).toMatch(/^dev-local at \S+\n$/);
  expect(CommandView.array().parse(JSON.parse(mended.out))).toMatchObject([
    { state: 'done', action: 'quarantine.mend' },
  ]);
  await processed(daq, name);
  const { out } = await papilio('quarantine', 'show', id);
  expect(out).toMatch(/archive +mended: stf-name-invalid/);
  expect(out).toMatch(/mend .*: the name was wrong \(now \S+_message_[0-9a-f]{32}\)/);
  expect(out).toContain(JSON.stringify(bad));
  const again = await papilio('quarantine', 'discard', id, '--why', 'too late');
  expect(again).toMatchObject({ code: 5, err: expect.stringContaining('quarantine-settled') });
  expect((await stat(join(daq.folder, 'admin.token'))).mode & 0o777).toBe(0o600);
  const stranger = await papilio('quarantine', 'replay', id, '--why', 'x', '--token', 'guessed');
  expect(stranger).toMatchObject({ code: 4, err: expect.stringContaining('PAPILIO_TOKEN') });
}, 60_000);

test('an STF whose file was lost is replayed once it is there; two replays of it are one STF with one output', async () => {
  const daq = await anAnnouncedHouse({ PAPILIO_LOCAL_SLOTS: '1', PAPILIO_FILE_WAIT_S: '1' });
  const stf = await daq.write(1, join(daq.folder, '..', 'beside.stf'));
  await daq.announce(stf);
  const items = await held(daq, 1);
  expect(items).toMatchObject([{ problem: { code: 'stf-file-lost' } }]);
  await daq.write(1);
  const id = items[0]?.id ?? '';
  const papilio = papilioIn(daq.folder);
  const why = ['--why', 'the file is there'];
  const both = await Promise.all([
    papilio('quarantine', 'replay', id, ...why),
    papilio('quarantine', 'replay', id, ...why),
  ]);
  // One of them may come when the other has done it all.
  expect(both.map(({ code }) => code).filter((code) => code !== 5)).not.toEqual([]);
  await processed(daq, stf.name);
  await daq.house.stop();
  const archive = recordsOf(daq.folder, 'archive');
  expect(archive.of('replica', Replica)).toHaveLength(1);
  expect(archive.of('quarantine', Quarantine)).toMatchObject([{ state: 'released' }]);
  const outputs = recordsOf(daq.folder, 'work').of('output', Output);
  expect(outputs.filter(({ stfId }) => stfId !== undefined)).toHaveLength(1);
}, 60_000);

/** Asks for it under one key until it is done, whatever dies meanwhile. */
const insist = async (client: Client, id: string, body: { why: string; body: string }): Promise<CommandView> => {
  for (;;) {
    try {
      const view = await client.call(mendQuarantine, { path: { id }, body }, { key: id });
      if (view.state === 'done') return view;
    } catch (error) {
      if (!(error instanceof ApiError) || ![0, 503].includes(error.status)) throw error;
    }
    await delay(100);
  }
};

test('planes that are killed while messages are mended lose none and double none', async () => {
  const daq = await anAnnouncedHouse({ PAPILIO_LOCAL_SLOTS: '1' });
  const mishaps = [1, 2, 3, 4].map(aMishap);
  for (const [at, { bad }] of mishaps.entries()) {
    await daq.write(at + 1);
    await daq.say(bad);
  }
  await held(daq, mishaps.length);
  const token = (await readFile(join(daq.folder, 'admin.token'), 'utf8')).trim();
  const client = createClient((await frontOf(daq.folder)).baseUrl, { token, user: 'anna' });
  for (const [at, { id, good }] of mishaps.entries()) {
    const asked = insist(client, id, { why: 'the name was wrong', body: good });
    // At another moment each time.
    await delay(at * 4);
    const victim = daq.house.pid(at % 2 === 0 ? 'archive' : 'work');
    // One of them only stands still: it takes what is sent, and answers nothing until it is ended.
    if (victim !== undefined) process.kill(victim, at === 2 ? 'SIGSTOP' : 'SIGKILL');
    expect(await asked).toMatchObject({ state: 'done', by: 'anna' });
  }
  for (const { name } of mishaps) await processed(daq, name);
  await daq.house.stop();
  const archive = recordsOf(daq.folder, 'archive');
  expect(archive.of('command', CommandRecord).map(({ state }) => state)).toEqual(mishaps.map(() => 'done'));
  for (const { state, acts } of archive.of('quarantine', Quarantine))
    expect([state, acts?.map(({ act }) => act)]).toEqual(['mended', ['mend']]);
  expect(archive.of('replica', Replica)).toHaveLength(mishaps.length);
  const outputs = recordsOf(daq.folder, 'work').of('output', Output);
  expect(outputs.filter(({ stfId }) => stfId !== undefined)).toHaveLength(mishaps.length);
}, 90_000);
