import { replay } from '../history.ts';
import type { Host } from '../host.ts';
import { parseJson } from '../json.ts';
import type { Run } from '../model.ts';
import { packRun } from '../packing/pack-run.ts';
import type { RedrivenRecord } from '../records.ts';
import type { Execution } from '../registry.ts';
import { newThread } from '../turn.ts';
import { prepareRedrive } from './prepare-redrive.ts';

/** The same execution from its beginning: nothing of it is kept but its events. */
const anew = ({ identity, machine, ...run }: Run): Run => {
  const data = parseJson(identity.inputText) ?? null;
  const from = { parent: undefined, index: 0, item: undefined, data, boundBytes: identity.inputText.length * 3 };
  return { ...run, identity, machine, variableBytes: 0, root: newThread(machine.scope, from, 0) };
};

/**
 * What lets an execution go on that has ended without success: it is run again from its turns in the journal, and what its
 * end has abandoned is put before the states that did not succeed.
 * @throws ExecutionDoesNotExist if its turns are no longer kept
 */
export const redrivenRecord = async (host: Host, execution: Execution): Promise<Omit<RedrivenRecord, 'atMs'>> => {
  const { identity, isWhole, share } = execution;
  const ended = await replay(host.context.journal, execution, host.registry.secret);
  const run = share?.run.isExpress ? anew(ended) : ended;
  if (!share?.run.isExpress) prepareRedrive(run);
  return {
    kind: 'redriven',
    serial: identity.serial,
    run: packRun(run),
    ...(!isWhole && { input: ended.identity.inputText }),
  };
};
