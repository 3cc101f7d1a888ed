import { describe, expect, test } from 'vitest';
import type { Disk } from '#ports/disk';

/** A disk with an empty folder. */
export type OpenDisk = { readonly disk: Disk; readonly folder: string };

const bytes = (text: string) => Buffer.from(text);

/** What every disk keeps to while nothing goes wrong; what a power cut does to it, its users' suites try. */
export const diskSuite = (kind: string, open: () => Promise<OpenDisk>): void => {
  describe(`the ${kind} disk`, () => {
    const write = async (disk: Disk, path: string, text: string) => {
      const file = await disk.open(path, 'w');
      await file.write(bytes(text), 0);
      await file.sync();
      await file.close();
    };
    const read = async (disk: Disk, path: string) => (await disk.readFile(path)).toString();

    test('a file holds what was written where it was written', async () => {
      const { disk, folder } = await open();
      const file = await disk.open(`${folder}/a`, 'wx');
      await file.write(bytes('papilio'), 0);
      await file.write(bytes('X'), 9);
      await file.write(bytes('PA'), 0);
      await file.sync();
      await file.close();
      expect(await read(disk, `${folder}/a`)).toBe('PApilio\0\0X');
      expect(await disk.sizeOf(`${folder}/a`)).toBe(10);
    });

    test('a read gives what there is, and 0 beyond the end', async () => {
      const { disk, folder } = await open();
      await write(disk, `${folder}/a`, 'papilio');
      const file = await disk.open(`${folder}/a`, 'r');
      const into = Buffer.alloc(4);
      expect([await file.read(into, 0), into.toString()]).toEqual([4, 'papi']);
      expect([await file.read(into, 5), into.subarray(0, 2).toString()]).toEqual([2, 'io']);
      expect(await file.read(into, 7)).toBe(0);
      expect(await file.read(Buffer.alloc(0), 0)).toBe(0);
      await file.close();
    });

    test('a file is cut to a length, and grows with zeroes', async () => {
      const { disk, folder } = await open();
      await write(disk, `${folder}/a`, 'papilio');
      const file = await disk.open(`${folder}/a`, 'r+');
      await file.truncate(3);
      expect(await disk.sizeOf(`${folder}/a`)).toBe(3);
      await file.truncate(5);
      await file.close();
      expect(await read(disk, `${folder}/a`)).toBe('pap\0\0');
    });

    test.each([
      ['r', 'ENOENT', undefined],
      ['r+', 'ENOENT', undefined],
      ['wx', undefined, 'EEXIST'],
      ['w', undefined, undefined],
      ['a', undefined, undefined],
    ] as const)('opening with %s fails with %s without a file, with %s with one', async (flags, without, withOne) => {
      const { disk, folder } = await open();
      await write(disk, `${folder}/there`, 'papilio');
      for (const [name, code] of [
        ['not', without],
        ['there', withOne],
      ] as const) {
        const opening = disk.open(`${folder}/${name}`, flags);
        if (code === undefined) await (await opening).close();
        else await expect(opening).rejects.toMatchObject({ code });
      }
      expect(await read(disk, `${folder}/there`)).toBe(flags === 'w' ? '' : 'papilio');
    });

    test('a rename replaces what had the name, and a file that is open goes with it', async () => {
      const { disk, folder } = await open();
      await write(disk, `${folder}/a`, 'new');
      await write(disk, `${folder}/b`, 'old');
      const file = await disk.open(`${folder}/a`, 'r+');
      await disk.rename(`${folder}/a`, `${folder}/b`);
      await disk.syncFolder(folder);
      await file.write(bytes('N'), 0);
      await file.close();
      expect(await read(disk, `${folder}/b`)).toBe('New');
      expect(await disk.list(folder)).toEqual(['b']);
      await expect(disk.rename(`${folder}/a`, `${folder}/c`)).rejects.toMatchObject({ code: 'ENOENT' });
    });

    test('a second name is the same file, and is refused where one is', async () => {
      const { disk, folder } = await open();
      await write(disk, `${folder}/a`, 'one');
      await write(disk, `${folder}/b`, 'two');
      await disk.link(`${folder}/a`, `${folder}/c`);
      await expect(disk.link(`${folder}/a`, `${folder}/b`)).rejects.toMatchObject({ code: 'EEXIST' });
      await expect(disk.link(`${folder}/no`, `${folder}/d`)).rejects.toMatchObject({ code: 'ENOENT' });
      await disk.remove(`${folder}/a`);
      expect(await read(disk, `${folder}/c`)).toBe('one');
      expect(await read(disk, `${folder}/b`)).toBe('two');
    });

    test('what is removed is gone, and who has it open still reads it; again it is nothing', async () => {
      const { disk, folder } = await open();
      await write(disk, `${folder}/a`, 'papilio');
      const file = await disk.open(`${folder}/a`, 'r');
      await disk.remove(`${folder}/a`);
      await disk.remove(`${folder}/a`);
      const into = Buffer.alloc(7);
      expect([await file.read(into, 0), into.toString()]).toEqual([7, 'papilio']);
      await file.close();
      expect(await disk.sizeOf(`${folder}/a`)).toBeUndefined();
      await expect(disk.readFile(`${folder}/a`)).rejects.toMatchObject({ code: 'ENOENT' });
    });

    test('a folder is made once and then is there; one that is not there is none', async () => {
      const { disk, folder } = await open();
      await disk.makeFolder(`${folder}/in`);
      await write(disk, `${folder}/in/a`, 'papilio');
      await disk.makeFolder(`${folder}/in`);
      expect(await disk.list(`${folder}/in`)).toEqual(['a']);
      await disk.syncFolder(`${folder}/in`);
      // One after the other: what fails before it is waited for would be an error that nobody handles.
      for (const fails of [
        () => disk.list(`${folder}/no`),
        () => disk.syncFolder(`${folder}/no`),
        () => disk.open(`${folder}/no/a`, 'w'),
      ])
        await expect(fails()).rejects.toMatchObject({ code: 'ENOENT' });
    });

    test('a folder lists its files, each once; a file is no folder', async () => {
      const { disk, folder } = await open();
      for (const name of ['b', 'a', 'c']) await write(disk, `${folder}/${name}`, name);
      expect((await disk.list(folder)).toSorted()).toEqual(['a', 'b', 'c']);
      await expect(disk.list(`${folder}/a`)).rejects.toMatchObject({ code: 'ENOTDIR' });
    });
  });
};
