import { emptyQueue, insert, type Message, type Queue } from './queue.ts';
import { remember, remembered } from './recent.ts';
import { type KeptMessage, SnapshotItem } from './records.ts';
import { settingsOf } from './settings.ts';
import { addQueue, type QueuesState } from './state.ts';

/** The state as items: each queue, then what is in it, messages in order. */
export function* itemsOf(state: QueuesState): Generator<SnapshotItem> {
  for (const queue of state.byId.values()) {
    const { id, name, createdMs, modifiedMs, nextSeq, purgedMs, attributes, tags, moves } = queue;
    yield { kind: 'queue', id, name, createdMs, modifiedMs, nextSeq, purgedMs, attributes, tags, moves };
    for (const message of queue.messages.values()) yield { kind: 'message', queue: id, message: bare(message) };
    for (const [key, value] of remembered(queue.dedup)) yield { kind: 'dedup', queue: id, key, value };
    for (const [key, value] of remembered(queue.attempts)) yield { kind: 'attempt', queue: id, key, value };
  }
}

/** Puts an item of a snapshot back. */
export function restoreItem(state: QueuesState, value: unknown): void {
  const item = SnapshotItem.parse(value);
  if (item.kind === 'queue') {
    const { modifiedMs, nextSeq, purgedMs, moves, ...facts } = item;
    const queue = emptyQueue(facts);
    Object.assign(queue, { modifiedMs, nextSeq, purgedMs, settings: settingsOf(item.attributes) });
    queue.moves.push(...moves);
    addQueue(state, queue);
    return;
  }
  const queue = state.byId.get(item.queue);
  if (queue === undefined) throw new Error(`the snapshot has something of queue ${item.queue}, but not the queue`);
  restoreInto(queue, item);
}

function restoreInto(queue: Queue, item: Exclude<SnapshotItem, { kind: 'queue' }>): void {
  if (item.kind === 'message') insert(queue, item.message, item.message.sentMs);
  else remember(item.kind === 'dedup' ? queue.dedup : queue.attempts, item.key, item.value);
}

function bare({ ageLink, readyLink, groupLink, heapIndex, ...kept }: Message): KeptMessage {
  return kept;
}
