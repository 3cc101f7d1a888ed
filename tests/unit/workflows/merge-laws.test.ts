import { expect, test } from 'vitest';
import { endingOf } from '../../builders/merge-laws.ts';
import { aMergeStory } from '../../builders/merge-story.ts';

/** The first of the 200 seeds of merge-laws.long.test.ts. */
test.each(Array.from({ length: 10 }, (_, at) => at + 1))(
  'with lag, late files and second passes a merge is whole or marked, at every instant: seed %i',
  async (seed) => {
    const { broken, registered } = await endingOf(aMergeStory(seed));
    expect(broken).toEqual([]);
    expect(registered.length).toBeLessThan(6);
  },
);
