import { deepEqual } from 'node:assert';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { interpreterVersion } from '../../local/engine/version.ts';
import { type Expected, holdJournal, type Layout, type layouts } from '../builders/held-journals.ts';

/*
 * Writes the journals that every later version must read: `node tests/check/write-journals.ts` makes the folder of the
 * interpreter's version in tests/fixtures/journals anew. See docs/developers/journal.md for when that is to be done.
 */
const target = new URL(`../fixtures/journals/${interpreterVersion}/`, import.meta.url).pathname;
await rm(target, { recursive: true, force: true });
const all: Partial<Record<Layout, Expected>> = {};
for (const layout of ['segments', 'snapshot'] as const satisfies readonly (keyof typeof layouts)[]) {
  const { files, expected } = await holdJournal(layout);
  await mkdir(join(target, layout), { recursive: true });
  for (const [name, bytes] of files) await writeFile(join(target, layout, name), bytes);
  all[layout] = expected;
}
deepEqual(all.snapshot?.ended, all.segments?.ended);
await writeFile(join(target, 'expected.json'), `${JSON.stringify(all.segments)}\n`);
