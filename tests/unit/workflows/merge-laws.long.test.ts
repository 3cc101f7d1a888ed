import { expect, test } from 'vitest';
import { endingOf } from '../../builders/merge-laws.ts';
import { aMergeStory } from '../../builders/merge-story.ts';

const seeds = Array.from({ length: 200 }, (_, at) => at + 1);

test('for 200 seeds of lag, late files and second passes a merge equals one process over all files, or is marked', async () => {
  const broken: string[] = [];
  const ends = new Map<string, number>();
  for (const seed of seeds) {
    const ending = await endingOf(aMergeStory(seed));
    broken.push(...ending.broken.map((law) => `seed ${seed}: ${law}`));
    if (ending.registered.length > 5) broken.push(`seed ${seed}: ${ending.registered.length} passes`);
    const last = ending.registered.at(-1) ?? 'nothing';
    const end = ending.registered.length > 1 ? `${last}, again` : last;
    ends.set(end, (ends.get(end) ?? 0) + 1);
  }
  expect(broken).toEqual([]);
  // Each kind of end is among them, so that no law holds for want of a case.
  for (const end of ['whole', 'whole, again', 'partial', 'partial, again']) expect(ends.get(end)).toBeGreaterThan(5);
}, 1_800_000);
