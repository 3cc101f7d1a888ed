import { expect, test } from 'vitest';
import { linkProblems } from '../../check/links.ts';
import { parse } from '../../check/sources.ts';

const found = (text: string, path = 'functions/adapters/incoming/planted.ts') => linkProblems([parse(path, text)]);

test.each([
  ['a file that is read', "import { readFile } from 'node:fs/promises';\nawait readFile(path);"],
  ['under another name', "import { openSync as see } from 'node:fs';\nsee(path, 'r');"],
  ['a whole module', "import * as fs from 'node:fs';\nfs.promises.stat(path);"],
  ['the module of old', "import fs from 'fs';\nfs.createReadStream(path);"],
  ['the port', "await disk.open(path, 'r');"],
  ['the port’s whole reading', 'await disk.readFile(path);'],
  ['the helper', "await withFile(disk, path, 'r', read);"],
  [
    'flags of a constant',
    "import { open } from 'node:fs/promises';\nconst flags = O_RDONLY | O_NONBLOCK;\nawait open(path, flags);",
  ],
])('a followed link is found: %s', (_, text) => {
  expect(found(text)).toMatchObject([
    expect.stringMatching(/^functions\/adapters\/incoming\/planted\.ts:[1-3]: .*follows a link/),
  ]);
});

test('what follows none is let pass, and so are files that nobody else writes', () => {
  const plain = `import { lstat, open, rm } from 'node:fs/promises';
    const flags = O_RDONLY | O_NOFOLLOW;
    await lstat(path); await open(path, flags); await rm(path);
    await disk.open(path, 'r-plain'); await disk.open(path, 'wx'); await withSource(disk, path, read);`;
  expect(found(plain)).toEqual([]);
  expect(
    found("import { readFile } from 'node:fs/promises';\nawait readFile(path);", 'local/engine/planted.ts'),
  ).toEqual([]);
});
