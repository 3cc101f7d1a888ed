import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '#lib/system-clock';
import { openLocalBatch } from '../../../../functions/adapters/batch/local.ts';
import type { LocalStep } from '../../../../functions/adapters/batch/local-folder.ts';
import { attemptIdOf, leaveOldAttempts } from '../../../builders/old-attempts.ts';

const million = 1_000_000;

test('a start on a million folders of an earlier build looks at a slice of them, and finds each by its name', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'papilio-million-'));
  onTestFinished(() => void execFileSync('rm', ['-rf', folder]), 1_200_000);
  const jobs = join(folder, 'jobs');
  leaveOldAttempts(jobs, million);
  const steps = new Map<LocalStep, number>();
  const afterStep = (step: LocalStep) => steps.set(step, (steps.get(step) ?? 0) + 1);
  const batch = await openLocalBatch({ folder: jobs, slots: 2, clock: systemClock, afterStep });
  expect(steps.get('looked') ?? 0).toBe(0);
  expect(steps.get('old-seen') ?? 0).toBeLessThanOrEqual(32);
  expect(await batch.status([attemptIdOf(0), attemptIdOf(million - 1)])).toMatchObject([
    { state: 'ended', end: { outcome: 'succeeded' } },
    { state: 'ended', end: { outcome: 'succeeded' } },
  ]);
  await batch.close();
}, 2_400_000);
