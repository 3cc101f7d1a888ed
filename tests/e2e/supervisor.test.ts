import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { silentLog } from '#lib/log';
import { systemClock } from '#lib/system-clock';
import { Processes } from '#schema/processes';
import { demoRecording } from '../../local/sim/daq/demo.ts';
import { supervise } from '../../local/supervisor/child.ts';
import { openLogFile } from '../../local/supervisor/log-file.ts';
import { plainEnvironment } from '../builders/plain-environment.ts';
import { aFolder, aHouse, statusOf } from './planes/test-house.ts';

const soon = { timeout: 20_000, interval: 50 };
const front = fileURLToPath(new URL('./planes/no-front.ts', import.meta.url));

/** What the file says of one process. */
const lineOf = async (folder: string, name: string) => {
  const { processes } = Processes.parse(JSON.parse(await readFile(join(folder, 'processes.json'), 'utf8')));
  return processes.find((line) => line.name === name);
};

/** STFs in the archive, by its own records. */
const archivedIn = (folder: string): number => {
  const db = new DatabaseSync(join(folder, 'archive/store.db'), { readOnly: true });
  const row = db.prepare("SELECT count(*) AS n FROM items WHERE sk = 'replica'").get();
  db.close();
  return Number(row?.n);
};

/** Replays a run into a new folder as fast as it goes, with other programs in the place of papilio's own. */
const replayed = async (stfs: number, programs: { readonly front?: string }, say?: (line: string) => void) => {
  const folder = await aFolder();
  const recording = join(await aFolder(), 'run.jsonl');
  await writeFile(recording, `${demoRecording(2103, new Date('2026-11-24T06:00:00Z'), stfs).join('\n')}\n`);
  const instance = await aHouse(folder, {
    programs,
    processes: ['archive', 'work', 'front'],
    bridge: ['--replay', recording, '--speed', 'max'],
    ...(say === undefined ? {} : { say }),
  });
  return { folder, instance };
};

test('a front that exits at every start ends nothing: all that comes is archived, and the file and one line say what is down', async () => {
  const said: string[] = [];
  const { folder, instance } = await replayed(4, { front }, (line) => said.push(line));
  await expect.poll(() => archivedIn(folder), soon).toBe(4);
  await instance.bridgeDone;

  expect(instance.starts('front')).toBeGreaterThanOrEqual(3);
  await expect.poll(async () => (await lineOf(folder, 'work'))?.state, soon).toBe('up');
  expect(await lineOf(folder, 'front')).toMatchObject({
    state: 'down',
    lastExit: { cause: expect.stringContaining('no page to serve') },
  });
  expect(await lineOf(folder, 'work')).toMatchObject({
    state: 'up',
    pid: instance.pid('work'),
    starts: 1,
    restarts: 0,
  });
  expect(said.filter((line) => line.startsWith('front'))).toEqual([
    expect.stringMatching(/^front does not start: .*no page to serve.*; it is tried again$/),
  ]);
});

/** STFs a second at which a run is archived, from the moments of its first and last copy. */
const rateOf = async (programs: { readonly front?: string }): Promise<number> => {
  const stfs = 80;
  const { folder, instance } = await replayed(stfs, programs);
  await expect.poll(() => archivedIn(folder), { timeout: 40_000, interval: 250 }).toBe(stfs);
  await instance.bridgeDone;
  await instance.stop();
  const db = new DatabaseSync(join(folder, 'archive/store.db'), { readOnly: true });
  const rows = db.prepare("SELECT json_extract(doc, '$.archivedAt') AS at FROM items WHERE sk = 'replica'").all();
  db.close();
  const times = rows.map(({ at }) => Date.parse(String(at)));
  return ((stfs - 1) / (Math.max(...times) - Math.min(...times))) * 1000;
};

test('a front that exits at every start leaves archiving at its rate', async () => {
  const withFront: number[] = [];
  const without: number[] = [];
  for (let pair = 0; pair < 2; pair++) {
    withFront.push(await rateOf({}));
    without.push(await rateOf({ front }));
  }
  expect(Math.max(...without) / Math.max(...withFront)).toBeGreaterThan(0.8);
}, 120_000);

test('a restart is counted with its cause', async () => {
  const folder = await aFolder();
  const house = await aHouse(folder);
  process.kill(house.pid('work') ?? 0, 'SIGKILL');
  await expect
    .poll(() => lineOf(folder, 'work'), soon)
    .toMatchObject({ state: 'up', starts: 2, restarts: 1, lastExit: { cause: 'SIGKILL' } });
  expect(await lineOf(folder, 'archive')).toMatchObject({ state: 'up', restarts: 0 });
});

test('a plane whose store is not papilio’s stays down for good with its cause, and the other goes on', async () => {
  const folder = await aFolder();
  const first = await aHouse(folder, { programs: {} });
  await first.stop();
  const foreign = new DatabaseSync(join(folder, 'work/store.db'));
  foreign.exec('PRAGMA application_id = 7');
  foreign.close();

  const house = await aHouse(folder, { programs: {} });
  await expect(house.hopeless).rejects.toThrow(/^work does not start: \[store-foreign\]/);
  await expect
    .poll(() => lineOf(folder, 'work'), soon)
    .toMatchObject({ state: 'down', isFinal: true, starts: 1, lastExit: { code: 'store-foreign' } });
  expect(await statusOf(folder, 'archive')).toMatchObject({ plane: 'archive' });
});

test('a process that is started while the machine’s clock is set back has the clock of those that were there before', async () => {
  const folder = await aFolder();
  const hourMs = 3_600_000;
  const nowMs = () => systemClock.nowMs() + hourMs;
  const program = {
    name: 'watch',
    path: fileURLToPath(new URL('./planes/watch.ts', import.meta.url)),
    args: [],
    folder,
    environment: { ...plainEnvironment },
    nodeFlags: [],
    asksEnding: false,
    endsByItself: true,
  };
  const child = supervise({
    program,
    output: openLogFile(join(folder, 'watch.jsonl'), { sizeBytes: 1e6, kept: 1 }),
    log: silentLog,
    clock: { nowMs, at: (atMs, wake) => systemClock.at(atMs - hourMs, wake) },
    standstillMs: 5_000,
    say: () => undefined,
    onChange: () => undefined,
  });
  await child.done;
  const shownMs = Number(await readFile(join(folder, 'watch.txt'), 'utf8'));
  expect(Math.abs(nowMs() - shownMs)).toBeLessThan(hourMs / 2);
});
