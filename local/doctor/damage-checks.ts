import type { Check } from '#schema/check-up';
import type { Damage, DamageFound } from '#schema/damage';
import type { Plane } from '../../functions/catalog.ts';

/** Damaged things that are named one by one; of more only the number is. */
export const mostNamed = 100;

const runbook = 'docs/operators/runbooks/damaged-bytes.md';

const words: Readonly<Record<DamageFound['problem'], string>> = {
  missing: 'is not there',
  size: 'has another size',
  checksum: 'has other bytes',
  facts: 'is not what lies beside it',
  unreadable: 'cannot be read',
  record: 'is not as it was written',
};

const todos: Readonly<Record<Damage['kind'], string>> = {
  stf: `Restore the file from the other laboratory or the DAQ buffer, in the same place; ${runbook}.`,
  output: `Restore the file from a backup, in the same place; ${runbook}.`,
  record: `Restore the store from the latest backup; ${runbook}.`,
};

type Damaged = Pick<Damage, 'kind' | 'name'> & DamageFound & { readonly path?: string | undefined };

/** What is wrong with one stored file or record, and what to do. */
export const damageCheck = (plane: Plane, { kind, name, path, problem, expected, found }: Damaged): Check => {
  const where = path === undefined ? '' : ` (${path})`;
  return {
    check: kind === 'record' ? 'records' : 'objects',
    of: plane,
    level: 'problem',
    what: `${name}${where} ${words[problem]}: expected ${expected}, found ${found}`,
    todo: todos[kind],
  };
};

/** The number of what is damaged and not named. */
export const moreDamaged = (plane: Plane, check: 'records' | 'objects', count: number): Check => ({
  check,
  of: plane,
  level: 'problem',
  what: `${count} more are damaged`,
  todo: `See ${runbook}; papilio doctor --deep names them again when these are repaired.`,
});

/** An object that no record names. */
export const orphanCheck = (plane: Plane, path: string): Check => ({
  check: 'objects',
  of: plane,
  level: 'warning',
  what: `${path} is a file that no record names`,
  todo: `Nothing serves it. Keep it until its record is restored, or move it away; ${runbook}.`,
});
