import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { expect, test } from 'vitest';
import { commands } from '../../clients/cli/commands.ts';
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

test('every code that the command line makes itself is a row of the catalogue', () => {
  const own = sources
    .filter(([path]) => path.startsWith('clients/'))
    .flatMap(([, text]) => [...text.matchAll(/code: '([a-z-]+)'/g)].map(([, code = '']) => code));
  expect(own.length).toBeGreaterThan(5);
  expect(own.filter((code) => !codes.includes(code))).toEqual([]);
});

test('every command that a row names is one of the command line', async () => {
  const program = new Command();
  const io = { out: { write: () => undefined }, err: { write: () => undefined }, signal: new AbortController().signal };
  for (const load of Object.values(commands)) (await load())(program, io);
  const names = (command: Command, before: string): string[] => {
    const name = `${before} ${command.name()}`.trim();
    return [name, ...command.commands.flatMap((each) => names(each, name))];
  };
  const known = program.commands.flatMap((each) => names(each, ''));
  const isNoun = (word: string) => known.some((name) => name.startsWith(`${word} `));
  const rows: { readonly message: string; readonly cause: string; readonly evidence: string; readonly todo: string }[] =
    Object.values(errorCatalogue);
  const named = rows
    .flatMap(({ message, cause, evidence, todo }) => [message, cause, evidence, todo])
    .flatMap((text) => [...text.matchAll(/`papilio ([a-z]+)(?: ([a-z]+))?/g)])
    .map(([, word = '', verb]) => (isNoun(word) && verb !== undefined ? `${word} ${verb}` : word));
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((name) => !known.includes(name))).toEqual([]);
});
