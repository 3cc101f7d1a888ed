import type { Clock } from '#ports/clock';
import type { Journal } from '../engine/part.ts';
import { noSuchQueue } from './errors.ts';
import { fromArn, fromUrl } from './names.ts';
import { type Queue, settle } from './queue.ts';
import type { Op, QueueRecord } from './records.ts';
import { change, type QueuesState } from './state.ts';
import type { Waiting } from './waiting.ts';

/** What the operations work with. */
export type Desk = {
  readonly state: QueuesState;
  readonly waiting: Waiting;
  readonly clock: Clock;
  readonly uuid: () => string;
  /** Puts a change into the journal and applies it; the answer waits for the promise. */
  readonly commit: (record: QueueRecord) => Promise<void>;
  /** The same for a change that no answer waits for: what comes after it waits for it too. */
  readonly note: (record: QueueRecord) => void;
  /** Runs something later, unless the part is closed by then. */
  readonly later: (atMs: number, run: () => void) => void;
  readonly close: () => void;
  /** Resolves when everything that was committed so far is durable. */
  readonly settled: () => Promise<void>;
  /** The queue behind a URL, as it is now. @throws AwsError QueueDoesNotExist */
  readonly queueAt: (url: string) => Queue;
  /** The queue behind an ARN, if it is ours and there. */
  readonly queueOfArn: (arn: string) => Queue | undefined;
};

/** An operation of the API. */
export type Operation = (desk: Desk, input: unknown, signal?: AbortSignal) => Promise<object>;

/** Makes the desk of a part. */
export function createDesk(context: {
  readonly state: QueuesState;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly waiting: Waiting;
  readonly uuid: () => string;
}): Desk {
  const { state, journal, clock } = context;
  const find = (where: { readonly account: string; readonly name: string } | undefined) =>
    where?.account === state.place.account ? state.byName.get(where.name) : undefined;
  const commit = <K extends Op>(record: QueueRecord<K>): Promise<void> => {
    const { at, synced } = journal.append('sqs', record);
    change(state, record, at);
    return synced;
  };
  const alarms = new Set<() => void>();
  return {
    ...context,
    commit,
    note: (record) => {
      commit(record).catch(() => undefined);
    },
    later: (atMs, run) => {
      const cancel = clock.at(atMs, () => {
        alarms.delete(cancel);
        run();
      });
      alarms.add(cancel);
    },
    close: () => {
      for (const cancel of alarms) cancel();
    },
    settled: journal.synced,
    queueAt: (url) => {
      const queue = find(fromUrl(url));
      if (queue === undefined) throw noSuchQueue();
      settle(queue, clock.nowMs());
      return queue;
    },
    queueOfArn: (arn) => find(fromArn(arn)),
  };
}
