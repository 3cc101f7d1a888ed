import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Check } from '#schema/check-up';
import type { Plane } from '../../../../functions/catalog.ts';
import { checkDeeply } from '../../../../local/doctor/deep-check.ts';
import { aFolder } from '../../../builders/a-folder.ts';
import { fillStores } from '../../../builders/a-stored-folder.ts';
import { flipBit, tamper } from '../../../builders/damaged-file.ts';

const look = (folder: string, plane: Plane): Promise<Check[]> =>
  checkDeeply({ folder, plane, instance: 'test', onProgress: () => undefined });

test('names what is missing, changed, longer, or without a record, each with its path and what to do, and counts the rest', async () => {
  using scratch = aFolder();
  const folder = join(scratch.path, 'data');
  await fillStores(folder, 6);
  const whole = await look(folder, 'archive');
  expect(whole.map(({ check, level }) => [check, level])).toEqual([
    ['records', 'ok'],
    ['objects', 'ok'],
  ]);
  expect(whole[1]?.what).toMatch(/^6 files read, /);
  const data = join(folder, 'archive/objects/data');
  const pathOf = (sequence: number) => join(data, `00102363/+000000/swf.102363.00000${sequence}.stf`);
  rmSync(pathOf(1));
  flipBit(pathOf(2));
  appendFileSync(pathOf(3), 'more');
  writeFileSync(join(folder, 'archive/objects/facts/00102363/+000000/swf.102363.000004.stf.json'), '{"sizeBytes":');
  tamper(
    join(folder, 'archive/store.db'),
    "UPDATE items SET version = 7 WHERE pk LIKE '%-00000005' AND sk = 'replica'",
  );
  mkdirSync(join(data, 'calls'), { recursive: true });
  writeFileSync(join(data, 'calls', 'claimed'), 'an input of a function');
  writeFileSync(join(data, '00102363/+000000/swf.102363.000099.stf'), 'without a record');
  const found = await look(folder, 'archive');
  expect(found.map(({ check, level }) => [check, level])).toEqual([
    ['objects', 'problem'],
    ['objects', 'problem'],
    ['objects', 'problem'],
    ['objects', 'problem'],
    ['records', 'problem'],
    ['objects', 'warning'],
  ]);
  expect(found.map(({ what }) => what)).toEqual([
    expect.stringContaining(`swf.102363.000001.stf (${pathOf(1)}) is not there`),
    expect.stringMatching(/000002.* has other bytes: expected .* bytes, Adler-32 [0-9a-f]{8}.*, found /),
    expect.stringMatching(/000003.* has another size/),
    expect.stringMatching(/000004.* is not what lies beside it/),
    expect.stringMatching(/^test_stf_00102363-00000005\/replica is not as it was written/),
    expect.stringContaining('swf.102363.000099.stf is a file that no record names'),
  ]);
  expect(found.every(({ todo }) => todo?.includes('docs/operators/runbooks/damaged-bytes.md'))).toBe(true);
  expect((await look(folder, 'work')).map(({ level }) => level)).toEqual(['ok', 'ok']);
});
