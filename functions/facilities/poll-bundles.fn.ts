import * as z from 'zod';
import type { Deps } from '#lib/deps';
import { defineFunction, eachItem } from '#lib/function';
import { jobs } from '#lib/records';
import type { Attempt } from '#schema/job';

const name = 'poll-bundles';

/**
 * The safety net of facilities that tell by themselves, and the path of those that do not: asks for all open attempts in
 * one call a facility, and sends a notice for each that has ended.
 */
export const pollBundles = defineFunction({
  name,
  effect: 'none',
  input: z.object({}),
  output: z.object({ open: z.int(), ended: z.int() }),
  run: async (_, deps) => {
    const open = await openAttempts(deps);
    const ended: string[] = [];
    const facilities = [...Map.groupBy(open, (attempt) => attempt.facility)];
    // A facility that does not answer holds up no other: it is asked again at the next poll.
    await eachItem(
      facilities.map(([itemId, attempts]) => ({ itemId, attempts })),
      name,
      deps,
      async ({ itemId, attempts }) => {
        const statuses = await deps.batch(itemId).status(attempts.map((attempt) => attempt.id));
        ended.push(...statuses.filter((status) => status.state === 'ended').map((status) => status.attemptId));
      },
    );
    await deps.queues.send(
      'settle',
      ended.map((attemptId) => ({ attemptId })),
    );
    return { open: open.length, ended: ended.length };
  },
});

const openAttempts = async (deps: Deps): Promise<Attempt[]> => {
  const open: Attempt[] = [];
  for await (const { doc } of jobs.every(deps.store, 'i2', 'open-jobs')) {
    open.push(...doc.attempts.filter((attempt) => attempt.state !== 'settled'));
  }
  return open;
};
