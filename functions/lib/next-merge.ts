import type { Deps } from './deps.ts';
import { runKey } from './model/ids.ts';
import { tasks } from './model/task.ts';
import { jobs, outputs } from './records.ts';
import type { Run, RunMerge, RunProgress } from './schema/run.ts';

/** Name of a pass of a run's merge, as it is in the ids of its execution, its job and its output. */
export const mergePassName = (run: number, pass: number): string => `${runKey(run)}-p${pass}`;

/** Id of what a pass of a run's merge leaves. */
export const mergedIdOf = (run: number, pass: number, { ids }: Pick<Deps, 'ids'>): string =>
  ids.output(`${mergePassName(run, pass)}-${tasks['run-merge']?.outputName ?? 'merged'}`);

/**
 * State of the merge of a run. A run that was merged by an earlier build, whose records do not have it, has one pass: read
 * from its job and output.
 */
export const mergeStateOf = async (
  run: number,
  progress: RunProgress,
  deps: Pick<Deps, 'ids' | 'store'>,
): Promise<{ readonly merge?: RunMerge }> => {
  const { merge, waiter, waiterPass, catalogued } = progress;
  if (merge !== undefined) return { merge };
  if (waiter === undefined || waiterPass !== undefined) return {};
  const [job, output] = await Promise.all([
    jobs.get(deps.store, deps.ids.job(mergePassName(run, 1))),
    outputs.get(deps.store, mergedIdOf(run, 1, deps)),
  ]);
  if (job?.doc.settledAt === undefined) return {};
  const inputs = output?.doc.provenance.inputCount ?? 0;
  const isPartial = inputs < catalogued;
  return { merge: { pass: 1, inputs, isPartial, isSettled: true, ...(output && { outputId: output.doc.id }) } };
};

/** Starts a pass of a run's merge, named after run and pass; one that was started before stays as it is. */
export const startMergePass = (
  { id: runId, run }: Pick<Run, 'id' | 'run'>,
  pass: number,
  { config, ids, machines }: Pick<Deps, 'config' | 'ids' | 'machines'>,
): Promise<void> => {
  const input = { runId, run, pass, closeS: config.PAPILIO_RUN_CLOSE_S };
  return machines.start('merge-run', ids.exec(`run-${mergePassName(run, pass)}`), input);
};

/**
 * Starts the next pass of a run's merge if more STFs are processed than the last pass holds: any number of late STFs start
 * one execution, which merges all of them.
 */
export const startNextMerge = async (
  run: Pick<Run, 'id' | 'run'>,
  progress: RunProgress | undefined,
  deps: Pick<Deps, 'config' | 'ids' | 'machines'>,
): Promise<void> => {
  const { merge, processed = 0 } = progress ?? {};
  if (merge !== undefined && processed > merge.inputs) await startMergePass(run, merge.pass + 1, deps);
};
