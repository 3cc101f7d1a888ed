import type { Deps } from '#lib/deps';
import { commands, messages, replicas, stfs } from '#lib/records';
import { DaqMessage } from '#schema/daq-message';
import { ArchivedStf } from '#schema/stf';
import { inboxes, type Plane } from '../../functions/catalog.ts';
import { commandSpool, SentCommand } from '../spool/kept-commands.ts';
import { sentSpool } from '../spool/kept-messages.ts';
import { readSpool } from '../spool/spool.ts';

/** What was archived so lately may have left its file in `incoming/`. */
const lateMs = 3_600_000;
const perCall = 10;

type Needs = Pick<Deps, 'store' | 'ids' | 'clock' | 'queues'>;
type Sending = { readonly queue: string; readonly body: object };
/** What is sent again because of a message of the DAQ; undefined where it has come to its end. */
type Again = (message: DaqMessage, deps: Needs) => Promise<Sending | undefined>;

/** The message itself, if its STF is not archived, or was so lately; else what work may never have been told: that it is. */
const againInArchive: Again = async (message, { store, ids, clock }) => {
  const { id, fact } = message;
  const itself = { queue: inboxes.archive, body: message };
  if (fact?.type !== 'stf_gen') return (await messages.get(store, id)) === undefined ? itself : undefined;
  const replica = await replicas.get(store, ids.stf(fact.run, fact.sequence));
  if (replica === undefined || Date.parse(replica.doc.archivedAt) > clock.nowMs() - lateMs) return itself;
  return { queue: inboxes.archived, body: ArchivedStf.parse(replica.doc) };
};

/** The message, if its STF is not settled. What DAQ says of a run changes nothing the second time. */
const againInWork: Again = async (message, { store, ids }) => {
  const { fact } = message;
  if (fact === undefined) return undefined;
  const itself = { queue: inboxes.work, body: message };
  if (fact.type !== 'stf_gen') return itself;
  const stf = await stfs.get(store, ids.stf(fact.run, fact.sequence));
  return stf === undefined || stf.doc.processing === 'waiting' ? itself : undefined;
};

const againIn: Readonly<Record<Plane, Again>> = { archive: againInArchive, work: againInWork };

/** What the bridge has sent that the plane has not come to an end with, in its order. */
async function* messagesAgain(plane: Plane, deps: Needs, folder: string): AsyncGenerator<Sending> {
  for await (const item of readSpool({ folder, name: sentSpool })) {
    const parsed = DaqMessage.safeParse(item);
    const again = parsed.success ? await againIn[plane](parsed.data, deps) : undefined;
    if (again !== undefined) yield again;
  }
}

/** What the front has sent to the plane and the plane has not ended, each once. */
async function* commandsAgain(plane: Plane, { store }: Needs, folder: string): AsyncGenerator<Sending> {
  const seen = new Set<string>();
  for await (const item of readSpool({ folder, name: commandSpool })) {
    const { data: sent } = SentCommand.safeParse(item);
    if (sent?.plane !== plane || seen.has(sent.command.id)) continue;
    seen.add(sent.command.id);
    if ((await commands.get(store, sent.command.id)) === undefined) yield { queue: sent.queue, body: sent.command };
  }
}

async function* everythingAgain(plane: Plane, deps: Needs, folder: string): AsyncGenerator<Sending> {
  yield* messagesAgain(plane, deps, folder);
  yield* commandsAgain(plane, deps, folder);
}

/**
 * Sends a plane again what it has not come to an end with, messages and commands, and from the archive to work what lies there,
 * after the stack has lost its queues and executions; returns how many that were. What is sent twice is recognised by its id.
 */
export const recall = async (plane: Plane, deps: Needs, folder = '.'): Promise<number> => {
  let count = 0;
  const groups = new Map<string, object[]>();
  const flush = async (queue: string, bodies: readonly object[]) => {
    if (bodies.length > 0) await deps.queues.send(queue, bodies);
    count += bodies.length;
    groups.delete(queue);
  };
  for await (const again of everythingAgain(plane, deps, folder)) {
    const group = [...(groups.get(again.queue) ?? []), again.body];
    groups.set(again.queue, group);
    if (group.length === perCall) await flush(again.queue, group);
  }
  for (const [queue, bodies] of groups) await flush(queue, bodies);
  return count;
};
