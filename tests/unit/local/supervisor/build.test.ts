import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildOf } from '../../../../local/supervisor/build.ts';
import { aFolder } from '../../../builders/a-folder.ts';

const commit = '1a2b3c4d5e6f7890'.padEnd(40, '0');
const aCheckout = (path: string, files: Readonly<Record<string, string>>): void => {
  writeFileSync(join(path, 'package.json'), JSON.stringify({ name: 'papilio', version: '1.2.3' }));
  mkdirSync(join(path, '.git/refs/heads'), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, '.git', name), text);
};

test.each([
  ['a branch', { HEAD: 'ref: refs/heads/main\n', 'refs/heads/main': `${commit}\n` }, 'papilio-1.2.3+1a2b3c4d5e6f'],
  [
    'a packed branch',
    { HEAD: 'ref: refs/heads/main\n', 'packed-refs': `# pack\n${commit} refs/heads/main\n` },
    'papilio-1.2.3+1a2b3c4d5e6f',
  ],
  ['a commit', { HEAD: commit }, 'papilio-1.2.3+1a2b3c4d5e6f'],
  ['no commit yet', { HEAD: 'ref: refs/heads/main\n' }, 'papilio-1.2.3'],
])('the build of a checkout at %s', async (_, files, build) => {
  using folder = aFolder();
  aCheckout(folder.path, files);
  expect(await buildOf(folder.path)).toBe(build);
});
