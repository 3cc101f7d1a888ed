import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { killInTurn, victims } from './kill/kill-in-turn.ts';
import { expectNothingLostNothingTwice } from './kill/verdict.ts';

test('ten minutes of a run with a kill every few seconds: nothing lost, nothing twice', async () => {
  const stfs = 1_000;
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const replay = await killInTurn({ seed: 11, stfs, speed: 1, everyMs: [3_000, 6_000], say });
  expect(replay.killed).toBeGreaterThan(100);
  for (const victim of victims) expect.soft(replay.kills[victim], victim).toBeGreaterThan(10);
  expectNothingLostNothingTwice(replay, stfs);
  rmSync(dirname(replay.folder), { recursive: true });
}, 1_700_000);
