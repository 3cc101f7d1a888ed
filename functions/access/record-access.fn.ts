import * as z from 'zod';
import { auditChange } from '#lib/audit-event';
import { commit, untilNoConflict } from '#lib/change';
import type { Deps } from '#lib/deps';
import { defineFunction } from '#lib/function';
import { recordDigest } from '#lib/model/record-digest';
import { audits, tokenUses } from '#lib/records';
import { AccessFacts, type AuditLine } from '#schema/audit';
import type { TokenUse } from '#schema/token';

/** The latest use counts, in whatever order they come. */
const recordUses = async (uses: readonly TokenUse[], { store }: Deps): Promise<void> => {
  const ids = uses.map(({ id }) => id);
  const known = await tokenUses.getMany(store, ids);
  const later = uses.filter(({ lastUsedAt }, at) => lastUsedAt > (known[at]?.doc.lastUsedAt ?? ''));
  await tokenUses.putMany(
    store,
    later.map((use) => [use.id, use]),
  );
};

/** Lines of one transaction: each is a record and an event. */
const linesAtOnce = 40;

/** Whether a line is to be written over what is known of it: that an act was begun may be reported after its end. */
const isNews = (line: AuditLine, known: AuditLine | undefined): boolean =>
  known === undefined || (line.outcome !== 'begun' && recordDigest(line) !== recordDigest(known));

/** Each line with the event that covers it. A line that is recorded as it is now is left alone. */
const recordSome = async (lines: readonly AuditLine[], deps: Deps): Promise<void> => {
  const known = await audits.getMany(
    deps.store,
    lines.map(({ id }) => id),
  );
  const changes = lines.flatMap((line, at) => {
    const { doc, version = 0 } = known[at] ?? {};
    return isNews(line, doc) ? auditChange(deps, 'audit', audits.put(line.id, line, version), 'record-access') : [];
  });
  await commit(deps, changes);
};

/** The last word on each line counts. */
const recordLines = async (lines: readonly AuditLine[], deps: Deps): Promise<void> => {
  const inOrder = lines.toSorted((a, b) => Number(b.outcome === 'begun') - Number(a.outcome === 'begun'));
  const last = [...new Map(inOrder.map((line) => [line.id, line])).values()];
  for (let at = 0; at < last.length; at += linesAtOnce) {
    const some = last.slice(at, at + linesAtOnce);
    await untilNoConflict(() => recordSome(some, deps));
  }
};

/** Writes down what the front has seen of who asks: when tokens were used, and which acts it refused. @see 14.2 */
export const recordAccess = defineFunction({
  name: 'record-access',
  effect: 'named',
  input: AccessFacts,
  output: z.object({}),
  run: async (facts, deps) => {
    if (facts.kind === 'uses') await recordUses(facts.uses, deps);
    else await recordLines(facts.lines, deps);
    return {};
  },
});
