import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { killReplay } from './kill/kill-replay.ts';
import { expectNothingLostNothingTwice } from './kill/verdict.ts';

test('a replay killed at two random moments loses nothing and does nothing twice', async () => {
  const replay = await killReplay({ kills: 2, seed: 20261124, stfs: 8 });
  expect(replay.killed).toBe(2);
  expectNothingLostNothingTwice(replay, 8);
  rmSync(dirname(replay.folder), { recursive: true });
}, 120_000);
