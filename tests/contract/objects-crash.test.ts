import { readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nodeDisk } from '#lib/node-disk';
import { openDiskObjects } from '../../functions/adapters/objects/disk.ts';
import type { Disk } from '../../functions/lib/ports/disk.ts';
import type { Objects } from '../../functions/lib/ports/objects.ts';
import { aFolder } from '../builders/a-folder.ts';
import { failingDisk, fullDisk, stoppingDisk } from '../builders/failing-disk.ts';
import { tornDisk } from '../builders/torn-disk.ts';

const stf = Buffer.alloc(1_100_000, 'STF');
const other = Buffer.from('other content');
const key = 'run/102363/swf.102363.134217.stf';

/** A disk on which a process can be killed, and the disk as the next one finds it. */
type Place = {
  readonly disk: Disk;
  readonly folder: string;
  readonly sourcePath: string;
  readonly crash: (seed: number) => Disk;
  /** The next process puts the object again before the crash. */
  readonly isRepeated?: boolean;
};

/** Puts an object in a process that is killed after `operations` of its disk; true if the put was acknowledged. */
const putUntilKilled = async ({ disk, folder, sourcePath }: Place, operations: number) => {
  const stopping = stoppingDisk(disk, operations);
  try {
    const objects = await openDiskObjects({ folder, disk: stopping });
    await objects.putFile(key, sourcePath, { expect: { sizeBytes: stf.length } });
    return { isAcknowledged: true, isKilled: stopping.isStopped() };
  } catch {
    return { isAcknowledged: false, isKilled: stopping.isStopped() };
  }
};

const expectWhole = async (objects: Objects): Promise<void> => {
  expect(await objects.verify(key)).toMatchObject({ sizeBytes: stf.length });
  expect(Buffer.compare(await objects.read(key), stf)).toBe(0);
};

/** What must hold when the folder is opened after a crash. */
const expectSound = async ({ disk, folder, sourcePath }: Place, isAcknowledged: boolean): Promise<void> => {
  const objects = await openDiskObjects({ folder, disk });
  expect(await disk.list(`${folder}/temp`)).toEqual([]);
  expect(await objects.verify('before')).toMatchObject({ sizeBytes: other.length });
  const isThere = (await objects.stat(key)) !== undefined;
  if (isAcknowledged) expect(isThere).toBe(true);
  if (isThere) await expectWhole(objects);
  expect(await objects.putFile(key, sourcePath)).toMatchObject({ created: !isThere });
  await expectWhole(objects);
  await expect(objects.putBytes(key, other)).rejects.toMatchObject({ code: 'object-exists' });
};

/** Kills a put at each of its steps in turn, until one gets through. Returns how many steps it was killed at. */
const killAtEachStep = async (aPlace: () => Promise<Place>): Promise<number> => {
  for (let operations = 0; ; operations++) {
    const place = await aPlace();
    const { isAcknowledged, isKilled } = await putUntilKilled(place, operations);
    if (place.isRepeated) await (await openDiskObjects(place)).putFile(key, place.sourcePath);
    const disk = place.crash(operations);
    await expectSound({ ...place, disk }, isAcknowledged || place.isRepeated === true);
    if (!isKilled) return operations;
  }
};

const withObjectBefore = async (place: Place): Promise<Place> => {
  const objects = await openDiskObjects(place);
  await objects.putBytes('before', other);
  return place;
};

/** A place on a disk that tears: nothing of it outlives a power cut but what was synced. */
const aTornPlace = async (): Promise<Place> => {
  const disk = tornDisk();
  await disk.makeFolder('.');
  const source = await disk.open('a.stf', 'w');
  await source.write(stf, 0);
  await source.sync();
  await disk.syncFolder('.');
  return withObjectBefore({ disk, folder: 'objects', sourcePath: 'a.stf', crash: disk.crash });
};

describe('a put that is killed at any of its steps', () => {
  test.each([1, 2, 3])('leaves the whole object or none after a power cut, in way %d', async (seed) => {
    const steps = await killAtEachStep(async () => {
      const place = await aTornPlace();
      return { ...place, crash: (operations) => place.crash(seed * 1000 + operations) };
    });
    expect(steps).toBeGreaterThan(25);
  });

  test('and repeated by the next process is on the medium once that is acknowledged', async () => {
    const steps = await killAtEachStep(async () => {
      const place = await aTornPlace();
      return { ...place, isRepeated: true };
    });
    expect(steps).toBeGreaterThan(25);
  });

  test('leaves the whole object or none, on a disk that keeps what was written', async () => {
    using parent = aFolder();
    let places = 0;
    const sourcePath = join(parent.path, 'a.stf');
    writeFileSync(sourcePath, stf);
    const steps = await killAtEachStep(() => {
      const folder = join(parent.path, `objects-${++places}`);
      return withObjectBefore({ disk: nodeDisk, folder, sourcePath, crash: () => nodeDisk });
    });
    expect(steps).toBeGreaterThan(25);
  });
});

describe('the folders of a new key', () => {
  test('are each synced in their parent before the object gets its name', async () => {
    using parent = aFolder();
    const folder = join(parent.path, 'objects');
    const done: string[] = [];
    const disk = failingDisk(nodeDisk, (operation, path) => done.push(`${operation} ${path}`));
    const objects = await openDiskObjects({ folder, disk });
    await objects.putBytes(key, stf);
    const linkedAt = done.findIndex((step) => step.startsWith('link'));
    const made = done.flatMap((step, at) => (step.startsWith('makeFolder ') ? [{ at, path: step.slice(11) }] : []));
    expect(made.map(({ path }) => path)).toContain(join(folder, 'data', 'run', '102363', '+134000'));
    for (const { at, path } of made) {
      const syncedAt = done.indexOf(`syncFolder ${dirname(path)}`, at);
      expect(syncedAt, path).toBeGreaterThan(at);
      expect(syncedAt, path).toBeLessThan(linkedAt);
    }
  });
});

describe('a full disk', () => {
  test('refuses a put with store-full, shows nothing of it, and takes it when there is space', async () => {
    using parent = aFolder();
    const folder = join(parent.path, 'objects');
    const sourcePath = join(parent.path, 'a.stf');
    writeFileSync(sourcePath, stf);
    let isFull = false;
    const objects = await openDiskObjects({ folder, disk: fullDisk(nodeDisk, () => isFull) });
    isFull = true;
    for (const put of [() => objects.putFile(key, sourcePath), () => objects.putBytes(key, stf)]) {
      await expect(put()).rejects.toMatchObject({ code: 'store-full', name: 'Transient' });
    }
    expect(await objects.stat(key)).toBeUndefined();
    expect(readdirSync(join(folder, 'temp'))).toEqual([]);
    isFull = false;
    expect(await objects.putFile(key, sourcePath)).toMatchObject({ created: true });
    await expectWhole(objects);
  });
});
