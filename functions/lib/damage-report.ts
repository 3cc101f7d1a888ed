import { openDamages } from './damages.ts';
import { asPapilioError, damageCodes } from './errors.ts';
import type { Store } from './ports/store.ts';
import { damages } from './records.ts';
import type { Damage, DamageReport } from './schema/damage.ts';

const mostCounted = 1000;
const mostNamed = 5;

/** Damage in a store that is not repaired yet; undefined if there is none. */
export const damageReportOf = async (store: Store): Promise<DamageReport | undefined> => {
  try {
    const { items } = await damages.list(store, 'i1', openDamages, { limit: mostCounted });
    return reportOf(items.map(({ doc }) => doc));
  } catch (thrown) {
    const { code, reason } = asPapilioError(thrown);
    if (damageCodes.has(code)) return { count: 1, files: [], records: [reason] };
    throw thrown;
  }
};

const reportOf = (found: readonly Damage[]): DamageReport | undefined => {
  const [first] = found;
  if (first === undefined) return undefined;
  const named = (isRecord: boolean): string[] =>
    found.flatMap(({ kind, name }) => ((kind === 'record') === isRecord ? [name] : [])).slice(0, mostNamed);
  return { count: found.length, since: first.foundAt, files: named(false), records: named(true) };
};
