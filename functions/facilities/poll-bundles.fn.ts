import * as z from 'zod';
import { change, commit, untilNoConflict } from '#lib/change';
import type { Deps } from '#lib/deps';
import { defineFunction, eachItem } from '#lib/function';
import { counts } from '#lib/model/job-life';
import { tellBroker } from '#lib/processing';
import { facilities, jobs, placements } from '#lib/records';
import type { AttemptStatus } from '#ports/batch';
import type { Attempt } from '#schema/job';
import { isOver } from './drain.ts';

const name = 'poll-bundles';

/**
 * The safety net of facilities that tell by themselves, and the path of those that do not: asks for all open attempts in
 * one call a facility, and sends a notice for each that has ended. Drains that were to end by now end, and the broker looks again at what waits.
 */
export const pollBundles = defineFunction({
  name,
  effect: 'named',
  input: z.object({}),
  output: z.object({ open: z.int(), ended: z.int() }),
  run: async (_, deps) => {
    await endDrains(deps);
    await reviewWaiting(deps);
    const open = await openAttempts(deps);
    const ended: string[] = [];
    const facilities = [...Map.groupBy(open, (attempt) => attempt.facility)];
    // A facility that does not answer holds up no other: it is asked again at the next poll.
    await eachItem(
      facilities.map(([itemId, attempts]) => ({ itemId, attempts })),
      name,
      deps,
      async ({ itemId, attempts }) => {
        const batch = deps.batch(itemId);
        const unwanted = attempts.filter(({ isWanted }) => !isWanted).map(({ id }) => id);
        if (unwanted.length > 0) await batch.cancel(unwanted);
        const statuses = await batch.status(attempts.map((attempt) => attempt.id));
        const isOver = ({ attemptId, state }: AttemptStatus) =>
          state === 'ended' || (state === 'unknown' && unwanted.includes(attemptId));
        ended.push(...statuses.filter(isOver).map((status) => status.attemptId));
      },
    );
    await deps.queues.send(
      'settle',
      ended.map((attemptId) => ({ attemptId })),
    );
    return { open: open.length, ended: ended.length };
  },
});

/** Ends drains that have come to their own end. */
const endDrains = async (deps: Deps): Promise<void> => {
  const { items } = await facilities.list(deps.store, 'i1', 'facilities', { limit: 1000 });
  for (const { doc } of items) if (isOver(doc, deps.now())) await untilNoConflict(() => endDrain(doc.id, deps));
};

const endDrain = async (id: string, deps: Deps): Promise<void> => {
  const site = await facilities.need(deps.store, id);
  const { drain, ...rest } = site.doc;
  if (!isOver(site.doc, deps.now())) return;
  const data = { facility: rest.name, who: drain?.by, why: `it was drained until ${drain?.untilAt}` };
  const write = facilities.put(id, rest, site.version);
  await commit(deps, [change(deps, id, write, { type: 'facility.resumed', by: name, data })]);
};

/** Has the broker look again at what waits: nothing that should have told it is missed for long. */
const reviewWaiting = async (deps: Deps): Promise<void> => {
  const { items } = await placements.list(deps.store, 'i1', 'placements', { limit: 1 });
  if (items.length > 0) await tellBroker(deps);
};

type Open = Attempt & { readonly isWanted: boolean };

const openAttempts = async (deps: Deps): Promise<Open[]> => {
  const open: Open[] = [];
  for await (const { doc } of jobs.every(deps.store, 'i2', 'open-jobs')) {
    const unsettled = doc.attempts.filter((attempt) => attempt.state !== 'settled');
    open.push(...unsettled.map((attempt) => ({ ...attempt, isWanted: counts(doc, attempt.number) })));
  }
  return open;
};
