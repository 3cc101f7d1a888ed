import type { Change } from './change.ts';
import { change, commit } from './change.ts';
import type { Deps } from './deps.ts';
import { PapilioError } from './errors.ts';
import { quarantines } from './records.ts';
import type { DaqMessage, Problem } from './schema/daq-message.ts';
import type { Quarantine } from './schema/quarantine.ts';

/** Id of a message's place in quarantine; one message may break one rule of each plane. */
export const quarantineId = (message: Pick<DaqMessage, 'id'>, deps: Pick<Deps, 'ids'>): string =>
  deps.ids.of('quarantine', message.id.slice(-32));

/** The change that holds a message, with the rule that it broke. */
export const holdMessage = (message: DaqMessage, problem: Problem, by: string, deps: Deps, ifVersion = 0): Change => {
  const id = quarantineId(message, deps);
  const { receivedAt, raw, fact } = message;
  const doc: Quarantine = {
    id,
    messageId: message.id,
    problem,
    raw,
    receivedAt,
    quarantinedAt: deps.now(),
    state: 'held',
  };
  const subject =
    fact && fact.type !== 'other'
      ? { run: fact.run, ...(fact.type === 'stf_gen' ? { stfId: deps.ids.stf(fact.run, fact.sequence) } : {}) }
      : {};
  const data = { messageId: message.id, ...problem, ...subject };
  return change(deps, id, quarantines.put(id, doc, ifVersion), {
    type: 'message.quarantined',
    cause: message.id,
    by,
    data,
  });
};

/** Holds a message once; one that is held already stays as it is. */
export const quarantineMessage = async (
  message: DaqMessage,
  problem: Problem,
  by: string,
  deps: Deps,
): Promise<void> => {
  try {
    await commit(deps, [holdMessage(message, problem, by, deps)]);
  } catch (thrown) {
    if (!(thrown instanceof PapilioError) || thrown.code !== 'store-conflict') throw thrown;
  }
};
