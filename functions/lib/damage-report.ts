import { openDamages } from './damages.ts';
import type { Store } from './ports/store.ts';
import { damages } from './records.ts';
import type { DamageReport } from './schema/damage.ts';

const mostCounted = 1000;
const mostNamed = 5;

/** The damage in a store that nobody has repaired; undefined if there is none. */
export const damageReportOf = async (store: Store): Promise<DamageReport | undefined> => {
  const { items } = await damages.list(store, 'i1', openDamages, { limit: mostCounted });
  const [first] = items;
  if (first === undefined) return undefined;
  const named = (isRecord: boolean): string[] =>
    items.flatMap(({ doc }) => ((doc.kind === 'record') === isRecord ? [doc.name] : [])).slice(0, mostNamed);
  return { count: items.length, since: first.doc.foundAt, files: named(false), records: named(true) };
};
