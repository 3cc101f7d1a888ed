import { beforeAll, expect, test } from 'vitest';
import { archivedIn, type Trouble } from '../load/trouble.ts';

/** Archiving shares nothing with processing that could hold it up (4.7). */
const pace = { stfs: 16, speed: 5 };
let paired: Awaited<ReturnType<typeof archivedIn>>;
beforeAll(async () => {
  paired = await archivedIn('none', pace);
});

test('a healthy house archives and processes', () => {
  expect(paired.archived).toBeGreaterThan(0.8 * pace.stfs);
  expect(paired.started).toBeGreaterThan(0);
});

test.each<Trouble>(['work plane stopped', 'work plane loops', 'work plane has no space'])(
  'archiving goes on: %s',
  async (trouble) => {
    const held = await archivedIn(trouble, pace);
    expect(held.started, 'the work plane is really held').toBe(0);
    expect(held.archived).toBeGreaterThanOrEqual(0.8 * paired.archived);
  },
);
