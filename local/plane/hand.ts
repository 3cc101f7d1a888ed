import type { Clock } from '#ports/clock';
import type { QueueRecord, Receiver } from './receiver.ts';

/** A message that was received. Once an outage hindered it, it is tried again from the hand, not from the queue. */
type Held = {
  readonly record: QueueRecord;
  readonly failures: number;
  readonly dueAtMs: number;
  readonly isAlone: boolean;
};

/**
 * The messages that one loop has in hand. A queue counts what it hands out and gives up after some times; what waits for
 * the end of an outage is therefore kept here, hidden, and tried again ever more slowly: its count stands still.
 */
export type Hand = {
  readonly put: (records: readonly QueueRecord[]) => void;
  readonly drop: (records: readonly QueueRecord[]) => void;
  /** Keeps messages for a later try. `isAlone`: their call failed as a whole, so each goes by itself next time. */
  readonly postpone: (records: readonly QueueRecord[], isAlone: boolean) => void;
  /** What is to be tried now, as calls of at most a batch. */
  readonly dueCalls: (goesAlone: (record: QueueRecord) => boolean) => QueueRecord[][];
  readonly records: () => readonly QueueRecord[];
  /** How many more may be received; none while an outage fills the hand. */
  readonly room: () => number;
  /** Time until something is due; undefined if nothing is held. */
  readonly restMs: () => number | undefined;
};

/** A hand holds some batches, so that a few messages which wait do not hold up the others. */
const batchesHeld = 5;
const firstMs = 1_000;
const longestMs = 30_000;

/** How long after the n-th failure (from 1) a held message is tried again: 1 s doubling to 30 s, half of it by chance. */
const holdMs = (failures: number, chance: number): number => {
  const fullMs = Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 16));
  return fullMs / 2 + (fullMs / 2) * chance;
};

const inBatches = (records: readonly QueueRecord[], batch: number): QueueRecord[][] =>
  Array.from({ length: Math.ceil(records.length / batch) }, (_, at) => records.slice(at * batch, (at + 1) * batch));

type HandOptions = {
  /** Messages a call, at most. */
  readonly batch: number;
  readonly clock: Clock;
  /** Keeps what is in hand hidden from other receivers, until it is told to stop. */
  readonly keepHidden: Receiver['keepHidden'];
};

/** An empty hand of one loop. */
export const createHand = ({ batch, clock, keepHidden }: HandOptions): Hand => {
  const held = new Map<string, Held>();
  let stopHiding: (() => void) | undefined;
  const records = () => [...held.values()].map(({ record }) => record);
  const due = () => [...held.values()].filter(({ dueAtMs }) => dueAtMs <= clock.nowMs());
  return {
    put: (fresh) => {
      for (const record of fresh) {
        // Received again in spite of all: the newer receipt is the one that counts.
        const { failures, isAlone } = held.get(record.messageId) ?? { failures: 0, isAlone: false };
        held.set(record.messageId, { record, failures, isAlone, dueAtMs: clock.nowMs() });
      }
      if (held.size > 0) stopHiding ??= keepHidden(records);
    },
    drop: (dropped) => {
      for (const { messageId } of dropped) held.delete(messageId);
      if (held.size > 0) return;
      stopHiding?.();
      stopHiding = undefined;
    },
    postpone: (hindered, isAlone) => {
      for (const record of hindered) {
        const failures = (held.get(record.messageId)?.failures ?? 0) + 1;
        const dueAtMs = clock.nowMs() + holdMs(failures, Math.random());
        held.set(record.messageId, { record, failures, isAlone, dueAtMs });
      }
    },
    dueCalls: (goesAlone) => {
      const all = due().map((one) => ({ ...one, isAlone: one.isAlone || goesAlone(one.record) }));
      const together = all.filter(({ isAlone }) => !isAlone).map(({ record }) => record);
      const alone = all.filter(({ isAlone }) => isAlone).map(({ record }) => [record]);
      return [...inBatches(together, batch), ...alone];
    },
    records,
    room: () => Math.min(batch, Math.max(0, batch * batchesHeld - held.size)),
    restMs: () => {
      if (held.size === 0) return undefined;
      const earliestMs = Math.min(...[...held.values()].map(({ dueAtMs }) => dueAtMs));
      return Math.max(0, earliestMs - clock.nowMs());
    },
  };
};
