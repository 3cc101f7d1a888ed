import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Deps } from '#lib/deps';
import { jsonOf } from '#lib/model/json';
import { messages, replicas, stfs } from '#lib/records';
import { DaqMessage } from '#schema/daq-message';
import { inboxes, type Plane } from '../../functions/catalog.ts';
import { spoolFiles } from '../bridge/spool.ts';

/** What was archived so lately may not have been told to the work plane. */
const lateMs = 3_600_000;
const perCall = 10;

type Needs = Pick<Deps, 'store' | 'ids' | 'clock' | 'queues'>;
type StillOpen = (message: DaqMessage, deps: Needs) => Promise<boolean>;

/** Whether a message has to come to the archive again: its STF is not archived, or was so lately. */
const isOpenInArchive: StillOpen = async ({ id, fact }, { store, ids, clock }) => {
  if (fact?.type !== 'stf_gen') return (await messages.get(store, id)) === undefined;
  const replica = await replicas.get(store, ids.stf(fact.run, fact.sequence));
  return replica === undefined || Date.parse(replica.doc.archivedAt) > clock.nowMs() - lateMs;
};

/** Whether a message has to come to work again: its STF is not settled. What DAQ says of a run changes nothing the second time. */
const isOpenInWork: StillOpen = async ({ fact }, { store, ids }) => {
  if (fact?.type !== 'stf_gen') return fact !== undefined;
  const stf = await stfs.get(store, ids.stf(fact.run, fact.sequence));
  return stf === undefined || stf.doc.processing === 'waiting';
};

const isOpen: Readonly<Record<Plane, StillOpen>> = { archive: isOpenInArchive, work: isOpenInWork };

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
 * Sends a plane again what it has not come to an end with, after the stack has lost its queues and executions; returns how
 * many messages that were. What is sent twice is recognised by its id.
 */
export const recall = async (plane: Plane, deps: Needs, folder = '.'): Promise<number> => {
  let count = 0;
  let group: DaqMessage[] = [];
  const flush = async () => {
    if (group.length > 0) await deps.queues.send(inboxes[plane], group);
    count += group.length;
    group = [];
  };
  for await (const message of sentMessages(folder)) {
    if (!(await isOpen[plane](message, deps))) continue;
    group.push(message);
    if (group.length === perCall) await flush();
  }
  await flush();
  return count;
};
