import * as z from 'zod';
import { inboxes } from '../catalog.ts';
import { type Change, change, commit, untilNoConflict } from './change.ts';
import { type CommandOf, onAction } from './command.ts';
import type { Deps } from './deps.ts';
import { PapilioError, problemOf } from './errors.ts';
import { contentHash } from './model/content-hash.ts';
import { quarantines, type Stored } from './records.ts';
import type { Command } from './schema/command.ts';
import { type Reading, readDaqBody } from './schema/daq-dialects.ts';
import type { DaqMessage } from './schema/daq-message.ts';
import { actableFrom, Mend, type Quarantine, type QuarantineAct, readHeld } from './schema/quarantine.ts';

/**
 * What a person may do to a message that a plane holds. First the record says it, then the message is sent as the bridge
 * would send it, then the command ends: a kill in between repeats the sending, and a message is known by its id. Sent
 * first, a message that fails again could meet a record that is not held yet, and would be let go by what came after.
 */
type Decision = {
  readonly act: QuarantineAct['act'];
  readonly state: Quarantine['state'];
  readonly type: 'message.mended' | 'message.replayed' | 'message.discarded';
  readonly message?: DaqMessage;
  readonly mendedId?: string;
};

/** Acts that a record remembers; the commands have all. */
const actsKept = 20;
/** Where a message comes from that a person sends. */
const destination = '/papilio/quarantine';

/** The actions of a plane's function on what that plane holds. */
export const quarantineActions = (by: string) => ({
  'quarantine.mend': onAction(Mend, (command, deps) => settle(command, by, deps, (held) => mend(held, command, deps))),
  'quarantine.replay': onAction(z.object({}), (command, deps) =>
    settle(command, by, deps, (held) => replay(held, deps)),
  ),
  'quarantine.discard': onAction(z.object({}), (command, deps) =>
    settle(command, by, deps, () => ({ act: 'discard', state: 'discarded', type: 'message.discarded' })),
  ),
});

/** Another body takes its place; it is a message of its own, known by its content. */
const mend = ({ messageId }: Quarantine, { data }: CommandOf<typeof Mend>, deps: Deps): Decision => {
  const mendedId = deps.ids.message(contentHash(data.body));
  if (mendedId === messageId)
    throw new PapilioError('input-invalid', 'body: it says what the held one says; replay it');
  const message = {
    ...needFact(readDaqBody(data.body)),
    id: mendedId,
    receivedAt: deps.now(),
    destination,
    raw: data.body,
    mendOf: messageId,
  };
  return { act: 'mend', state: 'mended', type: 'message.mended', message, mendedId };
};

/** What could not be read and now can is let go; anything else stays held until whoever held it finds it right. */
const replay = ({ messageId, raw, isUnread }: Quarantine, deps: Deps): Decision => {
  const message = { ...needFact(readHeld(raw)), id: messageId, receivedAt: deps.now(), destination, raw };
  return { act: 'replay', state: isUnread ? 'released' : 'held', type: 'message.replayed', message };
};

const needFact = (reading: Reading): Pick<DaqMessage, 'dialect' | 'fact'> => {
  if ('fact' in reading) return reading;
  const { code, reason } = problemOf(`[${reading.problem.code}] ${reading.problem.reason}`);
  throw new PapilioError(code, reason);
};

const settle = async (
  command: Command,
  by: string,
  deps: Deps,
  decide: (held: Quarantine) => Decision,
): Promise<void> => {
  const message = await untilNoConflict(async () => {
    const held = await quarantines.need(deps.store, command.subject);
    const decision = decide(held.doc);
    if (held.doc.acts?.some(({ commandId }) => commandId === command.id)) return decision.message;
    refuseSettled(held, command, decision);
    await commit(deps, [changeOf(held, command, decision, by, deps)]);
    return decision.message;
  });
  if (!message) return;
  await Promise.all([deps.queues.send(inboxes.archive, [message]), deps.queues.send(inboxes.work, [message])]);
};

const refuseSettled = ({ doc, version }: Stored<Quarantine>, { ifVersion }: Command, { act }: Decision): void => {
  if (ifVersion !== undefined && ifVersion !== version)
    throw new PapilioError('version-outdated', `${doc.id} has version ${version}, not ${ifVersion}`);
  if (!actableFrom[act].includes(doc.state)) throw new PapilioError('quarantine-settled', `${doc.id} is ${doc.state}`);
};

const changeOf = (
  { doc, version }: Stored<Quarantine>,
  { id: commandId, by: who, why, at }: Command,
  { act, state, type, mendedId }: Decision,
  by: string,
  deps: Deps,
): Change => {
  const mended = mendedId === undefined ? {} : { mendedId };
  const acts = [...(doc.acts ?? []), { commandId, act, by: who, why, at, ...mended }].slice(-actsKept);
  const data = { messageId: doc.messageId, state, who, why, ...mended };
  return change(deps, doc.id, quarantines.put(doc.id, { ...doc, state, acts }, version), {
    ...{ type, cause: commandId, by, data },
  });
};
