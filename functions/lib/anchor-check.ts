import { anchorStart, headDigest, isSignedBy, readHead } from './model/anchor-head.ts';
import type { Anchor } from './ports/anchor.ts';
import type { AnchoredHead } from './schema/anchor.ts';
import type { AuditFault, AuditReport } from './schema/audit-report.ts';
import type { Event } from './schema/event.ts';

/** The log whose heads an anchor is to hold. */
export type LogOwner = Pick<AnchoredHead, 'instance' | 'wing' | 'plane'>;

/** What an anchor is compared with. */
export type AnchorLook = {
  readonly anchor: Anchor;
  readonly owner: LogOwner;
  /** Public key in the folder, where there is one. */
  readonly ownKey: string | undefined;
  /** The last head that the folder knows of. */
  readonly lastKnown: AnchoredHead | undefined;
  readonly report: (fault: AuditFault) => void;
};

type Named = NonNullable<AuditReport['anchor']>;

const wordsOf = ({ instance, wing, plane }: LogOwner): string => `${instance}, wing ${wing}, plane ${plane}`;

const isOf = (head: AnchoredHead, { instance, wing, plane }: LogOwner): boolean =>
  head.instance === instance && head.wing === wing && head.plane === plane;

/** Heads in an anchor; the rest of a line that a full disk cut is passed over where the whole line follows. */
async function* headsIn({ anchor, report }: AnchorLook): AsyncGenerator<AnchoredHead> {
  let rest: string | undefined;
  const reportRest = (): void => {
    if (rest === undefined) return;
    report({ kind: 'anchor', what: `${anchor.name} holds something that is not a head: ${rest.slice(0, 60)}` });
  };
  for await (const line of anchor.heads()) {
    if (rest !== undefined && !line.startsWith(rest)) reportRest();
    const head = readHead(line);
    rest = head === undefined ? line : undefined;
    if (head !== undefined) yield head;
  }
  reportRest();
}

/** Heads of one log in an anchor, without repeats. */
async function* ownHeads(look: AnchorLook): AsyncGenerator<AnchoredHead> {
  const { anchor, owner, report } = look;
  let last: string | undefined;
  const strangers = new Set<string>();
  for await (const head of headsIn(look)) {
    if (!isOf(head, owner)) {
      if (strangers.size < 3) strangers.add(wordsOf(head));
      continue;
    }
    const digest = headDigest(head);
    // Whether a head was added is not always known; then it is added again.
    if (digest !== last) yield head;
    last = digest;
  }
  if (last !== undefined) return;
  const others = strangers.size === 0 ? '' : `, but heads of ${[...strangers].join('; ')}`;
  report({ kind: 'anchor', what: `${anchor.name} holds no head of this log (${wordsOf(owner)})${others}` });
}

/** Follows signatures and order of the heads of a log. */
const createHeadCheck = ({ anchor, ownKey, report }: AnchorLook) => {
  let key = ownKey;
  let previous: AnchoredHead | undefined;
  const fault = (head: AnchoredHead, what: string): void =>
    report({ kind: 'anchor', seq: head.seq, what: `${anchor.name}, head at event ${head.seq}: ${what}` });

  const checkKey = (head: AnchoredHead): void => {
    if (head.publicKey === undefined) return;
    if (ownKey !== undefined && head.publicKey !== ownKey) fault(head, 'it names another key than the folder has');
    key ??= head.publicKey;
  };
  const checkOrder = (head: AnchoredHead): void => {
    const wanted = previous === undefined ? anchorStart : headDigest(previous);
    if (head.previous !== wanted) fault(head, 'it does not follow the head before it: heads were removed or added');
    if (previous !== undefined && head.seq <= previous.seq)
      fault(head, `it was added after the head at event ${previous.seq}: the log became shorter in between`);
  };
  return (head: AnchoredHead): void => {
    checkKey(head);
    if (key === undefined || !isSignedBy(head, key)) fault(head, 'its signature is not of the key of this log');
    checkOrder(head);
    previous = head;
  };
};

/**
 * Compares the heads of an anchor with a log that is passed by in order, one head in memory at a time. Heads are read before
 * the events that they are of, so a log that grows meanwhile is no fault.
 */
export const createAnchorCheck = (look: AnchorLook) => {
  const { anchor, lastKnown, report } = look;
  const source = ownHeads(look);
  const check = createHeadCheck(look);
  const seen: Named = { name: anchor.name, heads: 0, seq: 0 };
  let next: AnchoredHead | undefined;
  let auditLines = 0;
  /** Audit lines of the log that were there before the anchor's first head. */
  let before: number | undefined;

  const pull = async (): Promise<void> => {
    const { value } = await source.next();
    next = value === undefined ? undefined : value;
    if (next === undefined) return;
    check(next);
    seen.heads += 1;
    seen.at = next.at;
  };

  const compare = (head: AnchoredHead, event: Event | undefined): void => {
    if (event === undefined || head.seq < event.seq) return;
    seen.seq = Math.max(seen.seq, head.seq);
    before ??= auditLines - head.auditLines;
    if (head.hash === event.hash) return;
    const what = `event ${event.seq} has another hash than the head that was anchored at ${head.at}: the log was rewritten`;
    report({ kind: 'rewritten', seq: event.seq, what });
  };

  /** The head furthest on of those that no event has met. */
  const furthestLeft = async (): Promise<AnchoredHead | undefined> => {
    let furthest: AnchoredHead | undefined;
    for (; next !== undefined; await pull()) if (next.seq >= (furthest?.seq ?? 0)) furthest = next;
    return furthest;
  };

  const cut = (head: AnchoredHead, lastSeq: number): void => {
    const lines = head.auditLines - (auditLines - (before ?? auditLines - head.auditLines));
    const lost = lines > 0 ? `, ${lines} of them of the audit log` : '';
    const what = `the log ends at event ${lastSeq}, but the head of event ${head.seq} was anchored at ${head.at}: ${head.seq - lastSeq} events were cut off${lost}`;
    report({ kind: 'cut', seq: head.seq, what });
  };

  return {
    start: pull,
    /** Takes the next event of the log. */
    see: async (event: Event, isAudit: boolean): Promise<void> => {
      if (isAudit) auditLines += 1;
      while (next !== undefined && next.seq <= event.seq) {
        compare(next, event);
        await pull();
      }
    },
    /** Takes the end of the log; what is anchored beyond it was cut off. Undefined: the log is broken, and its end not known. */
    end: async (lastSeq: number | undefined): Promise<Named> => {
      const furthest = await furthestLeft();
      if (furthest !== undefined && lastSeq !== undefined) cut(furthest, lastSeq);
      const anchored = Math.max(seen.seq, furthest?.seq ?? 0);
      if (lastKnown !== undefined && lastKnown.seq > anchored) {
        const what = `${anchor.name} ends at event ${anchored}, but this log has signed the head of event ${lastKnown.seq} for it: heads were removed, or could not be added (see papilio status)`;
        report({ kind: 'anchor', seq: lastKnown.seq, what });
      }
      return seen;
    },
  };
};
