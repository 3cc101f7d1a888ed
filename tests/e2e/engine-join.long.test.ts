import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { quantile } from '../load/figures.ts';
import { joinUnderKills } from './engine/join.ts';

test('two hundred thousand callbacks into one execution, shuffled, some of them twice, with kills: each counted once', async () => {
  const startedMs = performance.now();
  const joined = await joinUnderKills({ children: 200, callbacks: 1_000, kills: 25, seed: 4 });
  const { kills, backMs, answers, end } = joined;
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  process.stderr.write(
    `${answers.sent} answers to 200000 tokens, ${answers.acknowledged} acknowledged; ${kills} kills in ${seconds} s; ` +
      `kill to first answered call: p50 ${Math.round(quantile(backMs, 0.5))} ms, most ${Math.round(Math.max(...backMs))} ms\n`,
  );
  try {
    const output = JSON.stringify({ count: 200_000, sum: 19_999_900_000 });
    expect(end).toMatchObject({ status: 'SUCCEEDED', output });
    expect(answers.acknowledged).toBeLessThanOrEqual(200_000);
    expect(answers.refusals.filter((name) => name !== 'TaskTimedOut' && name !== 'TaskDoesNotExist')).toEqual([]);
  } finally {
    await joined.close();
  }
  rmSync(joined.folder, { recursive: true });
}, 3_400_000);
