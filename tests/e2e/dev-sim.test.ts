import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { createChecksums } from '#lib/model/checksum';
import { StfView } from '#schema/view';
import { plainEnvironment } from '../builders/plain-environment.ts';
import { aStompStub } from '../builders/stomp-stub.ts';
import { aScratch, startWhole } from './whole/whole-house.ts';

/** The simulated DAQ as a person starts it, and where it can play to. */
const main = fileURLToPath(new URL('../../clients/cli/main.ts', import.meta.url));
const schedule = fileURLToPath(new URL('../fixtures/schedules/short-run.toml', import.meta.url));
const papilio = (...words: string[]): Promise<{ out: string; err: string; code: number }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [main, ...words], { env: { ...plainEnvironment } }, (error, out, err) =>
      resolve({ out, err, code: error === null ? 0 : Number(error.code) }),
    );
  });
const start = ['--start', '2026-11-24T06:00:00Z'];
const adler32Of = (path: string): string => {
  const checksums = createChecksums();
  checksums.update(readFileSync(path));
  return checksums.digest().adler32;
};

test('a scenario is written down as a recording, the same for the same seed, and never over another file', async () => {
  const file = join(aScratch(), 'rt.jsonl');
  const words = ['dev', 'sim', '--scenario', 'rt', '--seed', '4', ...start];
  expect(await papilio(...words, '--to', file)).toMatchObject({ code: 0, out: '' });
  const { out } = await papilio(...words, '--to', '-');
  expect(out).toBe(readFileSync(file, 'utf8'));
  expect(out.trim().split('\n')).toHaveLength(72);
  const again = await papilio(...words, '--to', file);
  expect(again).toMatchObject({ code: 2, err: expect.stringContaining('try: name another file') });
});

test('says what it would play, and what it cannot', async () => {
  const { out } = await papilio('dev', 'sim', '--scenario', 'faults', '--dry-run', '--json');
  const Program = z.object({
    runs: z.array(z.object({ stfs: z.int(), faults: z.array(z.object({ kind: z.string() })) })),
  });
  const [run] = Program.parse(JSON.parse(out)).runs;
  expect(run?.faults.map(({ kind }) => kind)).toEqual([
    'flipped-bit',
    'missing-tf',
    'short-file',
    'wrong-checksum',
    'wrong-name',
    'hidden-bit',
  ]);
  const list = await papilio('dev', 'sim', '--list');
  expect(list.out).toMatch(/^demo .*\nrt .*\nday /);
  expect(await papilio('dev', 'sim', '--scenario', 'tea')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/no scenario tea.*\n.*try: /),
  });
  expect(await papilio('dev', 'sim', '--speed', 'slow')).toMatchObject({
    code: 2,
    err: expect.stringMatching(/--speed: .*\n.*try: /),
  });
  expect(await papilio('--data', aScratch(), 'dev', 'sim')).toMatchObject({
    code: 6,
    err: expect.stringMatching(/no papilio runs.*\n.*try: npm start/),
  });
});

test('plays to a broker: each message once, with the checksum of the file that was left for it', async () => {
  await using broker = await aStompStub();
  const incoming = join(aScratch(), 'incoming');
  const words = [
    'dev',
    'sim',
    '--scenario',
    schedule,
    '--speed',
    'max',
    '--broker',
    broker.url,
    '--destination',
    '/topic/daq',
    '--incoming',
    incoming,
  ];
  expect(await papilio(...words)).toMatchObject({ code: 0 });
  const sent = broker.got('SEND');
  expect(sent.map(({ headers }) => headers.destination)).toEqual(Array.from({ length: 6 }, () => '/topic/daq'));
  const bodies = sent.map(({ body }) => JSON.parse(body));
  expect(bodies.map(({ msg_type: type }) => type)).toEqual([
    'run_imminent',
    'start_run',
    'stf_gen',
    'stf_gen',
    'stf_gen',
    'end_run',
  ]);
  const files = bodies.flatMap(({ filename, checksum, sim }) =>
    filename === undefined ? [] : [[filename, checksum, sim]],
  );
  expect(files).toEqual(
    readdirSync(incoming)
      .toSorted()
      .map((name) => [name, `ad:${adler32Of(join(incoming, name))}`, undefined]),
  );
});

test('plays into the papilio that runs, as often as one likes, each time under the next free run number', async () => {
  const folder = join(aScratch(), 'data');
  const house = startWhole({ folder, words: ['--no-demo'] });
  await house.says(/API http/);
  for (const run of [1001, 1002]) {
    const { code, err } = await papilio('--data', folder, 'dev', 'sim', '--scenario', schedule, '--speed', 'max');
    expect({ code, err }).toMatchObject({ code: 0, err: expect.stringContaining(`from run ${run} on: 6 messages`) });
    const done = async () => {
      const { out } = await papilio('--data', folder, 'stf', 'list', '--run', String(run), '--json');
      return z
        .array(StfView)
        .safeParse(JSON.parse(out || '[]'))
        .data?.filter(({ isArchived, processing }) => isArchived && processing === 'processed').length;
    };
    await expect.poll(done, { timeout: 20_000, interval: 250 }).toBe(3);
  }
  house.process.kill('SIGTERM');
  expect((await house.ended).code).toBe(0);
}, 60_000);

test('stops at once when it is told to', async () => {
  await using broker = await aStompStub();
  const incoming = join(aScratch(), 'incoming');
  const words = ['dev', 'sim', '--scenario', 'line', '--broker', broker.url, '--incoming', incoming];
  const player = spawn(process.execPath, [main, ...words], { stdio: 'ignore' });
  await broker.whenGot('SEND', 1);
  player.kill('SIGINT');
  expect(await once(player, 'close')).toEqual([130, null]);
});
