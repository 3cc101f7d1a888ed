import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { E1Data } from '../../functions/lib/ports/e1-data.ts';
import { aFolder } from '../builders/a-folder.ts';
import { aFilesStore } from '../builders/an-e1-store.ts';
import { anAct, bytesOf, first, rangeOf, readAll, someTfs } from './e1-data-suite.ts';

const corrupt = { code: 'object-corrupt', name: 'Invalid' };
const run = '00102363';
const nameOf = (from: number, count: number): string => {
  const { tfFirst, tfEnd } = rangeOf(from, count);
  return `0${tfFirst}-0${tfEnd}-00000000`;
};

/** A folder with TFs 0 to 2 in one part, closed, to be changed behind papilio's back; and how it is opened again. */
const anAttackedFolder = async () => {
  const parent = aFolder();
  onTestFinished(() => parent[Symbol.dispose]());
  const folder = join(parent.path, 'e1');
  const data = await aFilesStore(folder);
  await data.append(first, someTfs(3));
  await data.close();
  const path = (tree: 'data' | 'facts', of: 'tfs' | 'ledger', name = nameOf(0, 3)): string =>
    join(folder, tree, of, run, tree === 'facts' ? `${name}.json` : name);
  const part = path('data', 'tfs');
  chmodSync(dirname(part), 0o700);
  chmodSync(part, 0o600);
  const open = async (): Promise<E1Data> => {
    const again = await aFilesStore(folder);
    onTestFinished(() => again.close());
    return again;
  };
  return { outside: parent.path, folder, part, path, open };
};

describe('a written TF whose file was', () => {
  test('overwritten is found damaged, and cannot be written anew with that content', async () => {
    const { part, open } = await anAttackedFolder();
    const bytes = readFileSync(part);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    writeFileSync(part, bytes);
    const data = await open();
    await expect(data.readTf(first + 2n)).rejects.toMatchObject({ ...corrupt, reason: expect.stringContaining('TF') });
    expect(Buffer.from(await data.readTf(first)).toString()).toBe('tf 0');
    await expect(data.verify(rangeOf(0, 3))).rejects.toMatchObject(corrupt);
    await expect(data.append(first, someTfs(3, 'other'))).rejects.toMatchObject({ code: 'tf-exists' });
  });

  test.each([0, 20, 50])('cut to %d bytes is found damaged', async (lengthBytes) => {
    const { part, open } = await anAttackedFolder();
    truncateSync(part, lengthBytes);
    const data = await open();
    await expect(data.readTf(first + 2n)).rejects.toMatchObject(corrupt);
    await expect(data.verify(rangeOf(0, 3))).rejects.toMatchObject(corrupt);
  });

  test('exchanged for another sound one, facts and all, does not pass the ledger', async () => {
    const { outside, path, part, open } = await anAttackedFolder();
    const forged = await aFilesStore(join(outside, 'forged'));
    await forged.append(first, someTfs(3, 'forged'));
    await forged.close();
    const from = (tree: string) => join(outside, 'forged', tree, 'tfs', run);
    copyFileSync(join(from('data'), nameOf(0, 3)), part);
    copyFileSync(join(from('facts'), `${nameOf(0, 3)}.json`), path('facts', 'tfs'));
    const data = await open();
    await expect(data.verify(rangeOf(0, 3))).rejects.toMatchObject({
      ...corrupt,
      reason: expect.stringContaining('not what the ledger says'),
    });
  });

  test('deleted is missed by name, not written anew with other content, and comes back with its own', async () => {
    const { part, path, open } = await anAttackedFolder();
    rmSync(part);
    rmSync(path('facts', 'tfs'));
    const data = await open();
    await expect(data.readTf(first)).rejects.toMatchObject({ code: 'object-missing' });
    await expect(data.append(first, someTfs(3, 'other'))).rejects.toMatchObject({ code: 'tf-exists' });
    await expect(data.append(first, someTfs(2))).rejects.toMatchObject({ code: 'tf-exists' });
    expect(await data.append(first, someTfs(3))).toMatchObject({ created: true });
    expect(await readAll(data, 0, 9)).toEqual({ 0: 'tf 0', 1: 'tf 1', 2: 'tf 2' });
  });

  test('renamed to other TFs, facts and all, gives nothing out under the new name', async () => {
    const { part, path, open } = await anAttackedFolder();
    renameSync(part, path('data', 'tfs', nameOf(10, 3)));
    renameSync(path('facts', 'tfs'), path('facts', 'tfs', nameOf(10, 3)));
    const data = await open();
    expect(await readAll(data, 10, 9)).toEqual({});
    await expect(data.readTf(first)).rejects.toMatchObject({ code: 'object-missing' });
  });

  test('renamed, ledger and all, is found to be no such TF', async () => {
    const { part, path, open } = await anAttackedFolder();
    chmodSync(dirname(path('data', 'ledger')), 0o700);
    for (const tree of ['data', 'facts'] as const)
      for (const of of ['tfs', 'ledger'] as const) renameSync(path(tree, of), path(tree, of, nameOf(10, 3)));
    expect(() => statSync(part)).toThrow();
    const data = await open();
    await expect(data.readTf(first + 10n)).rejects.toMatchObject(corrupt);
  });
});

