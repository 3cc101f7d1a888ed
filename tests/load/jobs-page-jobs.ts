import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createIds } from '#lib/ids';
import { runKey, stfKey } from '#lib/model/ids';
import { facilities, jobs } from '#lib/records';
import { systemClock } from '#lib/system-clock';
import type { Attempt, Job } from '#schema/job';
import { openSqliteStore } from '../../functions/adapters/store/sqlite.ts';
import { aFacility } from '../builders/a-job.ts';

const ids = createIds('prod', 'bnl', 1);
const runs = 10;
const sites = 10;
const startMs = Date.UTC(2026, 0, 1);
/** Two a second, as STFs come. */
const everyMs = 500;
const writtenAtOnce = 20_000;

/** When the n-th job was made. */
export const madeAt = (n: number): string => new Date(startMs + n * everyMs).toISOString();
/** A run of the store, and a site of it, by number. */
export const runOf = (n: number): number => 102_000 + (n % runs);
const siteOf = (n: number): string => `site-${n % sites}`;

/** Of a thousand jobs: five are under way, twenty have failed, five were cancelled, one is somebody's. */
const stateOf = (n: number): Job['state'] => {
  const place = Math.imul(n, 2_654_435_761) >>> 0;
  const at = place % 1000;
  if (at < 5) return 'submitted';
  if (at < 25) return 'failed';
  return at < 30 ? 'cancelled' : 'succeeded';
};

const attemptOf = (jobId: string, n: number, isOpen: boolean): Attempt => ({
  id: ids.attempt(jobId, 1),
  number: 1,
  bundleId: ids.bundleOf(ids.attempt(jobId, 1)),
  facility: siteOf(n * 7),
  queue: 'default',
  submittingAt: madeAt(n),
  submittedAt: madeAt(n),
  handle: `${n}@${startMs}`,
  ...(isOpen
    ? { state: 'submitted' }
    : {
        state: 'settled',
        end: {
          outcome: 'succeeded',
          exitCode: 0,
          startedAt: madeAt(n),
          endedAt: madeAt(n + 1),
          cpuUserS: 0.21,
          cpuSystemS: 0.03,
          memoryPeakMb: 87.5,
        },
      }),
});

const jobOf = (n: number): Job => {
  const run = runOf(Math.floor(n / 1000));
  const state = stateOf(n);
  const id = ids.job(`${stfKey(run, n)}-p1`);
  return {
    id,
    runId: ids.run(run),
    stfId: ids.stf(run, n),
    task: 'stf-hits',
    pass: 1,
    state,
    resources: { cores: 1, memoryMb: 1024, diskMb: 256, timeoutS: 300 },
    attempts: [attemptOf(id, n, state === 'submitted')],
    createdAt: madeAt(n),
    ...(state === 'submitted' ? {} : { settledAt: madeAt(n + 1) }),
    ...(state === 'failed' ? { errorCode: 'payload-failed' } : {}),
    ...(n % 1000 === 7 ? { owner: 'anna' } : {}),
  };
};

/** Writes the records of both planes: so many jobs at ten sites in ten runs. */
export const writeJobs = async (folder: string, count: number, say: (line: string) => void): Promise<void> => {
  for (const plane of ['archive', 'work']) {
    mkdirSync(join(folder, plane), { recursive: true });
    const { store } = await openSqliteStore({ path: join(folder, plane, 'store.db'), clock: systemClock });
    if (plane === 'work') {
      const all = Array.from({ length: sites }, (_, at) => aFacility(siteOf(at)));
      await facilities.putMany(
        store,
        all.map((site) => [site.id, site]),
      );
      for (let first = 0; first < count; first += writtenAtOnce) {
        const part = Array.from({ length: Math.min(writtenAtOnce, count - first) }, (_, at) => jobOf(first + at));
        await jobs.putMany(
          store,
          part.map((job) => [job.id, job]),
        );
        if ((first / writtenAtOnce) % 10 === 0) say(`${first} of ${count} jobs written (run ${runKey(runOf(0))} on)`);
      }
    }
    await store.close();
  }
};
