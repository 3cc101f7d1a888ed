import { PapilioError } from '#lib/errors';
import { makeId, readId, stfKey } from '#lib/model/ids';
import { tasks } from '#lib/model/task';
import { outputs, stfs } from '#lib/records';
import { runProgress } from '#lib/run-progress';
import type { Store } from '#ports/store';
import type { Output } from '#schema/output';
import type { ProvenanceView } from '#schema/provenance';
import type { Stf } from '#schema/stf';

const told = ({ id, name }: Output) => ({ id, name });
const outputsOf = async (store: Store, ids: readonly string[]) =>
  (await outputs.getMany(store, ids)).flatMap((output) => (output ? [output.doc] : []));

/** Names of what a task leaves of an input, by the task's kind. */
const leftBy = (reads: 'stf' | 'run'): string[] =>
  Object.values(tasks).flatMap((task) => (task.reads === reads && task.outputName ? [task.outputName] : []));

const ofStf = async (store: Store, { id, run, sequence, pass, name, messageId }: Stf): Promise<ProvenanceView> => {
  const { instance = '' } = readId(id) ?? {};
  const passes = Array.from({ length: pass }, (_, at) => at + 1);
  const ids = passes.flatMap((one) =>
    leftBy('stf').map((left) => makeId(instance, 'output', `${stfKey(run, sequence)}-p${one}-${left}`)),
  );
  const into = (await outputsOf(store, ids)).map(told);
  return { id, noun: 'stf', name, from: [{ id: messageId }], fromCount: 1, into };
};

/** Passes of a run's merge that are looked through, the latest. */
const passesMax = 50;

/** Every pass of the merge of its run that lists it among its inputs, or has more of them than it lists. */
const mergesOf = async (store: Store, output: Output): Promise<Output[]> => {
  if (output.stfId === undefined) return [];
  const { instance = '', name: run = '' } = readId(output.runId) ?? {};
  const last = (await runProgress(store, output.runId))?.merge?.pass ?? 1;
  const passes = Array.from({ length: Math.min(last, passesMax) }, (_, at) => last - at).toReversed();
  const ids = passes.flatMap((pass) =>
    leftBy('run').map((left) => makeId(instance, 'output', `${run}-p${pass}-${left}`)),
  );
  const merges = await outputsOf(store, ids);
  return merges.filter(
    ({ provenance: { inputs, inputCount } }) =>
      inputCount > inputs.length || inputs.some((input) => input.id === output.id),
  );
};

const ofOutput = async (store: Store, output: Output): Promise<ProvenanceView> => {
  const { inputs, inputCount, payload, jobId, attemptId, facility, executionId, build } = output.provenance;
  return {
    ...told(output),
    noun: 'output',
    from: inputs.map(({ id, name }) => ({ id, name })),
    fromCount: inputCount,
    by: { payload, jobId, attemptId, facility, executionId, build },
    into: (await mergesOf(store, output)).map(told),
  };
};

/** Where an output or an STF came from, and what came of it. @throws record-missing */
export const provenanceOf = async (store: Store, id: string): Promise<ProvenanceView> => {
  const [output, stf] = await Promise.all([outputs.get(store, id), stfs.get(store, id)]);
  if (output) return ofOutput(store, output.doc);
  if (stf) return ofStf(store, stf.doc);
  throw new PapilioError('record-missing', `${id} is neither an output nor an STF that was catalogued`);
};
