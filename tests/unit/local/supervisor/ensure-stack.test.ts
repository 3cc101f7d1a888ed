import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openDataFolder } from '../../../../local/supervisor/data-folder.ts';
import { ensureStack } from '../../../../local/supervisor/ensure-stack.ts';

test('a data folder that began without a stack is refused before a stack is installed or made', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'papilio-ensure-'));
  onTestFinished(() => rm(parent, { recursive: true, force: true }));
  const environment = { PAPILIO_INSTANCE: 'test' };
  const data = join(parent, 'data');
  await (await openDataFolder(data, environment)).unlock();
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  const starting = ensureStack({ data, stack: join(parent, 'stack'), environment, say });
  await expect(starting).rejects.toMatchObject({
    code: 'folder-foreign',
    reason: expect.stringContaining('works without a stack'),
  });
  expect(said).toEqual([]);
  expect(await readdir(parent)).toEqual(['data']);
});
