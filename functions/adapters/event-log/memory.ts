import type { Clock } from '#ports/clock';
import type { EventLog } from '#ports/event-log';
import { chainHash, chainStart, decodeEvent, type EncodedEvent, type EventRow, verifyChain } from './chain.ts';
import { createWaiters } from './waiters.ts';

/** A log in memory with the appending that its store does. */
export type MemoryLog = EventLog & {
  /** Adds the events whose ids are new; returns the last `seq`. */
  readonly append: (events: readonly EncodedEvent[]) => number;
  readonly close: () => void;
};

/** An event log in memory, chained like the durable one. */
export const createMemoryLog = (clock: Clock): MemoryLog => {
  const rows: EventRow[] = [];
  const ids = new Set<string>();
  const bySubject = new Map<string, EventRow[]>();
  const waiters = createWaiters(clock, () => rows.length);

  const append = (events: readonly EncodedEvent[]): number => {
    for (const { id, body } of events) {
      if (ids.has(id)) continue;
      ids.add(id);
      const hash = chainHash(rows.at(-1)?.hash ?? chainStart, body);
      const row = { seq: rows.length + 1, id, body, hash };
      rows.push(row);
      const subject = String(JSON.parse(body).subject);
      const known = bySubject.get(subject);
      if (known === undefined) bySubject.set(subject, [row]);
      else known.push(row);
    }
    if (events.length > 0) waiters.wake(rows.length);
    return rows.length;
  };

  return {
    append,
    read: async (afterSeq, limit = 1000) =>
      rows.slice(Math.max(0, afterSeq), Math.max(0, afterSeq) + limit).map(decodeEvent),
    ofSubject: async ({ subject, afterSeq = 0, limit = 1000 }) =>
      (bySubject.get(subject) ?? [])
        .filter(({ seq }) => seq > afterSeq)
        .slice(0, limit)
        .map(decodeEvent),
    wait: waiters.wait,
    head: async () => rows.length,
    verify: (onPage) => verifyChain((seq) => rows.slice(seq, seq + 1000), { onPage }),
    close: waiters.close,
  };
};
