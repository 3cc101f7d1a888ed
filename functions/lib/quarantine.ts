import type { Change } from './change.ts';
import { change, commit, untilNoConflict } from './change.ts';
import type { Deps } from './deps.ts';
import { quarantines } from './records.ts';
import type { DaqMessage, Problem } from './schema/daq-message.ts';
import type { Quarantine } from './schema/quarantine.ts';

/** Id of a message's place in quarantine; one message may break one rule of each plane. */
export const quarantineId = (message: Pick<DaqMessage, 'id'>, deps: Pick<Deps, 'ids'>): string =>
  deps.ids.of('quarantine', message.id.slice(-32));

/** A message as quarantine keeps it, and which run and STF it is about, as far as that is known. */
type Held = Pick<DaqMessage, 'id' | 'receivedAt' | 'raw'> &
  Pick<Quarantine, 'isUnread' | 'acts'> & { readonly about: { run?: number; stfId?: string } };

/** The change that holds a message, with the rule that it broke. */
export const holdMessage = (held: Held, problem: Problem, by: string, deps: Deps, ifVersion = 0): Change => {
  const id = quarantineId(held, deps);
  const { id: messageId, about, ...kept } = held;
  const doc: Quarantine = { ...kept, id, messageId, problem, quarantinedAt: deps.now(), state: 'held' };
  const data = { messageId, ...problem, ...about };
  const fact = { type: 'message.quarantined', cause: messageId, by, data };
  return change(deps, id, quarantines.put(id, doc, ifVersion), fact);
};

const aboutOf = ({ fact }: DaqMessage, deps: Deps): Held['about'] => {
  if (!fact || fact.type === 'other') return {};
  return { run: fact.run, ...(fact.type === 'stf_gen' ? { stfId: deps.ids.stf(fact.run, fact.sequence) } : {}) };
};

/** The change that lets a held message go, because something later made it right; none if none is held. */
export const releaseMessage = async (messageId: string, cause: string, by: string, deps: Deps): Promise<Change[]> => {
  const id = quarantineId({ id: messageId }, deps);
  const held = await quarantines.get(deps.store, id);
  if (held?.doc.state !== 'held') return [];
  const write = quarantines.put(id, { ...held.doc, state: 'released' }, held.version);
  return [change(deps, id, write, { type: 'message.released', cause, by, data: { messageId } })];
};

/** Whether a person sent the message again after it was held last. */
const isReplayed = ({ acts, quarantinedAt }: Quarantine): boolean => {
  const last = acts?.at(-1);
  return last?.act === 'replay' && last.at >= quarantinedAt;
};

/**
 * Whether a message stands in quarantine as it should. One that is held stays as it is, unless a person sent it again: then it
 * is held again, with the time of the new failure. What a person settled comes up again only for another reason, never for
 * what its bytes contain.
 */
const isKnown = (known: Quarantine, problem: Problem, isUnread: boolean): boolean => {
  const { state, acts = [], problem: before } = known;
  if (state === 'released') return false;
  if (state === 'held') return !isReplayed(known) && (acts.length === 0 || before.code === problem.code);
  return isUnread || (before.code === problem.code && before.reason === problem.reason);
};

/** Holds a message that broke a rule. */
export const quarantineMessage = (message: DaqMessage, problem: Problem, by: string, deps: Deps): Promise<void> =>
  untilNoConflict(async () => {
    const known = await quarantines.get(deps.store, quarantineId(message, deps));
    const isUnread = message.problem !== undefined;
    if (known && isKnown(known.doc, problem, isUnread)) return;
    const { id, receivedAt, raw } = message;
    const held: Held = {
      ...{ id, receivedAt, raw, about: aboutOf(message, deps) },
      ...(isUnread ? { isUnread } : {}),
      ...(known?.doc.acts ? { acts: known.doc.acts } : {}),
    };
    await commit(deps, [holdMessage(held, problem, by, deps, known?.version ?? 0)]);
  });
