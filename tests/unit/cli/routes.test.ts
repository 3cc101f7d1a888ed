import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as operations from '../../../clients/http/generated/operations.ts';
import { anApi } from '../../builders/an-api.ts';
import { root } from '../../check/shell.ts';

/** The command line asks the API only through its typed client, so what it asks for can be read in its sources. */
const sources = ['clients/cli', 'clients/http'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.startsWith('generated'))
    .map((path) => ({ path: join(folder, path), text: readFileSync(join(root, folder, path), 'utf8') })),
);

/** Operations that a source names, by `api.x` or by their import. */
const askedIn = (text: string): string[] => {
  const imported = /import \{([^}]*)\} from '[./]+\/generated\/operations\.ts'/.exec(text)?.[1] ?? '';
  return [...text.matchAll(/\bapi\.(\w+)/g)].map(([, name = '']) => name).concat(imported.match(/\w+/g) ?? []);
};

it('there is no route that no command asks', async () => {
  const asked = new Set(sources.flatMap(({ text }) => askedIn(text)));
  expect(asked.size).toBeGreaterThan(40);
  expect(Object.keys(operations).filter((name) => !asked.has(name))).toEqual([]);
});

it('the client has a method for every route of the API', async () => {
  await using api = await anApi();
  await api.app.ready();
  const document = JSON.parse(JSON.stringify(api.app.swagger()));
  const served = Object.entries<object>(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  const known = Object.values(operations).map(({ method, path }) => `${method} ${path}`);
  expect(known.sort()).toEqual(served.filter((route) => !route.startsWith('HEAD ')).sort());
});

it('no command asks the API in any other way', () => {
  const others = sources.filter(
    ({ path, text }) => path !== 'clients/http/client.ts' && /\bfetch\((?!cursor)|['"]\/v1\/|new URL\(`\/v1/.test(text),
  );
  expect(others.map(({ path }) => path)).toEqual([]);
});
