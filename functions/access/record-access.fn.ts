import * as z from 'zod';
import type { Deps } from '#lib/deps';
import { defineFunction } from '#lib/function';
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

/** That something was begun is told first and may come last: how it ended counts. */
const recordLines = async (lines: readonly AuditLine[], { store }: Deps): Promise<void> => {
  const ended = lines.filter(({ outcome }) => outcome !== 'begun');
  const begun = lines.filter(({ id, outcome }) => outcome === 'begun' && !ended.some((line) => line.id === id));
  const known = await audits.getMany(
    store,
    begun.map(({ id }) => id),
  );
  const kept = [...ended, ...begun.filter((_, at) => known[at] === undefined)];
  await audits.putMany(
    store,
    kept.map((line) => [line.id, line]),
  );
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
