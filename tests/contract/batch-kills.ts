import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { aFolder } from '../builders/a-folder.ts';
import { aSubmission } from '../builders/a-submission.ts';
import { counted, linesOf } from '../builders/counted-payload.ts';
import { endsOf } from '../builders/ended-attempts.ts';
import type { FacilityUnderTest } from './facility-under-test.ts';

const forever = 'while :; do sleep 0.05; done';

const limited = (attemptId: string, file: string, timeoutS: number) => {
  const submission = counted(attemptId, file, forever);
  return { ...submission, resources: { ...submission.resources, timeoutS } };
};

/** Attempts of every fate, more of them than slots. */
const everyFate = (file: string) => [
  counted('a1', file, 'sleep 0.02'),
  counted('a2', file),
  counted('a3', file, forever),
  limited('a4', file, 0.1),
  counted('a5', file),
  aSubmission('a6', []),
];

const fates = {
  a1: 'succeeded',
  a2: 'succeeded',
  a3: 'cancelled',
  a4: 'timeout',
  a5: 'succeeded',
  a6: 'failed',
};

/** A facility whose process is killed between any two of its steps, then opened again by a caller who repeats himself. */
export const batchKills = (name: string, facility: FacilityUnderTest): void => {
  const moments = facility.steps.flatMap((step) => [1, 2].map((passing) => ({ step, passing })));

  describe(`the batch port (${name}), killed`, () => {
    test.each(moments)('at $step, passing $passing: every attempt ends, none ran twice', async ({ step, passing }) => {
      using folder = aFolder();
      const side = join(folder.path, 'side-effects');
      const jobs = join(folder.path, 'jobs');
      const submissions = everyFate(side);
      const ids = submissions.map(({ attemptId }) => attemptId);
      const wasKilled = await facility.dieAt({ folder: jobs, slots: 2, submissions, cancel: ['a3'], step, passing });
      if (passing === 1) expect(wasKilled).toBe(true);

      const again = await facility.open(jobs, 2);
      await again.submit(submissions);
      await again.cancel(['a3']);
      const ends = await endsOf(again, ids);
      await again.close();
      expect(Object.fromEntries([...ends].map(([id, { outcome }]) => [id, outcome]))).toEqual(fates);
      const begun = linesOf(side).filter((line) => line.startsWith('+'));
      expect(new Set(begun).size).toBe(begun.length);

      // What was said once is said for ever.
      const later = await facility.open(jobs, 2);
      expect(await endsOf(later, ids)).toEqual(ends);
      for (const id of ids) await later.release(id);
      await later.submit(submissions);
      expect(await endsOf(later, ids)).toEqual(ends);
      expect(linesOf(side).filter((line) => line.startsWith('+'))).toHaveLength(begun.length);
      await later.close();
    });
  });
};
