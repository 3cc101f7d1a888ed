import { type Change, change } from '#lib/change';
import type { Deps } from '#lib/deps';
import { type Stored, stfs } from '#lib/records';
import { progressShareOf, progressWrite } from '#lib/run-progress';
import type { Write } from '#ports/store';
import type { Problem } from '#schema/daq-message';
import type { Job } from '#schema/job';
import type { Stf } from '#schema/stf';

/** What is written together. */
export type Writes = { readonly changes: readonly Change[]; readonly counts: readonly Write[] };
const nothing: Writes = { changes: [], counts: [] };

/** The STF of a job, as long as no later pass has taken it over; undefined for a job without one. */
export const stfOf = async ({ id, stfId }: Job, deps: Pick<Deps, 'store'>): Promise<Stored<Stf> | undefined> => {
  const stf = stfId === undefined ? undefined : await stfs.need(deps.store, stfId);
  return stf?.doc.jobId === id ? stf : undefined;
};

const told = ({ run, sequence, receivedAt }: Stf) => ({ run, sequence, receivedAt });

/** Gives up the STF that waits for a job, with the reason, and counts it. */
export const givingUp = async (job: Job, problem: Problem, by: string, deps: Deps): Promise<Writes> => {
  const stf = await stfOf(job, deps);
  if (stf?.doc.processing !== 'waiting') return nothing;
  const { doc, version } = stf;
  const share = await progressShareOf(job.runId, stf.doc.id, deps);
  const write = stfs.put(doc.id, { ...doc, processing: 'failed', failure: problem, settledAt: deps.now() }, version);
  const fact = { type: 'stf.failed', cause: job.id, by, data: { ...told(doc), ...problem } };
  return {
    changes: [change(deps, doc.id, write, fact)],
    counts: [progressWrite(share, { failed: 1, lastSettledAt: deps.now() })],
  };
};

/** Takes up the STF again that was given up with a job. */
export const takingUp = async (job: Job, by: string, deps: Deps): Promise<Writes> => {
  const stf = await stfOf(job, deps);
  if (stf?.doc.processing !== 'failed') return nothing;
  const { failure, settledAt: _, ...rest } = stf.doc;
  const share = await progressShareOf(job.runId, stf.doc.id, deps);
  const write = stfs.put(rest.id, { ...rest, processing: 'waiting' }, stf.version);
  const data = { ...told(stf.doc), pass: rest.pass, jobId: job.id, after: failure?.code };
  const changes = [change(deps, rest.id, write, { type: 'stf.reopened', cause: job.id, by, data })];
  return { changes, counts: [progressWrite(share, { failed: -1 })] };
};
