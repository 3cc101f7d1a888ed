import { change, commit, untilNoConflict } from './change.ts';
import type { Deps } from './deps.ts';
import { contentName } from './model/damage-name.ts';
import type { Fault } from './ports/store.ts';
import { damages } from './records.ts';
import type { Damage, DamageFound } from './schema/damage.ts';

/** An object or record that was looked at, under the names that people know it by. */
export type Subject = Pick<Damage, 'kind' | 'subject' | 'name' | 'objectKey'>;

type Writing = Pick<Deps, 'config' | 'plane' | 'now' | 'store' | 'ids'>;

/** The index that has every damage that is open. */
export const openDamages = 'damages';

/** Id of the record that names the damage of a file or record; each has one. */
const damageId = ({ kind, subject, objectKey = '' }: Subject, deps: Pick<Deps, 'ids'>): string =>
  deps.ids.of('damage', contentName(`${kind}-${subject}-${objectKey}`));

const damagedType = ({ kind }: Subject) =>
  kind === 'record' ? ({ type: 'record.damaged' } as const) : ({ type: 'object.damaged' } as const);
const restoredType = ({ kind }: Subject) =>
  kind === 'record' ? ({ type: 'record.restored' } as const) : ({ type: 'object.restored' } as const);

const isSame = (known: Damage, found: DamageFound): boolean =>
  known.state === 'open' && known.problem === found.problem && known.found === found.found;

/** Names a thing as damaged, with an event; what is named already in the same way stays as it is. */
export const nameDamage = (about: Subject, found: DamageFound, by: string, deps: Writing): Promise<void> =>
  untilNoConflict(async () => {
    const id = damageId(about, deps);
    const known = await damages.get(deps.store, id);
    if (known !== undefined && isSame(known.doc, found)) return;
    const doc: Damage = { id, ...about, ...found, state: 'open', foundAt: deps.now() };
    const { id: _, state: __, ...data } = doc;
    const write = damages.put(id, doc, known?.version ?? 0);
    await commit(deps, [change(deps, id, write, { ...damagedType(about), by, data })]);
  });

/** Clears the damage of a thing that is right again, with an event; does nothing for a thing that has none. */
export const clearDamage = (about: Subject, by: string, deps: Writing): Promise<void> =>
  untilNoConflict(async () => {
    const id = damageId(about, deps);
    const known = await damages.get(deps.store, id);
    if (known?.doc.state !== 'open') return;
    const doc: Damage = { ...known.doc, state: 'cleared', clearedAt: deps.now() };
    const { kind, subject, name, objectKey, problem, foundAt, clearedAt } = doc;
    const data = {
      kind,
      subject,
      name,
      ...(objectKey === undefined ? {} : { objectKey }),
      problem,
      foundAt,
      clearedAt,
    };
    const write = damages.put(id, doc, known.version);
    await commit(deps, [change(deps, id, write, { ...restoredType(about), by, data })]);
  });

/** A record that is not as it was written, as a subject and what was found. */
export const damagedRecord = ({ key, where, reason }: Fault): readonly [Subject, DamageFound] => {
  const name = key === undefined ? `${where}: ${reason}` : `${key.pk}/${key.sk}`;
  return [
    { kind: 'record', subject: name, name },
    { problem: 'record', expected: `in ${where} as it was written`, found: reason },
  ];
};
