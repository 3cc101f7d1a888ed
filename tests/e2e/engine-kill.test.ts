import { test } from 'vitest';
import { torment } from './engine/kills.ts';
import { expectAllWell } from './engine/verdict.ts';

test('an engine that is killed under load loses nothing, does nothing twice, and brings everything to its end', async () => {
  const survived = await torment({ kills: 4, atOnce: 12, lifeMs: 800, seed: 1 });
  await expectAllWell(survived, { starts: 12 });
});
