import type * as z from 'zod';
import { UsageError } from './failure.ts';
import { fieldNames, mayHave } from './known-fields.ts';

const membersOf = (value: unknown): ReadonlyMap<string, unknown> =>
  new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);

/** What stands at `stf.state` in an item; null where there is nothing. */
const valueAt = (item: object, field: string): unknown =>
  field.split('.').reduce<unknown>((value, name) => membersOf(value).get(name), item) ?? null;

/** Only the named fields of an item, under the names as they were given. */
export const pick = (item: object, fields: readonly string[]): object =>
  Object.fromEntries(fields.map((field) => [field, valueAt(item, field)]));

/**
 * Fields may be absent in all items and be right: then a schema by which they came has them.
 * @throws UsageError that lists the fields, for one that is in neither
 */
export const needFields = (
  items: readonly object[],
  fields: readonly string[],
  schemas: ReadonlySet<z.ZodType>,
): void => {
  const absent = fields.filter((field) => items.every((item) => valueAt(item, field) === null));
  const unknown = absent.filter((field) => ![...schemas].some((schema) => mayHave(schema, field)));
  if (unknown.length === 0 || (items.length === 0 && schemas.size === 0)) return;
  const last = [...schemas].at(-1);
  const names = items.length > 0 ? items.flatMap((item) => Object.keys(item)) : [];
  const known = [...new Set([...names, ...(last === undefined ? [] : fieldNames(last))])].sort();
  throw new UsageError(`--json: no field ${unknown.join(', ')}; fields are ${known.join(', ')}`, `--json ${known[0]}`);
};
