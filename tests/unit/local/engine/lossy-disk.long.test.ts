import { expect, test } from 'vitest';
import { lossyRun } from '../../../builders/lossy-run.ts';

test('a hundred thousand power cuts lose nothing acknowledged, and all that they leave comes to the same end', async () => {
  const startedMs = performance.now();
  const { problems, cuts, torn, states, recoveryMs } = await lossyRun({ cutsPerAccess: 700, everyState: 1 });
  const tookS = (performance.now() - startedMs) / 1000;
  const times = recoveryMs.toSorted((a, b) => a - b);
  const [middle = 0, worst = 0] = [times[times.length >> 1], times.at(-1)];
  process.stdout.write(
    `${cuts} power cuts in ${tookS.toFixed(0)} s: ${torn} torn tails, ${states} states brought to their end; ` +
      `recovery p50 ${middle.toFixed(2)} ms, worst ${worst.toFixed(1)} ms\n`,
  );
  expect(problems).toEqual([]);
  expect(cuts).toBeGreaterThan(100_000);
});
