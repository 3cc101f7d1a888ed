import { auditChange } from './audit-event.ts';
import { commit, untilNoConflict } from './change.ts';
import type { Deps } from './deps.ts';
import { recordDigest } from './model/record-digest.ts';
import { audits } from './records.ts';
import type { AuditLine } from './schema/audit.ts';

type Needs = Pick<Deps, 'store' | 'config' | 'plane' | 'now'>;

/** Lines of one transaction: each is a record and an event. */
const linesAtOnce = 40;

/** Whether a line is to be written over what is known of it: that an act was begun may be reported after its end. */
const isNews = (line: AuditLine, known: AuditLine | undefined): boolean =>
  known === undefined || (line.outcome !== 'begun' && recordDigest(line) !== recordDigest(known));

/** Each line with the event that covers it. A line that is recorded as it is now is left alone. */
const recordSome = async (lines: readonly AuditLine[], by: string, deps: Needs): Promise<void> => {
  const known = await audits.getMany(
    deps.store,
    lines.map(({ id }) => id),
  );
  const changes = lines.flatMap((line, at) => {
    const { doc, version = 0 } = known[at] ?? {};
    return isNews(line, doc) ? auditChange(deps, 'audit', audits.put(line.id, line, version), by) : [];
  });
  await commit(deps, changes);
};

/** Writes lines of the audit log, each with the event that covers it; `by` is the function that does. The last word on each line counts. */
export const recordAuditLines = async (lines: readonly AuditLine[], by: string, deps: Needs): Promise<void> => {
  const inOrder = lines.toSorted((a, b) => Number(b.outcome === 'begun') - Number(a.outcome === 'begun'));
  const last = [...new Map(inOrder.map((line) => [line.id, line])).values()];
  for (let at = 0; at < last.length; at += linesAtOnce) {
    const some = last.slice(at, at + linesAtOnce);
    await untilNoConflict(() => recordSome(some, by, deps));
  }
};
