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

/** A message as quarantine keeps it, and which run and STF it is about, as far as that is known. */
type Held = Pick<DaqMessage, 'id' | 'receivedAt' | 'raw'> & { readonly about: { run?: number; stfId?: string } };

/** The change that holds a message, with the rule that it broke. */
export const holdMessage = (held: Held, problem: Problem, by: string, deps: Deps, ifVersion = 0): Change => {
  const id = quarantineId(held, deps);
  const { id: messageId, receivedAt, raw, about } = held;
  const doc: Quarantine = { id, messageId, problem, raw, receivedAt, quarantinedAt: deps.now(), state: 'held' };
  const data = { messageId, ...problem, ...about };
  const fact = { type: 'message.quarantined', cause: messageId, by, data };
  return change(deps, id, quarantines.put(id, doc, ifVersion), fact);
};

const aboutOf = ({ fact }: DaqMessage, deps: Deps): Held['about'] => {
  if (!fact || fact.type === 'other') return {};
  return { run: fact.run, ...(fact.type === 'stf_gen' ? { stfId: deps.ids.stf(fact.run, fact.sequence) } : {}) };
};

/** Holds a message once; one that is held already stays as it is. */
export const quarantineMessage = async (
  message: DaqMessage,
  problem: Problem,
  by: string,
  deps: Deps,
): Promise<void> => {
  try {
    await commit(deps, [holdMessage({ ...message, about: aboutOf(message, deps) }, problem, by, deps)]);
  } catch (thrown) {
    if (!(thrown instanceof PapilioError) || thrown.code !== 'store-conflict') throw thrown;
  }
};
