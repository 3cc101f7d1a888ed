import * as z from 'zod';
import { recordAuditLines } from '#lib/audit-lines';
import type { Deps } from '#lib/deps';
import { defineFunction } from '#lib/function';
import { tokenUses } from '#lib/records';
import { AccessFacts } from '#schema/audit';
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

/** Writes down what the front has seen of who asks: when tokens were used, and which acts it refused. @see 14.2 */
export const recordAccess = defineFunction({
  name: 'record-access',
  effect: 'named',
  input: AccessFacts,
  output: z.object({}),
  run: async (facts, deps) => {
    if (facts.kind === 'uses') await recordUses(facts.uses, deps);
    else await recordAuditLines(facts.lines, 'record-access', deps);
    return {};
  },
});
