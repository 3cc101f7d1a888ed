import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { killReplay } from './kill/kill-replay.ts';
import { expectNothingLostNothingTwice } from './kill/verdict.ts';

test('a replay killed at fifty random moments loses nothing and does nothing twice', async () => {
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const replay = await killReplay({ kills: 50, seed: 50, stfs: 16, say });
  expect(replay.killed).toBe(50);
  expectNothingLostNothingTwice(replay, 16);
  rmSync(dirname(replay.folder), { recursive: true });
}, 900_000);
