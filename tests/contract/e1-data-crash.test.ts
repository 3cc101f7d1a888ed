import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { openE1Data } from '../../functions/adapters/e1-data/over-objects.ts';
import { openDiskObjects } from '../../functions/adapters/objects/disk.ts';
import type { Disk } from '../../functions/lib/ports/disk.ts';
import type { E1Data } from '../../functions/lib/ports/e1-data.ts';
import { aFolder } from '../builders/a-folder.ts';
import { aFilesStore } from '../builders/an-e1-store.ts';
import { stoppingDisk } from '../builders/failing-disk.ts';
import { tornDisk } from '../builders/torn-disk.ts';
import { anAct, first, readAll, someTfs } from './e1-data-suite.ts';

const now = () => '2026-01-01T00:00:00.000Z';
const openOn = async (disk: Disk): Promise<E1Data> =>
  openE1Data({ objects: await openDiskObjects({ folder: 'e1', disk, isFlat: true }), now });

const old = { 0: 'tf 0', 1: 'tf 1', 2: 'tf 2' };
const fresh = { 5: 'new 0', 6: 'new 1' };

/** A disk with TFs 0 to 2 on it. */
const aWrittenDisk = async () => {
  const disk = tornDisk();
  await disk.makeFolder('.');
  await (await openOn(disk)).append(first, someTfs(3));
  return disk;
};

/** Does something in a process that loses power after so many operations of its disk. */
const untilPowerCut = async (operations: number, seed: number, work: (data: E1Data) => Promise<unknown>) => {
  const disk = await aWrittenDisk();
  const stopping = stoppingDisk(disk, operations);
  const isAcknowledged = await openOn(stopping)
    .then(work)
    .then(
      () => true,
      () => false,
    );
  return { disk: disk.crash(seed + operations), isAcknowledged, isCut: stopping.isStopped() };
};

/** Cuts the power at each step in turn, until the work gets through; returns at how many steps it was cut. */
const atEachStep = async (
  seed: number,
  work: (data: E1Data) => Promise<unknown>,
  expectSound: (after: E1Data, isAcknowledged: boolean) => Promise<void>,
): Promise<number> => {
  for (let operations = 0; ; operations++) {
    const { disk, isAcknowledged, isCut } = await untilPowerCut(operations, seed, work);
    await expectSound(await openOn(disk), isAcknowledged);
    if (!isCut) return operations;
  }
};

describe('a power cut at any step', () => {
  test.each([1000, 2000])('of an append leaves all of it or nothing, and it can be repeated (%d)', async (seed) => {
    const append = (data: E1Data) => data.append(first + 5n, someTfs(2, 'new'));
    const steps = await atEachStep(seed, append, async (data, isAcknowledged) => {
      const found = await readAll(data, 0, 20);
      expect([old, { ...old, ...fresh }]).toContainEqual(found);
      if (isAcknowledged) expect(found).toEqual({ ...old, ...fresh });
      await append(data);
      expect(await readAll(data, 0, 20)).toEqual({ ...old, ...fresh });
      await expect(data.append(first + 5n, someTfs(2, 'other'))).rejects.toMatchObject({ code: 'tf-exists' });
    });
    expect(steps).toBeGreaterThan(25);
  });

  test('of an act leaves it recorded and in force, or neither', async () => {
    const act = (data: E1Data) => data.breakGlass(anAct('withdraw', 1, 1));
    const steps = await atEachStep(3000, act, async (data, isAcknowledged) => {
      const found = await readAll(data, 0, 20);
      expect(found).toEqual(data.acts().length === 1 ? { 0: 'tf 0', 2: 'tf 2' } : old);
      if (isAcknowledged) expect(data.acts()).toHaveLength(1);
      expect(await act(data)).toMatchObject({ number: 1 });
      expect(await readAll(data, 0, 20)).toEqual({ 0: 'tf 0', 2: 'tf 2' });
    });
    expect(steps).toBeGreaterThan(10);
  });
});

const writer = `
import { aFilesStore } from './tests/builders/an-e1-store.ts';
const [folder, from] = process.argv.slice(1);
const data = await aFilesStore(folder);
for (let at = Number(from); ; at++) {
  await data.append((102363n << 27n) + BigInt(at), [Buffer.from('tf ' + at)]);
  console.log(at);
}`;

describe('a writer that is killed', () => {
  test('again and again loses no TF that it acknowledged, and the next one goes on', async () => {
    using parent = aFolder();
    const folder = join(parent.path, 'e1');
    let written = 0;
    for (const acknowledged of [1, 3, 8, 2, 13]) {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', writer, folder, String(written)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exited = once(child, 'exit');
      const until = written + acknowledged;
      for await (const line of createInterface(child.stdout)) {
        written = Number(line) + 1;
        if (written >= until) child.kill('SIGKILL');
      }
      expect(await exited).toEqual([null, 'SIGKILL']);
      const data = await aFilesStore(folder);
      const found = await readAll(data, 0, 1000);
      const count = Object.keys(found).length;
      expect(count).toBeGreaterThanOrEqual(written);
      expect(found).toEqual(Object.fromEntries(Array.from({ length: count }, (_, at) => [at, `tf ${at}`])));
      await data.verify({ tfFirst: first, tfEnd: first + 1000n });
      await data.close();
      written = count;
    }
  });
});
