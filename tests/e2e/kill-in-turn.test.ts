import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { killInTurn, victims } from './kill/kill-in-turn.ts';
import { expectNothingLostNothingTwice } from './kill/verdict.ts';

test('each process killed in its turn while a run is played: nothing lost, nothing twice', async () => {
  const stfs = 14;
  const replay = await killInTurn({ seed: 4, stfs, speed: 1, everyMs: [500, 1000], rounds: 1 });
  for (const victim of victims) expect.soft(replay.kills[victim], victim).toBeGreaterThan(0);
  expectNothingLostNothingTwice(replay, stfs);
  rmSync(dirname(replay.folder), { recursive: true });
}, 120_000);
