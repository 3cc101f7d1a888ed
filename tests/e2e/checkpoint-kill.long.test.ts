import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { aRandom } from '../builders/random.ts';

const program = fileURLToPath(new URL('./planes/counting-front.ts', import.meta.url));
const stfs = 60_000;
const Word = z.object({ kind: z.string(), isRight: z.boolean().optional(), archive: z.number().optional() });

/** Runs a counting front until it has kept so often, and a moment longer; returns where it began. */
const live = async (folder: string, saves: number, moreMs: number) => {
  const child = fork(program, [folder, String(stfs)]);
  const words: z.infer<typeof Word>[] = [];
  const until = Promise.withResolvers<void>();
  child.on('message', (raw) => {
    words.push(Word.parse(raw));
    if (words.filter(({ kind }) => kind === 'keeps').length >= saves) until.resolve();
  });
  await Promise.race([until.promise, once(child, 'exit')]);
  await delay(moreMs);
  const gone = child.exitCode === null ? once(child, 'exit') : undefined;
  child.kill('SIGKILL');
  await gone;
  return { opened: words.find(({ kind }) => kind === 'opened'), done: words.find(({ kind }) => kind === 'done') };
};

test('a front that is killed twenty times while it keeps what it counted goes on from right counts each time', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'papilio-checkpoint-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const random = aRandom(7);
  let last = -1;
  for (let kill = 0; kill < 20; kill += 1) {
    const { opened } = await live(folder, 1 + Math.floor(random() * 12), random() * 20);
    expect(opened?.isRight, `after ${kill} kills`).toBe(true);
    expect(opened?.archive, 'it begins where a save was').toBeGreaterThanOrEqual(last);
    last = opened?.archive ?? 0;
  }
  expect(last).toBeGreaterThan(0);
}, 300_000);
