import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { torment } from './engine/kills.ts';
import { expectAnswers, expectExecutions, expectMessages } from './engine/verdict.ts';

test('an engine that is killed under load loses nothing, does nothing twice, and brings everything to its end', async () => {
  const survived = await torment({ kills: 4, atOnce: 8, lifeMs: 800, seed: 1 });
  try {
    expect(survived.load.started.length).toBeGreaterThanOrEqual(8);
    await expectExecutions(survived);
    await expectAnswers(survived);
    await expectMessages(survived);
  } finally {
    await survived.close();
  }
  rmSync(survived.folder, { recursive: true });
});
