import { type Change, change, commit } from '#lib/change';
import type { Deps } from '#lib/deps';
import { type MergeInput, mergeInputsOf } from '#lib/merge-manifest';
import { readId } from '#lib/model/ids';
import { mergeAccountOf } from '#lib/model/merge-account';
import { mergeStateOf } from '#lib/next-merge';
import { outputs, runs, type Stored } from '#lib/records';
import { progressCheck, progressShares, progressWrite, sumOfShares } from '#lib/run-progress';
import type { Attempt, Job } from '#schema/job';
import type { Output } from '#schema/output';
import type { RunMerge } from '#schema/run';
import { inputsMax, provenanceOf } from './provenance.ts';

/** Merge of a run whose output is put and not yet recorded. */
export type Merging = {
  readonly job: Job;
  readonly attempt: Attempt;
  readonly doc: Omit<Output, 'provenance'>;
  readonly executionId: string;
};

/**
 * Records a merged output: in one transaction with its share of the STFs that are catalogued at that moment,
 * and with the pass that it supersedes. @throws store-conflict if the run changed meanwhile; a repeat starts from a fresh load
 */
export const recordMerged = async (merging: Merging, by: string, deps: Deps): Promise<void> => {
  const { job, doc, executionId } = merging;
  if (await outputs.get(deps.store, doc.id)) return;
  const known = await runOf(job.runId, deps);
  const { run, shares, progress, state, current } = known;
  const [first, ...others] = shares;
  if (first === undefined) return;
  const merged = await inputsOf(job, deps);
  const account = mergeAccountOf(merged.count, run?.doc, progress);
  const isLatest = current === undefined || current.doc.pass < doc.pass;
  const links = current && (isLatest ? { supersedes: current.doc.id } : { supersededBy: current.doc.id });
  const output: Output = {
    ...doc,
    merge: { ...account, missing: job.merge?.missing ?? [] },
    ...links,
    provenance: provenance(merging, merged, deps),
  };
  const about = { run: known.number, by };
  const data = { run: known.number, ...doc, ...links, merge: account, jobId: job.id };
  const fact = { type: 'output.registered', cause: executionId, by, data };
  const changes = [change(deps, doc.id, outputs.put(doc.id, output, 0), fact)];
  if (current && isLatest) changes.push(superseding(current, output, about, deps));
  const checks = [...others.map(progressCheck), ...(run ? [runs.check(run.doc.id, run.version)] : [])];
  await commit(deps, changes, [progressWrite(first, { merge: settledState(state, output, isLatest) }), ...checks]);
};

/** A run with its counts and the state of its merge, as they are now. */
const runOf = async (runId: string, deps: Deps) => {
  const [run, shares] = await Promise.all([runs.get(deps.store, runId), progressShares(runId, deps.store)]);
  const progress = sumOfShares(shares);
  const number = run?.doc.run ?? Number(readId(runId)?.name ?? 0);
  const state = progress && (await mergeStateOf(number, progress, deps)).merge;
  const current = state?.outputId === undefined ? undefined : await outputs.get(deps.store, state.outputId);
  return { run, number, shares, progress, state, current };
};

const provenance = ({ job, attempt, executionId }: Merging, merged: Inputs, { config }: Deps): Output['provenance'] =>
  provenanceOf({ job, attempt, stf: undefined, merged, executionId, config });

/** State of a run's merge once an output of it is registered; a late one of an earlier pass leaves the later pass as it is. */
const settledState = (before: RunMerge | undefined, { id, pass, merge }: Output, isLatest: boolean): RunMerge => {
  const current = isLatest ? id : before?.outputId;
  const outputId = current === undefined ? {} : { outputId: current };
  if (before !== undefined && before.pass > pass) return { ...before, ...outputId };
  return { pass, inputs: merge?.inputs ?? 0, isPartial: merge?.isPartial ?? true, isSettled: true, ...outputId };
};

type By = { readonly by: string; readonly run: number };

const superseding = ({ doc, version }: Stored<Output>, { id, pass }: Output, { by, run }: By, deps: Deps): Change =>
  change(deps, doc.id, outputs.put(doc.id, { ...doc, supersededBy: id }, version), {
    type: 'output.superseded',
    cause: id,
    by,
    data: { run, name: doc.name, pass: doc.pass, supersededBy: id, supersededByPass: pass },
  });

/** The inputs of a merge, as many as are named, and their number. */
type Inputs = { readonly named: readonly MergeInput[]; readonly count: number };

const inputsOf = async (job: Job, deps: Deps): Promise<Inputs> => {
  const named: MergeInput[] = [];
  let count = 0;
  for await (const input of mergeInputsOf(job, deps)) {
    count += 1;
    if (count <= inputsMax) named.push(input);
    else if (job.merge) break;
  }
  return { named, count: job.merge?.inputs ?? count };
};
