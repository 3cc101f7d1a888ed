import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { type CatalogEntry, catalog, inboxes, machines } from '../../functions/catalog.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const text = (path: string) => readFileSync(`${root}/${path}`, 'utf8');
const entries: [string, CatalogEntry][] = Object.entries(catalog);
const camelCase = (name: string) => name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
const Definition = z.object({
  name: z.string(),
  effect: z.enum(['none', 'named', 'irreversible']),
  input: z.custom((value) => value instanceof z.ZodType),
  handlerWith: z.custom((value) => typeof value === 'function'),
});

describe('every function of the catalogue', () => {
  test.each(entries)('%s has its file, and in it an export of that name', async (name, { area }) => {
    const found: Record<string, unknown> = await import(`${root}/functions/${area}/${name}.fn.ts`);
    expect(Object.keys(found)).toEqual([camelCase(name)]);
    expect(Definition.parse(found[camelCase(name)]).name).toBe(name);
  });

  test.each(entries)('%s has limits that a function may have', (_, { memoryMb, timeoutS, trigger }) => {
    expect(memoryMb).toBeGreaterThanOrEqual(128);
    expect(timeoutS).toBeLessThanOrEqual(900);
    if (trigger.kind === 'queue') expect(trigger.batch).toBeLessThanOrEqual(10);
    if (trigger.kind === 'schedule') expect(trigger.everyS).toBeGreaterThan(0);
  });
});

test('every function that is written is in the catalogue', () => {
  const files = globSync('functions/**/*.fn.ts', { cwd: root }).filter((path) => !path.startsWith('functions/api/'));
  const known = entries.map(([name, { area }]) => `functions/${area}/${name}.fn.ts`);
  expect(files.toSorted()).toEqual(known.toSorted());
});

test('every queue has one reader, and each inbox the plane that it is for', () => {
  const readers = entries.flatMap(([, { trigger, plane }]) =>
    trigger.kind === 'queue' ? [[trigger.queue, plane] as const] : [],
  );
  expect(new Set(readers.map(([queue]) => queue)).size).toBe(readers.length);
  expect(new Map(readers).get(inboxes.archive)).toBe('archive');
  for (const queue of [inboxes.work, inboxes.archived]) expect(new Map(readers).get(queue)).toBe('work');
});

test('every queue that a function sends to is read by one', () => {
  const read = new Set(entries.flatMap(([, { trigger }]) => (trigger.kind === 'queue' ? [trigger.queue] : [])));
  for (const [name, { area }] of entries) {
    const sends = text(`functions/${area}/${name}.fn.ts`).matchAll(/queues\.send\(\s*'([a-z-]+)'/g);
    for (const [, queue = ''] of sends) expect(read).toContain(queue);
  }
});

test('every state machine that a function starts is one of the catalogue, in the same plane', () => {
  for (const [name, { area, plane }] of entries) {
    const starts = text(`functions/${area}/${name}.fn.ts`).matchAll(/machines\.start\('([a-z-]+)'/g);
    for (const [, machine = ''] of starts) expect(Object.entries(machines)).toContainEqual([machine, plane]);
  }
});

test('every event that is written is in the reference, and every event of the reference is written', () => {
  const sources = globSync(['functions/**/*.ts', 'local/plane/*.ts'], { cwd: root }).filter(
    (path) => !/functions\/(api|monitoring)\//.test(path),
  );
  const written = sources.flatMap((path) =>
    [...text(path).matchAll(/type: '([a-z]+\.[a-z]+)'/g)].map(([, type = '']) => type),
  );
  const told = [...text('docs/reference/events.md').matchAll(/^\| `([a-z]+\.[a-z]+)`/gm)].map(([, type = '']) => type);
  expect([...new Set(written)].toSorted()).toEqual(told.toSorted());
});
