import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { Quarantine } from '#schema/quarantine';
import { Replica, Stf } from '#schema/stf';
import { recordsOf } from './records.ts';
import { aScratch, startWhole } from './whole/whole-house.ts';

const papilio = fileURLToPath(new URL('../../clients/cli/main.ts', import.meta.url));

test('a day of 720 STFs in four minutes, and a storm behind it: every STF archived and processed, every bad message held', async () => {
  const folder = join(aScratch(), 'data');
  const house = startWhole({ folder, words: ['--no-demo'] });
  await house.says(/API http/);
  const play = (...words: string[]) =>
    promisify(execFile)(process.execPath, [papilio, '--data', folder, 'dev', 'sim', ...words]);
  await play('--scenario', 'day', '--interval', '120', '--speed', '360');
  await play('--scenario', 'storm', '--speed', '4');
  const stfs = () => recordsOf(folder, 'work').of('stf', Stf);
  const settled = () => stfs().filter(({ processing }) => processing !== 'waiting').length;
  await expect.poll(settled, { timeout: 600_000, interval: 1000 }).toBe(720 + 64);
  expect(stfs().filter(({ processing }) => processing !== 'processed')).toEqual([]);
  const archive = recordsOf(folder, 'archive');
  expect(archive.of('replica', Replica)).toHaveLength(720 + 64);
  const held = archive.of('quarantine', Quarantine);
  expect(held.length).toBeGreaterThan(0);
  for (const { problem } of held) expect(problem.code).toMatch(/^(message-|run-number-|stf-sequence-)/);
  house.process.kill('SIGTERM');
  expect((await house.ended).code).toBe(0);
});
