import { randomUUID } from 'node:crypto';
import type { Clock } from '#ports/clock';
import type { Journal, Part } from '../engine/part.ts';
import { changeMessageVisibility, changeMessageVisibilityBatch } from './change-visibility.ts';
import { listDeadLetterSourceQueues } from './dead-letters.ts';
import { deleteMessage, deleteMessageBatch } from './delete-message.ts';
import { createDesk, type Operation } from './desk.ts';
import { cancelMessageMoveTask, listMessageMoveTasks, runMove, startMessageMoveTask } from './move-tasks.ts';
import { settle } from './queue.ts';
import { countsOf, getQueueAttributes, setQueueAttributes } from './queue-attributes.ts';
import { createQueue, deleteQueue, getQueueUrl, listQueues, purgeQueue } from './queues.ts';
import { receiveMessage } from './receive-message.ts';
import { parseQueueRecord } from './records.ts';
import { sendMessage, sendMessageBatch } from './send-message.ts';
import { itemsOf, restoreItem } from './snapshot.ts';
import { change, emptyState } from './state.ts';
import { listQueueTags, tagQueue, untagQueue } from './tags.ts';
import { createWaiting } from './waiting.ts';

const operations: Readonly<Record<string, Operation>> = {
  CancelMessageMoveTask: cancelMessageMoveTask,
  ChangeMessageVisibility: changeMessageVisibility,
  ChangeMessageVisibilityBatch: changeMessageVisibilityBatch,
  CreateQueue: createQueue,
  DeleteMessage: deleteMessage,
  DeleteMessageBatch: deleteMessageBatch,
  DeleteQueue: deleteQueue,
  GetQueueAttributes: getQueueAttributes,
  GetQueueUrl: getQueueUrl,
  ListDeadLetterSourceQueues: listDeadLetterSourceQueues,
  ListMessageMoveTasks: listMessageMoveTasks,
  ListQueues: listQueues,
  ListQueueTags: listQueueTags,
  PurgeQueue: purgeQueue,
  ReceiveMessage: receiveMessage,
  SendMessage: sendMessage,
  SendMessageBatch: sendMessageBatch,
  SetQueueAttributes: setQueueAttributes,
  StartMessageMoveTask: startMessageMoveTask,
  TagQueue: tagQueue,
  UntagQueue: untagQueue,
};

/** How many messages of a queue wait, are being worked on, or are delayed. */
export type QueueDepth = { readonly ready: number; readonly inFlight: number; readonly delayed: number };

/** The queue service as a part of an engine. */
export type QueuesPart = Part & { readonly depths: () => Record<string, QueueDepth> };

/** SQS for one account: its state is a fold over the journal's records. */
export function createQueuesPart(context: {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly account: string;
  readonly region: string;
  readonly queueBaseUrl: string;
  readonly uuid?: () => string;
}): QueuesPart {
  const { journal, clock, account, region, queueBaseUrl, uuid = randomUUID } = context;
  const state = emptyState({ account, region, queueBaseUrl });
  const waiting = createWaiting(clock);
  const desk = createDesk({ state, journal, clock, waiting, uuid });
  return {
    name: 'sqs',
    restore: (item) => restoreItem(state, item),
    apply: (record, at) => change(state, parseQueueRecord(record), at),
    items: () => itemsOf(state),
    resume: () => {
      for (const queue of state.byId.values()) {
        for (const { handle } of queue.moves) runMove(desk, queue, handle);
      }
    },
    close: () => {
      waiting.close();
      desk.close();
    },
    operations: Object.fromEntries(
      Object.entries(operations).map(([name, run]) => [
        name,
        (input: unknown, signal?: AbortSignal) => run(desk, input, signal),
      ]),
    ),
    depths: () => {
      const nowMs = clock.nowMs();
      return Object.fromEntries(
        [...state.byId.values()].map((queue) => {
          settle(queue, nowMs);
          return [queue.name, countsOf(queue)];
        }),
      );
    },
  };
}
