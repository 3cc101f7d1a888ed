import type { Position } from '../engine/part.ts';
import { arnOf, type Place } from './names.ts';
import { emptyQueue, hide, insert, type Message, type Queue, take } from './queue.ts';
import { remember } from './recent.ts';
import type { Bodies, Op, QueueRecord, SentMessage } from './records.ts';
import { mergedAttributes, settingsOf } from './settings.ts';

/** All queues of one account. */
export type QueuesState = {
  readonly place: Place;
  readonly byId: Map<string, Queue>;
  readonly byName: Map<string, Queue>;
};

/** Makes the state without any queue. */
export const emptyState = (place: Place): QueuesState => ({ place, byId: new Map(), byName: new Map() });

/** Puts a queue into the state. */
export function addQueue(state: QueuesState, queue: Queue): void {
  state.byId.set(queue.id, queue);
  state.byName.set(queue.name, queue);
}

/** Under which key a message's deduplication is remembered. */
export function dedupKey(queue: Queue, message: Pick<SentMessage, 'group' | 'dedupId'>): string | undefined {
  if (!queue.isFifo || message.dedupId === undefined) return undefined;
  return queue.settings.isDeduplicatedByGroup ? `${message.group} ${message.dedupId}` : message.dedupId;
}

/** Changes the state as a record says: the only place where queues and messages change. */
export function change<K extends Op>(state: QueuesState, record: QueueRecord<K>, at: Position): void {
  changes[record.op](state, record.body, at);
}

type Changes = { readonly [K in Op]: (state: QueuesState, body: Bodies[K], at: Position) => void };

const changes: Changes = {
  'create-queue': (state, { name, attributes, tags, atMs }, at) => {
    const id = `${at.segment}-${at.offsetBytes}`;
    addQueue(state, emptyQueue({ id, name, createdMs: atMs, attributes, tags }));
  },
  'delete-queue': (state, { queue: id }) => {
    const queue = state.byId.get(id);
    if (queue === undefined) return;
    state.byId.delete(id);
    state.byName.delete(queue.name);
  },
  'set-attributes': (state, { queue: id, attributes, atMs }) => {
    const queue = state.byId.get(id);
    if (queue === undefined) return;
    queue.attributes = mergedAttributes(queue.attributes, attributes);
    queue.settings = settingsOf(queue.attributes);
    queue.modifiedMs = atMs;
  },
  tag: (state, { queue: id, tags }) => {
    const queue = state.byId.get(id);
    if (queue) queue.tags = { ...queue.tags, ...tags };
  },
  untag: (state, { queue: id, keys }) => {
    const queue = state.byId.get(id);
    if (queue) queue.tags = Object.fromEntries(Object.entries(queue.tags).filter(([key]) => !keys.includes(key)));
  },
  send: (state, { queue: id, atMs, messages }) => {
    const queue = state.byId.get(id);
    for (const message of queue ? messages : []) if (queue) addSent(queue, message, atMs);
  },
  receive: (state, { queue: id, atMs, untilMs, seqs, attempt }) => {
    eachMessage(state, id, seqs, (queue, message) => {
      message.receives += 1;
      message.firstReceivedMs ||= atMs;
      hide(queue, message, untilMs);
    });
    const queue = state.byId.get(id);
    if (queue && attempt !== undefined) remember(queue.attempts, attempt, { atMs, seqs, untilMs });
  },
  delete: (state, { queue: id, seqs }) => eachMessage(state, id, seqs, take),
  visibility: (state, { queue: id, changes: pairs }) => {
    for (const [seq, untilMs] of pairs) {
      eachMessage(state, id, [seq], (queue, message) => hide(queue, message, untilMs));
    }
  },
  purge: (state, { queue: id, atMs }) => {
    const queue = state.byId.get(id);
    if (queue === undefined) return;
    for (const message of [...queue.messages.values()]) take(queue, message);
    queue.purgedMs = atMs;
  },
  dead: (state, { queue: id, atMs, seqs, to }) => {
    const target = state.byId.get(to);
    if (target === undefined) return;
    eachMessage(state, id, seqs, (queue, message) => {
      moveMessage(queue, target, message, {
        sentMs: target.isFifo ? atMs : message.sentMs,
        receivedElsewhere: message.receivedElsewhere + message.receives,
        deadFrom: arnOf(state.place, queue.name),
        atMs,
      });
    });
  },
  'start-move': (state, { queue: id, atMs, ...task }) => {
    state.byId.get(id)?.moves.push({ ...task, startedMs: atMs, moved: 0, status: 'RUNNING' });
  },
  move: (state, { queue: id, atMs, handle, moves }) => {
    for (const { seq, to, id: messageId } of moves) {
      const target = state.byId.get(to);
      if (target === undefined) continue;
      eachMessage(state, id, [seq], (queue, message) => {
        const facts = { id: messageId, sentMs: atMs, receivedElsewhere: 0, firstReceivedMs: 0, deadFrom: undefined };
        moveMessage(queue, target, message, { ...facts, atMs });
        const task = queue.moves.find((move) => move.handle === handle);
        if (task) task.moved += 1;
      });
    }
  },
  'end-move': (state, { queue: id, handle, status, reason }) => {
    const task = state.byId.get(id)?.moves.find((move) => move.handle === handle);
    if (task) Object.assign(task, { status, reason });
  },
};

function addSent(queue: Queue, message: SentMessage, atMs: number): void {
  const { delayMs = 0, ...sent } = message;
  const seq = queue.nextSeq;
  queue.nextSeq += 1;
  const key = dedupKey(queue, message);
  if (key !== undefined) remember(queue.dedup, key, { atMs, id: message.id, seqs: [seq] });
  const counts = { isInFlight: false, receives: 0, receivedElsewhere: 0, firstReceivedMs: 0 };
  insert(queue, { ...sent, ...counts, seq, sentMs: atMs, visibleAtMs: atMs + delayMs }, atMs);
}

function eachMessage(
  state: QueuesState,
  id: string,
  seqs: readonly number[],
  visit: (queue: Queue, message: Message) => void,
): void {
  const queue = state.byId.get(id);
  for (const seq of queue ? seqs : []) {
    const message = queue?.messages.get(seq);
    if (queue && message) visit(queue, message);
  }
}

type Moved = Partial<Pick<Message, 'id' | 'firstReceivedMs'>> & {
  readonly sentMs: number;
  readonly receivedElsewhere: number;
  readonly deadFrom: string | undefined;
  readonly atMs: number;
};

function moveMessage(from: Queue, to: Queue, message: Message, { atMs, deadFrom, ...facts }: Moved): void {
  take(from, message);
  const seq = to.nextSeq;
  to.nextSeq += 1;
  const { ageLink, readyLink, groupLink, heapIndex, deadFrom: before, ...kept } = message;
  const origin = deadFrom === undefined ? {} : { deadFrom };
  insert(to, { ...kept, ...facts, ...origin, seq, receives: 0, isInFlight: false, visibleAtMs: atMs }, atMs);
}
