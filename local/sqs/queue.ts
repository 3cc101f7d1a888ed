import { earliest, type Heap, heap, push, remove } from './heap.ts';
import { append, type Link, type LinkedList, linkedList, unlink } from './linked-list.ts';
import { type Recent, recent } from './recent.ts';
import type { KeptMessage, MoveTask, Remembered } from './records.ts';
import { type Settings, settingsOf } from './settings.ts';

/** A message and its places: every one is in `byAge`, and either ready or in the heap `later`. */
export type Message = KeptMessage & {
  heapIndex: number;
  ageLink?: Link<Message>;
  readyLink?: Link<Message> | undefined;
  groupLink?: Link<Message>;
};

/** The messages of one FIFO group, in order. It is ready while its first message is and none is in flight. */
export type Group = {
  readonly id: string;
  readonly messages: LinkedList<Message>;
  inFlight: number;
  readyLink: Link<Group> | undefined;
};

/** A receive that waits: `serve` answers it if it can, `end` answers it with nothing. */
export type Waiter = { readonly serve: () => boolean; readonly leave: () => void; readonly end: () => void };

/** A queue in memory. */
export type Queue = {
  readonly id: string;
  readonly name: string;
  readonly isFifo: boolean;
  readonly createdMs: number;
  modifiedMs: number;
  purgedMs: number;
  attributes: Record<string, string>;
  settings: Settings;
  tags: Record<string, string>;
  nextSeq: number;
  inFlight: number;
  readonly messages: Map<number, Message>;
  readonly byAge: LinkedList<Message>;
  readonly ready: LinkedList<Message>;
  readonly groups: Map<string, Group>;
  readonly readyGroups: LinkedList<Group>;
  readonly later: Heap<Message>;
  readonly dedup: Recent<Remembered>;
  readonly attempts: Recent<Remembered>;
  readonly waiting: LinkedList<Waiter>;
  readonly moves: MoveTask[];
};

/** Makes an empty queue. */
export function emptyQueue(facts: {
  readonly id: string;
  readonly name: string;
  readonly createdMs: number;
  readonly attributes: Record<string, string>;
  readonly tags: Record<string, string>;
}): Queue {
  return {
    ...facts,
    isFifo: facts.name.endsWith('.fifo'),
    modifiedMs: facts.createdMs,
    purgedMs: 0,
    settings: settingsOf(facts.attributes),
    nextSeq: 1,
    inFlight: 0,
    messages: new Map(),
    byAge: linkedList(),
    ready: linkedList(),
    groups: new Map(),
    readyGroups: linkedList(),
    later: heap(),
    dedup: recent(),
    attempts: recent(),
    waiting: linkedList(),
    moves: [],
  };
}

/** Puts a message behind all others; it is ready, or becomes so at `visibleAtMs`. */
export function insert(queue: Queue, kept: KeptMessage, nowMs: number): void {
  const message: Message = { ...kept, heapIndex: -1 };
  queue.messages.set(message.seq, message);
  message.ageLink = append(queue.byAge, message);
  if (queue.isFifo) message.groupLink = append(groupOf(queue, message).messages, message);
  if (message.isInFlight) countInFlight(queue, message, 1);
  if (message.visibleAtMs > nowMs || message.isInFlight) push(queue.later, message);
  else show(queue, message);
}

/** Takes a message out of the queue. */
export function take(queue: Queue, message: Message): void {
  leavePlace(queue, message);
  if (message.isInFlight) countInFlight(queue, message, -1);
  queue.messages.delete(message.seq);
  if (message.ageLink) unlink(queue.byAge, message.ageLink);
  if (!message.groupLink) return;
  const group = groupOf(queue, message);
  unlink(group.messages, message.groupLink);
  refresh(queue, group);
  if (group.messages.size === 0) queue.groups.delete(group.id);
}

/** Hides a message until a time: received, or its visibility changed. */
export function hide(queue: Queue, message: Message, untilMs: number): void {
  leavePlace(queue, message);
  if (!message.isInFlight) countInFlight(queue, message, 1);
  message.isInFlight = true;
  message.visibleAtMs = untilMs;
  push(queue.later, message);
  if (queue.isFifo) refresh(queue, groupOf(queue, message));
}

/** Makes ready what has become visible by now, and drops what is older than the queue keeps. */
export function settle(queue: Queue, nowMs: number): void {
  for (let next = earliest(queue.later); next && next.visibleAtMs <= nowMs; next = earliest(queue.later)) {
    remove(queue.later, next);
    if (next.isInFlight) countInFlight(queue, next, -1);
    next.isInFlight = false;
    show(queue, next);
  }
  const bornBeforeMs = nowMs - queue.settings.retentionS * 1000;
  for (let oldest = queue.byAge.first; oldest && oldest.value.sentMs < bornBeforeMs; oldest = queue.byAge.first) {
    take(queue, oldest.value);
  }
}

/** Whether a receive would find something. */
export const hasReady = (queue: Queue): boolean => (queue.isFifo ? queue.readyGroups : queue.ready).size > 0;

/** The next messages a receive gets, at most `count`; of a FIFO queue whole groups in order. */
export function nextReady(queue: Queue, count: number): Message[] {
  const found: Message[] = [];
  for (let link = queue.ready.first; link && found.length < count; link = link.after) found.push(link.value);
  for (let link = queue.readyGroups.first; link && found.length < count; link = link.after) {
    let member = link.value.messages.first;
    for (; member?.value.heapIndex === -1 && found.length < count; member = member.after) found.push(member.value);
  }
  return found;
}

function show(queue: Queue, message: Message): void {
  if (queue.isFifo) refresh(queue, groupOf(queue, message));
  else message.readyLink = append(queue.ready, message);
}

function leavePlace(queue: Queue, message: Message): void {
  if (message.heapIndex >= 0) remove(queue.later, message);
  if (message.readyLink) unlink(queue.ready, message.readyLink);
  message.readyLink = undefined;
}

function countInFlight(queue: Queue, message: Message, change: 1 | -1): void {
  queue.inFlight += change;
  if (queue.isFifo) groupOf(queue, message).inFlight += change;
}

function groupOf(queue: Queue, message: KeptMessage): Group {
  const id = message.group ?? '';
  const known = queue.groups.get(id);
  if (known) return known;
  const group: Group = { id, messages: linkedList(), inFlight: 0, readyLink: undefined };
  queue.groups.set(id, group);
  return group;
}

function refresh(queue: Queue, group: Group): void {
  const isReady = group.inFlight === 0 && group.messages.first?.value.heapIndex === -1;
  if (isReady && !group.readyLink) group.readyLink = append(queue.readyGroups, group);
  if (isReady || !group.readyLink) return;
  unlink(queue.readyGroups, group.readyLink);
  group.readyLink = undefined;
}
