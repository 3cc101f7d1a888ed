import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { interpreterVersion, readableVersions } from '../../local/engine/version.ts';
import { portraitOf } from '../builders/engine-portrait.ts';
import { filesIn, layouts, replayed, statusesIn } from '../builders/held-journals.ts';

const corpus = new URL('../fixtures/journals/', import.meta.url).pathname;
const Expected = z.object({
  heldAtMs: z.number(),
  queues: z.record(z.string(), z.unknown()),
  statuses: z.record(z.string(), z.string()),
  ended: z.record(z.string(), z.unknown()),
});

const versions = (await readdir(corpus)).filter((name) => /^\d+$/.test(name));

test('there is a journal of every version that this engine says it reads, its own included', () => {
  expect(versions.toSorted()).toEqual(readableVersions.toSorted());
  expect(readableVersions).toContain(interpreterVersion);
});

test.each(versions.flatMap((version) => Object.keys(layouts).map((layout) => [version, layout] as const)))(
  'a journal of version %s in %s shows what it showed, and its executions come to the ends and histories that they had',
  async (version, layout) => {
    const expected = Expected.parse(JSON.parse(await readFile(join(corpus, version, 'expected.json'), 'utf8')));
    const files = await filesIn(join(corpus, version, layout));
    const { engine, world, finish } = await replayed(files, expected.heldAtMs);
    const { recovery, queues } = engine.stats();
    expect(recovery.snapshot > 0).toBe(layout === 'snapshot');
    expect(recovery.records).toBeGreaterThan(10);
    expect(queues).toEqual(expected.queues);
    expect(statusesIn(await portraitOf(engine.call))).toEqual(expected.statuses);
    await finish();
    expect(await portraitOf(engine.call)).toMatchObject(expected.ended);
    expect(world.complaints()).toEqual([]);
    await engine.close();
  },
);
