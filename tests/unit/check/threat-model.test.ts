import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

/** docs/operators/threat-model.md says nothing stands against a threat that is not there. */
const root = fileURLToPath(new URL('../../../', import.meta.url));
const page = readFileSync(join(root, 'docs/operators/threat-model.md'), 'utf8');

const chapters = page
  .split(/^## /m)
  .slice(1)
  .flatMap((text) => {
    const [title = '', ...lines] = text.split('\n');
    const rows = lines.filter(
      (line) => line.startsWith('| ') && !line.startsWith('| threat') && !line.startsWith('| ---'),
    );
    return text.includes('| threat | against it | proof | remains |') ? [{ title, rows }] : [];
  });

const pathsIn = (cell: string): string[] =>
  [...cell.matchAll(/`((?:functions|local|clients|tests)\/[\w./-]+)`/g)].flatMap(([, path]) => path ?? []);

describe('the threat model', () => {
  test('has every boundary that papilio has', () => {
    const titles = chapters.map(({ title }) => title).join('\n');
    for (const word of [
      'socket',
      'headers',
      'Tokens',
      'Paths',
      'Live events',
      'webhooks',
      'engine’s port',
      'data folder',
      'TLS front',
      'use',
    ])
      expect(titles.replaceAll("'", '’')).toContain(word);
  });

  test.each(chapters)(
    'names for each threat of “$title” what stands against it and what proves it, and all of that is there',
    ({ rows }) => {
      expect(rows.length).toBeGreaterThan(1);
      for (const row of rows) {
        const cells = row.split(' | ');
        expect(cells.length, row).toBe(4);
        const [threat = '', against = '', proof = '', remains = ''] = cells;
        const [code, tests] = [pathsIn(against), pathsIn(proof)];
        // What only people can do has no file; it says then what remains.
        if (code.length === 0) expect(remains.length, row).toBeGreaterThan(20);
        else expect(tests.length, `${threat} has no proof`).toBeGreaterThan(0);
        for (const path of [...code, ...tests]) expect(existsSync(join(root, path)), path).toBe(true);
        expect(tests.every((path) => path.startsWith('tests/'))).toBe(true);
      }
    },
  );

  test('a path that is not there would be found', () => {
    expect(pathsIn('by `functions/api/nowhere.ts` and `npm start`')).toEqual(['functions/api/nowhere.ts']);
    expect(existsSync(join(root, 'functions/api/nowhere.ts'))).toBe(false);
  });
});
