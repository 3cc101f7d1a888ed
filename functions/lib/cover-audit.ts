import { type AuditKind, auditChange, auditKinds, auditPages, coverIn } from './audit-event.ts';
import { change, commit } from './change.ts';
import type { Deps } from './deps.ts';
import { PapilioError } from './errors.ts';
import type { EventLog } from './ports/event-log.ts';
import type { Item } from './ports/store.ts';
import { auditCovers } from './records.ts';

const linesAtOnce = 200;

/** What covering works with. */
export type Covering = {
  readonly deps: Pick<Deps, 'store' | 'config' | 'plane' | 'now' | 'ids'>;
  readonly log: EventLog;
  readonly isStopped: () => boolean;
};

/** Whether a line is covered as it is, and whether an earlier version left its event for an act. */
const eventsOf = async ({ log }: Covering, kind: AuditKind, { pk: subject, version }: Item) => {
  const own = (await log.ofSubject({ subject })).filter((event) => coverIn(event)?.kind === kind);
  const isCovered = own.some((event) => event.version === version && coverIn(event)?.recordSha256 !== undefined);
  return { isCovered, first: own[0] };
};

/**
 * Writes a line as it is, with an event that covers it. An act without the event of its end was not written by papilio: it
 * stays as it is, and verification names it.
 */
const cover = async (covering: Covering, kind: AuditKind, item: Item): Promise<number> => {
  const { isCovered, first } = await eventsOf(covering, kind, item);
  if (isCovered || (kind === 'command' && first === undefined)) return 0;
  const { version, ...record } = item;
  try {
    await commit(covering.deps, [
      auditChange(covering.deps, kind, { op: 'put', ...record, ifVersion: version }, 'cover-audit'),
    ]);
    return 1;
  } catch (thrown) {
    // It was written meanwhile, and so covered.
    if (thrown instanceof PapilioError && thrown.code === 'store-conflict') return 0;
    throw thrown;
  }
};

const coverKind = async (covering: Covering, kind: AuditKind): Promise<number> => {
  let count = 0;
  for await (const items of auditPages(covering.deps.store, kind, linesAtOnce)) {
    for (const item of items) {
      if (covering.isStopped()) return count;
      count += await cover(covering, kind, item);
    }
  }
  return count;
};

/**
 * Covers the lines of the audit log that earlier versions wrote by an event each, once per store, beside all other work;
 * begins again after a kill. From its last event on a line without an event was not written by papilio. Returns how many.
 */
export const coverAudit = async (covering: Covering): Promise<number> => {
  const { deps, log, isStopped } = covering;
  const id = deps.ids.of('cover', 'audit');
  if ((await auditCovers.get(deps.store, id)) !== undefined) return 0;
  // Whoever removes the record shall not have lines of their own covered.
  if ((await log.ofSubject({ subject: id, limit: 1 })).length > 0) return 0;
  const counts = { command: 0, audit: 0 };
  for (const kind of auditKinds) counts[kind] = await coverKind(covering, kind);
  if (isStopped()) return counts.command + counts.audit;
  const write = auditCovers.put(id, { doneAt: deps.now() }, 0);
  const data = { acts: counts.command, lines: counts.audit };
  await commit(deps, [change(deps, id, write, { type: 'audit.covered', by: 'cover-audit', data })]);
  return counts.command + counts.audit;
};
