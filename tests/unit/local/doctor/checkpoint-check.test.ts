import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkCheckpoint } from '../../../../local/doctor/checkpoint-check.ts';
import { aFolder } from '../../../builders/a-folder.ts';
import { flipBit } from '../../../builders/damaged-file.ts';

test('a checkpoint of the front with a flipped bit is named; a whole one and none at all are not', async () => {
  using folder = aFolder();
  expect(await checkCheckpoint(folder.path)).toEqual([]);
  mkdirSync(join(folder.path, 'front'));
  const path = join(folder.path, 'front', 'checkpoint.jsonl');
  const content = `${JSON.stringify({ format: 1, runsBytes: 0, placeLines: 0 })}\n"counted"\n`;
  const checksumSha256 = createHash('sha256').update(content).digest('hex');
  writeFileSync(path, `${content}${JSON.stringify({ checksumSha256 })}\n`);
  expect(await checkCheckpoint(folder.path)).toEqual([]);
  flipBit(path, content.length - 4);
  expect(await checkCheckpoint(folder.path)).toMatchObject([
    {
      check: 'store',
      of: 'front',
      level: 'warning',
      what: expect.stringContaining(`${path} is damaged: it does not match`),
    },
  ]);
});
