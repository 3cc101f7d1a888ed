import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Links of one file on the file systems that tests run on. */
const linksMax = 60_000;

/** Id of the n-th attempt of a run, as papilio makes them. */
export const attemptIdOf = (n: number): string =>
  `dev-local_attempt_bnl-1-00102363-${String(n).padStart(8, '0')}-p1-a1`;

/** Leaves ended attempts as a build without an index left them: a folder each, directly in the facility's folder. */
export const leaveOldAttempts = (jobs: string, count: number): void => {
  mkdirSync(jobs, { recursive: true });
  let exit = '';
  for (let n = 0; n < count; n++) {
    const folder = join(jobs, attemptIdOf(n));
    mkdirSync(folder);
    if (n % linksMax === 0) {
      exit = join(folder, 'exit.json');
      writeFileSync(exit, '{"status":0,"signalled":false}\n');
    } else {
      linkSync(exit, join(folder, 'exit.json'));
    }
  }
};

/** Leaves released attempts as this build keeps them, a file each. */
export const leaveEndedAttempts = (count: number, pathOf: (attemptId: string) => string): void => {
  let first = '';
  const made = new Set<string>();
  for (let n = 0; n < count; n++) {
    const attemptId = attemptIdOf(n);
    const path = pathOf(attemptId);
    const folder = join(path, '..');
    if (!made.has(folder)) mkdirSync(folder, { recursive: true });
    made.add(folder);
    if (n % linksMax === 0) {
      first = path;
      const end = { outcome: 'succeeded', exitCode: 0, endedAt: '2026-11-24T06:00:00.000Z' };
      writeFileSync(path, `${JSON.stringify({ attemptId, end })}\nread 7 hits\n`);
    } else {
      linkSync(first, path);
    }
  }
};