describe('TFs that are registered again', () => {
  test('under numbers that overlap others hide none of them', async () => {
    const { outside, folder, path, open } = await anAttackedFolder();
    const forged = await aFilesStore(join(outside, 'forged'));
    await forged.append(first + 1n, someTfs(5, 'forged'));
    await forged.close();
    const name = nameOf(1, 5);
    copyFileSync(join(outside, 'forged', 'data', 'tfs', run, name), path('data', 'tfs', name));
    copyFileSync(join(outside, 'forged', 'facts', 'tfs', run, `${name}.json`), path('facts', 'tfs', name));
    expect(readdirSync(join(folder, 'data', 'tfs', run))).toHaveLength(2);
    expect(await readAll(await open(), 0, 9)).toEqual({ 0: 'tf 0', 1: 'tf 1', 2: 'tf 2' });
  });
});

describe('the folder of E1 data', () => {
  test('keeps files that cannot be written and folders that are closed', async () => {
    using parent = aFolder();
    const data = await aFilesStore(join(parent.path, 'e1'));
    await data.append(first, someTfs(3));
    await data.append(first + 3n, someTfs(3));
    await data.close();
    for (const of of ['tfs', 'ledger']) {
      const folder = join(parent.path, 'e1', 'data', of, run);
      const modeOf = (path: string) => statSync(path).mode & 0o777;
      expect(modeOf(folder)).toBe(0o555);
      expect(readdirSync(folder).map((name) => modeOf(join(folder, name)))).toEqual([0o444, 0o444]);
    }
  });

  test('is locked again by protect', async () => {
    const { part, open } = await anAttackedFolder();
    await (await open()).protect(rangeOf(0, 1));
    expect(statSync(part).mode & 0o777).toBe(0o444);
    expect(statSync(dirname(part)).mode & 0o777).toBe(0o555);
  });

  test.each(['data', 'data/tfs', `data/tfs/${run}`])('is not left through a link at %s', async (linked) => {
    using parent = aFolder();
    const [folder, elsewhere] = [join(parent.path, 'e1'), join(parent.path, 'elsewhere')];
    mkdirSync(elsewhere);
    mkdirSync(join(folder, dirname(linked)), { recursive: true });
    symlinkSync(elsewhere, join(folder, linked));
    const appending = aFilesStore(folder).then((data) => data.append(first, someTfs(3)).finally(() => data.close()));
    await expect(appending).rejects.toMatchObject({
      code: 'folder-unusable',
      reason: expect.stringContaining('is a link'),
    });
    expect(readdirSync(elsewhere)).toEqual([]);
  });

  test('reads no file that was exchanged for a link', async () => {
    const { outside, part, open } = await anAttackedFolder();
    renameSync(part, join(outside, 'moved'));
    symlinkSync(join(outside, 'moved'), part);
    await expect((await open()).readTf(first)).rejects.toMatchObject({ code: 'folder-unusable' });
  });

  test('is written by one process at a time', async () => {
    using parent = aFolder();
    const folder = join(parent.path, 'e1');
    const data = await aFilesStore(folder);
    await expect(aFilesStore(folder)).rejects.toMatchObject({ code: 'folder-in-use', name: 'Conflict' });
    await data.close();
    await (await aFilesStore(folder)).close();
  });

  test.each(['acts/00000001', 'acts/00000002'])(
    'without %s gives nothing out that an act may have taken away',
    async (act) => {
      using parent = aFolder();
      const folder = join(parent.path, 'e1');
      const data = await aFilesStore(folder);
      await data.append(first, someTfs(5));
      await data.breakGlass(anAct('replace', 0, 1));
      await data.breakGlass(anAct('replace', 1, 1));
      await data.append(first, [bytesOf('new')]);
      await data.close();
      chmodSync(join(folder, 'data/acts'), 0o700);
      rmSync(join(folder, 'data', act));
      const reading = aFilesStore(folder).then((again) => readAll(again, 0, 9).finally(() => again.close()));
      await expect(reading).rejects.toMatchObject({ ...corrupt, reason: expect.stringContaining('gone') });
    },
  );
});
