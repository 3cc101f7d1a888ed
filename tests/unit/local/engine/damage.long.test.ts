import { expect, test } from 'vitest';
import { closedJournal, flipBits } from '../../../builders/flipped-journal.ts';

test.each(['segments', 'snapshot'] as const)(
  'a bit that flips in any byte of a closed journal of %s is named or harms nothing',
  async (layout) => {
    const { named, harmless, problems } = await flipBits(await closedJournal(layout), 1);
    process.stdout.write(`${layout}: ${named} flips named, ${harmless} without consequence\n`);
    expect(problems).toEqual([]);
  },
);
