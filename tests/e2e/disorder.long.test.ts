import { beforeAll, expect, test } from 'vitest';
import { aCleanRun, type CleanRun, disordered } from '../builders/memory-house-disorder.ts';

const seeds = Array.from({ length: 200 }, (_, at) => at + 1_001);
let clean: CleanRun;
beforeAll(async () => {
  clean = await aCleanRun();
});

test.each(seeds)('a stream in disorder ends in the records of the clean run: seed %i', async (seed) => {
  const { differences, poison, held, deadLetters } = await disordered(clean, seed);
  expect(differences.join('\n')).toBe('');
  expect({ held, deadLetters }).toEqual({ held: poison, deadLetters: 0 });
});
