import { setImmediate } from 'node:timers/promises';
import type { Batch } from '../../functions/lib/ports/batch.ts';
import type { AttemptEnd } from '../../functions/lib/schema/job.ts';

/** Waits until all of these attempts have ended, and returns how: told by the facility, without asking again and again. */
export const endsOf = async (batch: Batch, attemptIds: readonly string[]): Promise<Map<string, AttemptEnd>> => {
  const ends = new Map<string, AttemptEnd>();
  const all = Promise.withResolvers<void>();
  const note = (attemptId: string, end: AttemptEnd) => {
    if (attemptIds.includes(attemptId)) ends.set(attemptId, end);
    if (ends.size === attemptIds.length) all.resolve();
  };
  // Subscribes first and asks after: whichever way an end comes, it is seen.
  batch.watch((status) => {
    if (status.state === 'ended') note(status.attemptId, status.end);
  });
  for (const status of await batch.status(attemptIds)) {
    if (status.state === 'ended') note(status.attemptId, status.end);
  }
  if (attemptIds.length > 0) await all.promise;
  return ends;
};

/** Lets the loop turn until something holds that no event tells of; the test's own limit ends it otherwise. */
export const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await setImmediate();
};
