import { expect } from 'vitest';
import { accountOf, spectraOf } from './account.ts';
import type { KilledReplay } from './kill-replay.ts';

/** What must hold after any number of kills. */
export const expectNothingLostNothingTwice = (replay: KilledReplay, stfsPerRun: number): void => {
  const account = accountOf(replay.folder, replay.tally);
  const stfs = replay.runs * stfsPerRun;
  expect(account.replicas).toHaveLength(stfs);
  expect(account.stfs.filter((stf) => stf.processing === 'processed')).toHaveLength(stfs);
  expect(account.outputs.filter((output) => output.stfId !== undefined)).toHaveLength(stfs);
  expect(account.outputs.filter((output) => output.stfId === undefined)).toHaveLength(replay.runs);
  expect(account.jobs.filter((job) => job.state !== 'succeeded')).toEqual([]);
  expect(account.leftOver).toEqual([]);
  expect(new Set(account.events.map((event) => event.id)).size).toBe(account.events.length);

  // Side effects, counted by the payloads themselves: an attempt starts at most once, and papilio knows of each.
  const attempts = new Set(account.jobs.flatMap((job) => job.attempts.map((attempt) => attempt.id)));
  for (const [attempt, times] of account.started) {
    expect.soft(times, `starts of ${attempt}`).toBe(1);
    expect.soft(attempts, 'papilio knows every attempt that ran').toContain(attempt);
  }
  for (const job of account.jobs) {
    const finished = job.attempts.filter((attempt) => account.finished.has(attempt.id));
    expect.soft(finished.length, `finished attempts of ${job.id}`).toBeGreaterThanOrEqual(1);
    const kept = job.attempts.filter((attempt) => attempt.end?.outcome === 'succeeded');
    expect.soft(kept, `attempts of ${job.id} that count`).toHaveLength(1);
  }
  for (const { found, truth } of spectraOf(replay.folder, account, { seed: 1, sizeBytes: replay.sizeBytes })) {
    expect(found.detectors).toEqual(truth.detectors);
  }
};
