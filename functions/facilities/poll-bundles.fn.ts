import * as z from 'zod';
import { change, commit, untilNoConflict } from '#lib/change';
import type { Deps } from '#lib/deps';
import { defineFunction, eachItem } from '#lib/function';
import { ownNameOf } from '#lib/model/ids';
import { counts } from '#lib/model/job-life';
import { tasks } from '#lib/model/task';
import { tellBroker } from '#lib/processing';
import { facilities, jobs, outputs, placements } from '#lib/records';
import type { AttemptStatus } from '#ports/batch';
import type { Facility } from '#schema/facility';
import type { Attempt } from '#schema/job';
import { isOver } from './drain.ts';

const name = 'poll-bundles';

/**
 * The safety net of facilities that tell by themselves, and the path of those that do not: asks for all open attempts in
 * one call a facility, and sends a notice for each that has ended. Drains that were to end by now end, the broker looks again
 * at what waits, and attempts whose release was missed are released.
 */
export const pollBundles = defineFunction({
  name,
  effect: 'named',
  input: z.object({}),
  output: z.object({ open: z.int(), ended: z.int() }),
  run: async (_, deps) => {
    const sites = (await facilities.list(deps.store, 'i1', 'facilities', { limit: 1000 })).items.map(({ doc }) => doc);
    await endDrains(sites, deps);
    await reviewWaiting(deps);
    await releaseSettled(sites, deps);
    const open = await openAttempts(deps);
    const ended: string[] = [];
    const byFacility = [...Map.groupBy(open, (attempt) => attempt.facility)];
    // A facility that does not answer holds up no other: it is asked again at the next poll.
    await eachItem(
      byFacility.map(([itemId, attempts]) => ({ itemId, attempts })),
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
const endDrains = async (sites: readonly Facility[], deps: Deps): Promise<void> => {
  for (const site of sites) if (isOver(site, deps.now())) await untilNoConflict(() => endDrain(site.id, deps));
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

/** An attempt that ended so long ago is normally released: its end is settled and its output registered within seconds. */
const unreleasedMs = 600_000;

/** Releases attempts whose release was missed, such as those of an execution that was stopped before its output was registered. */
const releaseSettled = async (sites: readonly Facility[], deps: Deps): Promise<void> => {
  const endedBefore = new Date(deps.clock.nowMs() - unreleasedMs).toISOString();
  await eachItem(
    sites.map((site) => ({ itemId: site.name })),
    name,
    deps,
    async ({ itemId }) => {
      const batch = deps.batch(itemId);
      for (const id of await batch.unreleased(endedBefore)) if (await isReleasable(id, deps)) await batch.release(id);
    },
  );
};

/** True when the end of an attempt is recorded and nothing waits for its output. */
const isReleasable = async (attemptId: string, deps: Deps): Promise<boolean> => {
  const job = (await jobs.get(deps.store, deps.ids.jobOf(attemptId)))?.doc;
  const attempt = job?.attempts.find((one) => one.id === attemptId);
  if (job === undefined || attempt?.state !== 'settled') return false;
  const outputName = tasks[job.task]?.outputName;
  if (job.state !== 'succeeded' || attempt.end?.outcome !== 'succeeded' || outputName === undefined) return true;
  const outputId = deps.ids.output(`${ownNameOf(job.id)}-${outputName}`);
  return (await outputs.get(deps.store, outputId)) !== undefined;
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
