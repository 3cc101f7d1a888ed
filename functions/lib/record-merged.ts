import { type Change, change, commit } from './change.ts';
import type { Deps } from './deps.ts';
import { type MergeInput, mergeInputsOf } from './merge-manifest.ts';
import { readId } from './model/ids.ts';
import { mergeAccountOf } from './model/merge-account.ts';
import { mergeStateOf } from './next-merge.ts';
import { outputs, runs, type Stored } from './records.ts';
import { progressCheck, progressShares, progressWrite, sumOfShares } from './run-progress.ts';
import type { Job } from './schema/job.ts';
import { inputsNamedMax, type Output } from './schema/output.ts';
import type { RunMerge } from './schema/run.ts';

/** The inputs of a merge, as many as are named, and their number. */
export type MergedInputs = { readonly named: readonly MergeInput[]; readonly count: number };

/** Merge of a run whose output is put and not yet recorded. */
export type Merging = {
  readonly job: Job;
  readonly doc: Omit<Output, 'provenance'>;
  readonly executionId: string;
  readonly provenanceOf: (merged: MergedInputs) => Output['provenance'];
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
    provenance: merging.provenanceOf(merged),
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

const inputsOf = async (job: Job, deps: Deps): Promise<MergedInputs> => {
  const named: MergeInput[] = [];
  let count = 0;
  for await (const input of mergeInputsOf(job, deps)) {
    count += 1;
    if (count <= inputsNamedMax) named.push(input);
    else if (job.merge) break;
  }
  return { named, count: job.merge?.inputs ?? count };
};
