import { createAnchorCheck, type LogOwner } from './anchor-check.ts';
import { faultOfLine } from './audit-compare.ts';
import { type AuditKind, auditKinds, auditPages, coverIn } from './audit-event.ts';
import { asPapilioError } from './errors.ts';
import type { Anchor } from './ports/anchor.ts';
import type { EventLog } from './ports/event-log.ts';
import type { Item, Store } from './ports/store.ts';
import type { AnchoredHead } from './schema/anchor.ts';
import type { AuditFault, AuditReport } from './schema/audit-report.ts';
import type { Event } from './schema/event.ts';

/** The audit log of a plane, and what it is compared with. */
export type AuditLook = {
  readonly store: Store;
  readonly log: EventLog;
  readonly owner: LogOwner;
  readonly anchor?: Anchor | undefined;
  readonly ownKey?: string | undefined;
  readonly lastKnown?: AnchoredHead | undefined;
  /** Receives how far the walk has come, after each page. */
  readonly onProgress?: (count: { readonly events: number; readonly lines: number }) => void;
};

/** Faults that are named; of others only the number is kept. */
const mostFaults = 20;
const linesPerPage = 500;

const createFaults = () => {
  const faults: AuditFault[] = [];
  let moreFaults = 0;
  return {
    add: (fault: AuditFault): void => {
      if (faults.length < mostFaults) faults.push(fault);
      else moreFaults += 1;
    },
    all: () => ({ faults, moreFaults }),
  };
};
type Faults = ReturnType<typeof createFaults>;

/** A record; a fault if it cannot be trusted. */
const readLine = async (
  store: Store,
  kind: AuditKind,
  { subject, seq }: Event,
): Promise<Item | AuditFault | undefined> => {
  try {
    return await store.get({ pk: subject, sk: kind });
  } catch (thrown) {
    const { code, reason } = asPapilioError(thrown);
    if (code !== 'record-corrupt') throw thrown;
    return { kind: 'changed', seq, id: subject, what: reason };
  }
};

/** Follows the chain, compares each line with its event and each anchored head with its own. */
const followLog = async (look: AuditLook, faults: Faults) => {
  const { store, log, owner, anchor, ownKey, lastKnown } = look;
  const anchored = anchor && createAnchorCheck({ anchor, owner, ownKey, lastKnown, report: faults.add });
  let covers = 0;
  let coveredFrom: number | undefined;

  const compare = async (event: Event): Promise<boolean> => {
    if (event.type === 'audit.covered') coveredFrom ??= event.seq;
    const cover = coverIn(event);
    if (cover === undefined) return false;
    covers += 1;
    const found = await readLine(store, cover.kind, event);
    const fault = found !== undefined && 'what' in found ? found : faultOfLine(event, cover, found);
    if (fault !== undefined) faults.add(fault);
    return true;
  };

  await anchored?.start();
  let last = 0;
  const checked = await log.verify(async (events) => {
    for (const event of events) {
      const isAudit = await compare(event);
      await anchored?.see(event, isAudit);
    }
    last = events.at(-1)?.seq ?? last;
    look.onProgress?.({ events: last, lines: 0 });
  });
  if (!checked.ok)
    faults.add({
      kind: 'chain',
      seq: checked.seq,
      what: `the chain breaks: ${checked.reason}; later events are not checked`,
    });
  // Behind a break nothing is known of the log's end.
  const named = await anchored?.end(checked.ok ? last : undefined);
  return { events: last, covers, coveredFrom, named, isWhole: checked.ok };
};

/** Whether an event covers a line in its version; `part`: one of an earlier version, which covers who, what and why. */
const isCovered = async (
  { log }: AuditLook,
  kind: AuditKind,
  { pk: subject, version }: Item,
): Promise<boolean | 'part'> => {
  const events = await log.ofSubject({ subject });
  const own = events.find((event) => event.version === version && coverIn(event)?.kind === kind);
  if (own === undefined) return false;
  return coverIn(own)?.recordSha256 === undefined ? 'part' : true;
};

type Followed = Awaited<ReturnType<typeof followLog>>;

/** Pages of listed lines of a kind; ends with a fault at a page that cannot be trusted. */
async function* listed({ store }: AuditLook, kind: AuditKind, faults: Faults): AsyncGenerator<readonly Item[]> {
  try {
    yield* auditPages(store, kind, linesPerPage);
  } catch (thrown) {
    const { code, reason } = asPapilioError(thrown);
    if (code !== 'record-corrupt') throw thrown;
    faults.add({ kind: 'changed', what: `${reason}; lines listed behind it were not looked for in the log` });
  }
}

/** Whether an event covers a line; a fault where that event cannot be read. */
const coveredOrFault = async (look: AuditLook, kind: AuditKind, item: Item, { isWhole }: Followed) => {
  try {
    return await isCovered(look, kind, item);
  } catch (thrown) {
    const { code, reason } = asPapilioError(thrown);
    // Of a log that is not whole anything may be unreadable; of one that is, the store or its disk fails.
    if (isWhole && code !== 'log-segment-corrupt' && code !== 'record-corrupt') throw thrown;
    return { kind: 'chain', id: item.pk, what: `the event that covers ${item.pk} cannot be read: ${reason}` } as const;
  }
};

/** Looks for the event of each line that is listed. */
const followLines = async (look: AuditLook, faults: Faults, followed: Followed) => {
  const { events, coveredFrom } = followed;
  const found = { lines: 0, earlierActs: 0, uncovered: 0 };
  const see = async (kind: AuditKind, item: Item): Promise<void> => {
    found.lines += 1;
    const covered = await coveredOrFault(look, kind, item, followed);
    if (typeof covered === 'object') faults.add(covered);
    if (covered === 'part') found.earlierActs += 1;
    if (covered !== false) return;
    if (kind === 'audit' && coveredFrom === undefined) {
      found.uncovered += 1;
      return;
    }
    const what = `no event covers ${item.pk} as it is stored: it was added or changed by another program, or its event was cut off`;
    faults.add({ kind: 'added', id: item.pk, what });
  };
  for (const kind of auditKinds) {
    for await (const page of listed(look, kind, faults)) {
      for (const item of page) await see(kind, item);
      look.onProgress?.({ events, lines: found.lines });
    }
  }
  return found;
};

/** What no walk over this log can show. */
const unseenIn = ({ events, named }: Followed): AuditReport['unseen'] => {
  if (named !== undefined && named.seq >= events) return [];
  const where =
    named === undefined ? 'no anchor was compared' : `events ${named.seq + 1} to ${events} lie behind its last head`;
  return [
    { kind: 'cut', what: `whether the last events were cut off, with the lines that they cover: ${where}` },
    { kind: 'rewritten', what: `whether the chain was computed again over changed events: ${where}` },
  ];
};

/**
 * Verifies the audit log of a plane: the chain of all events, each line against the event that covers it, each event against
 * its line, and the heads of an anchor. One page and one head in memory; changes nothing, and runs beside a plane that serves.
 */
export const checkAudit = async (look: AuditLook): Promise<AuditReport> => {
  const faults = createFaults();
  const followed = await followLog(look, faults);
  const { events, covers, coveredFrom, named } = followed;
  const lines = await followLines(look, faults, followed);
  return {
    ...{ plane: look.owner.plane, events, covers, ...lines },
    ...(coveredFrom !== undefined && { coveredFrom }),
    ...(named !== undefined && { anchor: named }),
    unseen: unseenIn(followed),
    ...faults.all(),
  };
};
