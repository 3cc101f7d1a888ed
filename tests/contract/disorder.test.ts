import { beforeAll, describe, expect, test } from 'vitest';
import { aCleanRun, type CleanRun, comparedWith, disordered } from '../builders/memory-house-disorder.ts';

const seeds = Array.from({ length: 5 }, (_, at) => at + 1);

describe('a stream in disorder ends in the records of the clean run', () => {
  let clean: CleanRun;
  beforeAll(async () => {
    clean = await aCleanRun();
  });

  test.each(seeds)('duplicated, reordered, lost and redelivered, with poison: seed %i', async (seed) => {
    const { differences, poison, held, deadLetters } = await disordered(clean, seed);
    expect(differences.join('\n')).toBe('');
    expect(poison).toBeGreaterThan(0);
    expect({ held, deadLetters }).toEqual({ held: poison, deadLetters: 0 });
  });

  test('and a message that is lost for good shows', async () => {
    const { frames } = clean.stream;
    const gone = frames.findIndex(({ body }) => body.includes('"swf.102363.000003.stf"'));
    const { differences } = await comparedWith(clean, frames.toSpliced(gone, 1), 1);
    expect(differences.join('\n')).toContain('archive message');
    expect(differences.join('\n')).toContain('archive object 00102363/swf.102363.000003.stf: missing');
  });
});
