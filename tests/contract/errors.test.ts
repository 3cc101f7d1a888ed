import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { errorCatalogue } from '../../functions/lib/error-rows.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const codes: readonly string[] = Object.keys(errorCatalogue);
const sources = globSync('{functions,local,clients}/**/*.ts', { cwd: root }).map(
  (path) => [path, readFileSync(`${root}/${path}`, 'utf8')] as const,
);

test('every error that is thrown is a row of the catalogue', () => {
  const thrown = sources.flatMap(([path, text]) =>
    [...text.matchAll(/new PapilioError\(\s*'([^']+)'/g)].map(([, code = '']) => ({ path, code })),
  );
  expect(thrown.length).toBeGreaterThan(30);
  expect(thrown.filter(({ code }) => !codes.includes(code))).toEqual([]);
});

test('every problem that a message of the DAQ may have is a row of the catalogue', () => {
  const [, text = ''] = sources.find(([path]) => path.endsWith('schema/daq-dialects.ts')) ?? [];
  const named = [...text.matchAll(/problem\('([^']+)'/g)].map(([, code = '']) => code);
  expect(named.length).toBeGreaterThan(8);
  expect(named.filter((code) => !codes.includes(code))).toEqual([]);
});

test('every @throws names a row of the catalogue, or an error of the language', () => {
  const named = sources.flatMap(([path, text]) =>
    [...text.matchAll(/@throws ([a-z]+-[a-z-]+)/g)].map(([, code = '']) => ({ path, code })),
  );
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter(({ code }) => !codes.includes(code))).toEqual([]);
});

test('every row of the catalogue is used somewhere', () => {
  const all = sources
    .filter(([path]) => !/lib\/error-rows(-[a-z]+)?\.ts$/.test(path))
    .map(([, text]) => text)
    .join('\n');
  expect(codes.filter((code) => !all.includes(`'${code}'`) && code !== 'bug')).toEqual([]);
});
