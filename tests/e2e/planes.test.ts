import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { startHouse } from '../../local/supervisor/house.ts';
import { isRunning, readHolder, stateOf } from '../../local/supervisor/process-identity.ts';
import { aFolder, aHouse, handled, sendWords, statusOf } from './planes/test-house.ts';

const soon = { timeout: 10_000, interval: 50 };
const isGone = async (pid: number) => [undefined, 'Z'].includes(await stateOf(pid));
const pidIn = async (folder: string, lock: string) => (await readHolder(join(folder, lock)))?.pid ?? 0;

test('a plane that is killed is started again and goes on with its queue', async () => {
  const folder = await aFolder();
  const house = await aHouse(folder);
  await sendWords(folder, ['before']);
  await expect.poll(() => handled(folder), soon).toEqual(['before']);

  process.kill(house.pid('work') ?? 0, 'SIGKILL');
  await expect.poll(() => house.starts('work'), soon).toBe(2);
  await expect.poll(() => statusOf(folder, 'work'), soon).toBeDefined();
  await sendWords(folder, ['after']);
  await expect.poll(() => handled(folder), soon).toEqual(['after', 'before']);
});

test('a plane that somebody stopped is killed and started again, and nothing in it is blamed', async () => {
  const folder = await aFolder();
  const house = await aHouse(folder, { standstillMs: 1_000 });
  process.kill(house.pid('work') ?? 0, 'SIGSTOP');
  await expect.poll(() => house.starts('work'), soon).toBe(2);
  await expect.poll(async () => (await statusOf(folder, 'work'))?.parked, soon).toEqual([]);
  expect(house.starts('archive')).toBe(1);
});

test('a replay that cannot begin is given up with its reason, and the planes go on', async () => {
  const folder = await aFolder();
  const bridge = fileURLToPath(new URL('./planes/no-bridge.ts', import.meta.url));
  const house = await aHouse(folder, { programs: { bridge }, processes: ['archive'] });
  house.play([]);
  await expect(house.bridgeDone).rejects.toThrow('no such broker');
  expect(await statusOf(folder, 'archive')).toMatchObject({ plane: 'archive' });
});

test('a function that throws keeps its message in the queue and stops nothing else', async () => {
  const folder = await aFolder();
  await aHouse(folder);
  await sendWords(folder, ['bad']);
  const inFlight = async () => (await statusOf(folder, 'work'))?.queues?.words?.inFlight;
  await expect.poll(inFlight, soon).toBe(1);
  await sendWords(folder, ['good']);
  await expect.poll(() => handled(folder), soon).toEqual(['good']);
});

test('a second supervisor is refused and told who has the folder', async () => {
  const folder = await aFolder();
  await aHouse(folder, { processes: [] });
  const second = startHouse({ folder, port: 0, environment: {}, processes: [] });
  await expect(second).rejects.toMatchObject({
    code: 'folder-in-use',
    reason: expect.stringContaining(`process ${process.pid}`),
  });
});

test('a folder of other people is refused and left alone', async () => {
  const folder = await aFolder();
  await writeFile(join(folder, 'thesis.tex'), 'years of work');
  const house = startHouse({ folder, port: 0, environment: {}, processes: [] });
  await expect(house).rejects.toMatchObject({ code: 'folder-foreign' });
  expect(await readFile(join(folder, 'thesis.tex'), 'utf8')).toBe('years of work');
});

test('a clean stop leaves no process and no lock, and the folder starts again as the same instance', async () => {
  const folder = await aFolder();
  const house = await aHouse(folder, { environment: { PAPILIO_INSTANCE: 'test' } });
  const pids = [house.pid('archive') ?? 0, house.pid('work') ?? 0];
  await house.stop();
  for (const pid of pids) expect(await isGone(pid)).toBe(true);
  for (const lock of ['lock', 'archive/lock', 'work/lock'])
    expect(await readHolder(join(folder, lock))).toBeUndefined();

  const again = await aHouse(folder);
  expect(again.instance).toBe('test');
});

test('what a killed supervisor left running is ended by the next start', async () => {
  const folder = await aFolder();
  const supervisor = fork(fileURLToPath(new URL('./planes/supervisor.ts', import.meta.url)), [folder]);
  await Promise.race([once(supervisor, 'message'), once(supervisor, 'exit')]);
  const stopped = await readHolder(join(folder, 'work/lock'));
  if (stopped === undefined) throw new Error('the work plane has no lock');
  // a stopped plane does not see that its supervisor is gone
  process.kill(stopped.pid, 'SIGSTOP');
  supervisor.kill('SIGKILL');
  await once(supervisor, 'exit');
  expect(await isRunning(stopped)).toBe(true);

  await aHouse(folder);
  expect(await isRunning(stopped)).toBe(false);
  expect(await pidIn(folder, 'work/lock')).not.toBe(stopped.pid);
});

test('a full work plane stops taking work and goes on by itself when there is space again', async () => {
  const folder = await aFolder();
  await aHouse(folder, { environment: { PAPILIO_WORK_QUOTA_MB: '20' } });
  const paused = async () => (await statusOf(folder, 'work'))?.quota;
  await writeFile(join(folder, 'work', 'ballast'), Buffer.alloc(30e6, 1));
  await expect.poll(paused, soon).toMatchObject({ paused: expect.stringContaining('quota of 20.0 MB') });
  await sendWords(folder, ['patience']);
  expect((await statusOf(folder, 'work'))?.queues?.words).toEqual({ visible: 1, inFlight: 0, delayed: 0 });
  expect((await statusOf(folder, 'archive'))?.quota).not.toHaveProperty('paused');

  await rm(join(folder, 'work', 'ballast'));
  await expect.poll(() => handled(folder), soon).toEqual(['patience']);
});
