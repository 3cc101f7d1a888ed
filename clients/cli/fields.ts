const membersOf = (value: unknown): ReadonlyMap<string, unknown> =>
  new Map(typeof value === 'object' && value !== null ? Object.entries(value) : []);

/** What stands at `stf.state` in an item; null where there is nothing. */
const valueAt = (item: object, field: string): unknown =>
  field.split('.').reduce<unknown>((value, name) => membersOf(value).get(name), item) ?? null;

/** Only the named fields of an item, under the names as they were given. */
export const pick = (item: object, fields: readonly string[]): object =>
  Object.fromEntries(fields.map((field) => [field, valueAt(item, field)]));

/** The fields that none of the items has; some may only be absent now, so that is no failure. */
export const unknownFields = (items: readonly object[], fields: readonly string[]): string[] =>
  items.length === 0 ? [] : fields.filter((field) => items.every((item) => valueAt(item, field) === null));
