import { mergeAccountOf } from '#lib/model/merge-account';
import { mergePassName, mergeStateOf } from '#lib/next-merge';
import { outputs, runs } from '#lib/records';
import { runProgress } from '#lib/run-progress';
import type { Ids } from '#ports/ids';
import type { Store } from '#ports/store';
import type { Output } from '#schema/output';
import type { Run } from '#schema/run';
import type { MergeView } from '#schema/view';

/**
 * Outputs of a run as they are shown: a merge is held against the STFs that are known now, so that one of which an STF was
 * announced since is shown as partial before it is redone. Cost: the counts of one run, if there is a merge among them.
 */
export const shownOutputs = async (found: readonly Output[], store: Store): Promise<Output[]> => {
  const merged = found.find(({ merge }) => merge !== undefined);
  if (merged === undefined) return [...found];
  const [run, progress] = await Promise.all([runs.get(store, merged.runId), runProgress(store, merged.runId)]);
  return found.map((output) => {
    if (output.merge === undefined) return output;
    const account = mergeAccountOf(output.merge.inputs, run?.doc, progress);
    return { ...output, merge: { ...account, missing: account.isPartial ? output.merge.missing : [] } };
  });
};

/** The merge of a run as it is now; undefined for one of which no pass was planned. */
export const mergeViewOf = async (
  run: Run,
  deps: { readonly store: Store; readonly ids: Ids },
): Promise<MergeView | undefined> => {
  const progress = await runProgress(deps.store, run.id);
  const state = progress && (await mergeStateOf(run.run, progress, deps)).merge;
  if (state === undefined) return undefined;
  const current = state.outputId === undefined ? undefined : await outputs.get(deps.store, state.outputId);
  if (current) {
    const { id, pass, merge, provenance } = current.doc;
    return { ...mergeAccountOf(merge?.inputs ?? provenance.inputCount, run, progress), id, pass };
  }
  const jobId = state.inputs === 0 ? {} : { jobId: deps.ids.job(mergePassName(run.run, state.pass)) };
  return { ...mergeAccountOf(0, run, progress), ...jobId, pass: state.pass };
};
