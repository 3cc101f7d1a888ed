import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Deps } from '#lib/deps';
import { jsonOf } from '#lib/model/json';
import { messages, replicas, stfs } from '#lib/records';
import { DaqMessage } from '#schema/daq-message';
import { ArchivedStf } from '#schema/stf';
import { inboxes, type Plane } from '../../functions/catalog.ts';
import { spoolFiles } from '../bridge/spool.ts';

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

async function* linesOf(path: string): AsyncGenerator<string> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (isThere) yield* createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
}

/** What the bridge has sent, in its order; a line that was cut off as it was written was not sent. */
async function* sentMessages(folder: string): AsyncGenerator<DaqMessage> {
  for (const file of spoolFiles) {
    for await (const line of linesOf(join(folder, file))) {
      const parsed = DaqMessage.safeParse(jsonOf(line));
      if (parsed.success) yield parsed.data;
    }
  }
}

/**
 * Sends a plane again what it has not come to an end with, and from the archive to work what lies there, after the stack has
 * lost its queues and executions; returns how many messages that were. What is sent twice is recognised by its id.
 */
export const recall = async (plane: Plane, deps: Needs, folder = '.'): Promise<number> => {
  let count = 0;
  const groups = new Map<string, object[]>();
  const flush = async (queue: string, bodies: readonly object[]) => {
    if (bodies.length > 0) await deps.queues.send(queue, bodies);
    count += bodies.length;
    groups.delete(queue);
  };
  for await (const message of sentMessages(folder)) {
    const again = await againIn[plane](message, deps);
    if (again === undefined) continue;
    const group = [...(groups.get(again.queue) ?? []), again.body];
    groups.set(again.queue, group);
    if (group.length === perCall) await flush(again.queue, group);
  }
  for (const [queue, bodies] of groups) await flush(queue, bodies);
  return count;
};
