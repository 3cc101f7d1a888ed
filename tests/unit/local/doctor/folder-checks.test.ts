import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfig } from '#lib/config';
import type { BridgeState } from '#schema/check-up';
import { bridgeStateFile } from '../../../../local/bridge/broker-state.ts';
import { checkBrokers } from '../../../../local/doctor/broker-check.ts';
import { checkDisk } from '../../../../local/doctor/disk-check.ts';
import { checkFolder } from '../../../../local/doctor/folder-checks.ts';
import { checkProcesses } from '../../../../local/doctor/process-check.ts';
import { fillDataFolder, holdPlate } from '../../../builders/a-data-folder.ts';
import { aFolder } from '../../../builders/a-folder.ts';

const config = readConfig({ PAPILIO_WORK_QUOTA_MB: '100', PAPILIO_ARCHIVE_RESERVE_MB: '50' });

const diskOf = async (plane: 'archive' | 'work', usedMb: number, freeMb: number) => {
  using folder = aFolder();
  mkdirSync(join(folder.path, plane));
  const meter = { used: async () => usedMb * 1e6, free: async () => freeMb * 1e6 };
  return await checkDisk(folder.path, plane, { config, meter });
};

test.each([
  ['work', 10, 5000, 'ok', '5.0 GB of .* are free, it stops at 50.0 MB, it holds 10.0 MB of its 100.0 MB'],
  ['work', 101, 5000, 'problem', 'it holds 101.0 MB of its quota of 100.0 MB'],
  ['work', 10, 49, 'problem', 'the disk has 49.0 MB left, 50.0 MB are reserved'],
  ['work', 10, 900, 'warning', '900.0 MB of .* are free'],
  ['archive', 500, 49, 'warning', '49.0 MB of .* are free, it stops at 16.0 MB$'],
  ['archive', 500, 15, 'problem', 'the disk has 15.0 MB left, 16.0 MB are reserved'],
] as const)('the %s plane with %i MB in it and %i MB free: %s', async (plane, usedMb, freeMb, level, what) => {
  const found = await diskOf(plane, usedMb, freeMb);
  expect(found).toMatchObject({ check: 'disk', of: plane, level, what: expect.stringMatching(what) });
  expect(found.todo === undefined).toBe(level === 'ok');
});

const bridgeSays = (folder: string, brokers: BridgeState['brokers']) =>
  writeFileSync(join(folder, bridgeStateFile), JSON.stringify({ brokers }));

const broker = { name: 'daq', url: 'stomp://broker:61613', since: '2026-11-26T04:00:00.000Z' };

test('a broker that the bridge has is well, one that it cannot reach is a problem, with why', async () => {
  using folder = aFolder();
  expect(await checkBrokers(folder.path)).toEqual([{ check: 'broker', level: 'ok', what: 'no broker is listened to' }]);
  await holdPlate(folder.path, 'bridge.lock');
  expect(await checkBrokers(folder.path)).toMatchObject([{ level: 'ok', what: 'the bridge plays a recording' }]);
  const away = { ...broker, name: 'swf', isConnected: false, reason: 'connect ECONNREFUSED', tries: 8 };
  bridgeSays(folder.path, [{ ...broker, isConnected: true }, away]);
  expect(await checkBrokers(folder.path)).toMatchObject([
    { of: 'daq', level: 'ok' },
    { of: 'swf', level: 'problem', what: expect.stringContaining('tried 8 times: connect ECONNREFUSED') },
  ]);
});

test('a bridge that is gone is a problem, whatever it said last', async () => {
  using folder = aFolder();
  bridgeSays(folder.path, [{ ...broker, isConnected: true }]);
  expect(await checkBrokers(folder.path)).toMatchObject([
    { check: 'broker', level: 'problem', what: expect.stringContaining('daq (stomp://broker:61613), does not run') },
  ]);
});

test('the processes that do not run are named', async () => {
  using folder = aFolder();
  for (const plane of ['archive', 'work']) mkdirSync(join(folder.path, plane));
  expect(await checkProcesses(folder.path)).toMatchObject({ level: 'problem', what: `nothing runs in ${folder.path}` });
  for (const file of ['lock', 'archive/lock', 'front.lock']) await holdPlate(folder.path, file);
  expect(await checkProcesses(folder.path)).toMatchObject({ level: 'problem', what: 'not running: work plane' });
  await holdPlate(folder.path, 'work/lock');
  expect(await checkProcesses(folder.path)).toMatchObject({ level: 'ok' });
});

test('a folder whose planes are gone is examined to its end', async () => {
  using folder = aFolder();
  const bare = await checkFolder(folder.path, { config, isDeep: false });
  const problems = bare.filter(({ level }) => level === 'problem').map(({ check, of }) => [check, of].join(' ').trim());
  expect(problems).toEqual(['processes', 'store archive', 'disk archive', 'store work', 'disk work']);
  await fillDataFolder(folder.path);
  const filled = await checkFolder(folder.path, {
    config: readConfig({ PAPILIO_ARCHIVE_RESERVE_MB: '0' }),
    isDeep: true,
  });
  expect(filled.filter(({ level }) => level === 'problem').map(({ check }) => check)).toEqual(['processes']);
});

test('a build that runs and is not the one that lies here is named', async () => {
  using folder = aFolder();
  const versionOf = async (running: string | undefined) =>
    (await checkFolder(folder.path, { config, isDeep: false, running })).find(({ check }) => check === 'version');
  expect(await versionOf(undefined)).toMatchObject({ of: 'checkout', level: 'ok' });
  const old = await versionOf('papilio-0.0.1+000000000000');
  expect(old).toMatchObject({ level: 'warning', what: expect.stringContaining('but papilio-0.0.1+000000000000 runs') });
});
