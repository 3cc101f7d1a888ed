import { chainHash, type EncodedEvent, type EventRow } from './chain.ts';
import { type Head, type LogWrite, logKeys, type Pending, seqText } from './dynamo-items.ts';

/** A transaction has 100 items; one is the head, one the segment. */
const itemsPerStep = 98;
/** Besides its place in the segment: its id, and its row in the partition of its subject. */
const itemsPerEvent = 2;
/** Below the 400 kB of an item; a single event may be longer, as its transaction was. */
const segmentLimitBytes = 300_000;
/** What `seq` and hash add to an event. */
const linkBytes = 120;
/** How long a sequencer that goes on is left alone. */
const leaseMs = 2_000;

/** What a step starts from: the log's head, what waits, and which of its ids the log holds already. */
export type Found = {
  readonly head: Head;
  readonly version: number;
  readonly pending: readonly Pending[];
  readonly held: ReadonlySet<string>;
};

/** Who makes the step, and when. */
export type Sequencer = { readonly name: string; readonly nowMs: number };

export type Step = { readonly head: Head; readonly writes: readonly LogWrite[] };

const versionIn = (body: string): { subject: unknown; version: number } => {
  const { subject, version } = JSON.parse(body);
  return { subject, version: Number(version) };
};

/**
 * In the order of their stamps, but for one thing: an event never comes before an earlier version of the same subject
 * that waits too, whatever the clocks of those who wrote them say. Cost: n² for n that wait, at most a page.
 */
export const inVersionOrder = (pending: readonly Pending[]): Pending[] => {
  const parts = pending.map((one) => ({ one, facts: one.events.map(({ body }) => versionIn(body)) }));
  const isBefore = (a: (typeof parts)[number], b: (typeof parts)[number]): boolean =>
    a.facts.some((one) => b.facts.some(({ subject, version }) => subject === one.subject && one.version < version));
  const ordered: Pending[] = [];
  while (parts.length > 0) {
    const free = parts.findIndex((part) => !parts.some((other) => other !== part && isBefore(other, part)));
    ordered.push(...parts.splice(Math.max(0, free), 1).map(({ one }) => one));
  }
  return ordered;
};

/** What fits into one step: new events in order, and the transactions of which nothing is left over. */
const taken = ({ pending, held }: Found): { events: EncodedEvent[]; done: Pending[] } => {
  const seen = new Set(held);
  const events: EncodedEvent[] = [];
  const done: Pending[] = [];
  let sizeBytes = 0;

  /** False if there is no room for it, or none left to say that its transaction is done. */
  const take = (event: EncodedEvent): boolean => {
    if (seen.has(event.id)) return true;
    const nextBytes = sizeBytes + Buffer.byteLength(JSON.stringify(event)) + linkBytes;
    const isFull = itemsPerEvent * (events.length + 1) + done.length + 1 > itemsPerStep;
    if (isFull || (events.length > 0 && nextBytes > segmentLimitBytes)) return false;
    sizeBytes = nextBytes;
    seen.add(event.id);
    events.push(event);
    return true;
  };

  for (const one of inVersionOrder(pending)) {
    if (itemsPerEvent * events.length + done.length >= itemsPerStep || !one.events.every(take)) break;
    done.push(one);
  }
  return { events, done };
};

const chained = (head: Head, events: readonly EncodedEvent[]): EventRow[] => {
  const rows: EventRow[] = [];
  let { seq, hash } = head;
  for (const { id, body } of events) {
    seq += 1;
    hash = chainHash(hash, body);
    rows.push({ seq, id, body, hash });
  }
  return rows;
};

/**
 * One step of the log: the next events get their `seq` and hash in one segment, under the head that was read. Another's
 * step in between fails it; so no `seq` is given twice and none is left out.
 */
export const nextStep = (found: Found, { name, nowMs }: Sequencer): Step => {
  const { events, done } = taken(found);
  const rows = chained(found.head, events);
  const last = rows.at(-1) ?? found.head;
  const term = found.head.holder === name ? found.head.term : found.head.term + 1;
  const untilMs = done.length === found.pending.length ? 0 : nowMs + leaseMs;
  const { subjectsAfter = found.head.seq } = found.head;
  const head: Head = { seq: last.seq, hash: last.hash, holder: name, term, untilMs, subjectsAfter };
  const segment = { ...logKeys.segment(last.seq), doc: JSON.stringify({ rows }) };
  const writes: LogWrite[] = [
    { op: 'put', ifVersion: found.version, row: { ...logKeys.head, doc: JSON.stringify(head) } },
    ...done.map(({ sk }): LogWrite => ({ op: 'delete', ifVersion: 1, row: logKeys.pending(sk) })),
  ];
  if (rows.length > 0) writes.push({ op: 'put', ifVersion: 0, row: segment });
  for (const row of rows) {
    const pk = logKeys.subjectPk(String(versionIn(row.body).subject));
    writes.push({ op: 'put', ifVersion: 0, row: { ...logKeys.id(row.id), doc: JSON.stringify({ seq: row.seq }) } });
    writes.push({ op: 'put', ifVersion: 0, row: { pk, sk: seqText(row.seq), doc: JSON.stringify(row) } });
  }
  return { head, writes };
};

/** True while somebody else sequences, and is not gone. */
export const isLeased = (head: Head, { name, nowMs }: Sequencer): boolean =>
  head.holder !== name && head.untilMs > nowMs;
