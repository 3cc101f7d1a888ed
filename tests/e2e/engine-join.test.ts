import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { joinUnderKills } from './engine/join.ts';

test('an execution that joins many callbacks counts each of them once, however often they come and the engine dies', async () => {
  const joined = await joinUnderKills({ children: 4, callbacks: 50, kills: 2, seed: 3 });
  try {
    expect(joined.end).toMatchObject({ status: 'SUCCEEDED', output: JSON.stringify({ count: 200, sum: 19_900 }) });
    expect(joined.answers.acknowledged).toBeLessThanOrEqual(200);
    expect(joined.answers.refusals.filter((name) => name !== 'TaskTimedOut')).toEqual([]);
  } finally {
    await joined.close();
  }
  rmSync(joined.folder, { recursive: true });
});
