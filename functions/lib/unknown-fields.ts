/**
 * Fields of a stored document that this papilio does not know, because a later one wrote them. They travel with what was
 * read, under a key that no JSON has and every copy by spreading keeps, and go back into the store with the next write.
 */
const unknown = Symbol('fields of a later papilio');

type Fields = Readonly<Record<string, unknown>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const unknownIn = (raw: Fields, parsed: Fields): Fields | undefined => {
  const left = Object.entries(raw).filter(([name]) => !Object.hasOwn(parsed, name));
  return left.length === 0 ? undefined : Object.fromEntries(left);
};

/** Remembers in what was parsed, at every depth, which fields its schema passed over. Cost: one step a field. */
export const rememberUnknown = (raw: unknown, parsed: unknown): void => {
  if (Array.isArray(raw) && Array.isArray(parsed)) {
    for (const [at, value] of parsed.entries()) rememberUnknown(raw[at], value);
    return;
  }
  if (!isFields(raw) || !isFields(parsed) || raw === parsed) return;
  const left = unknownIn(raw, parsed);
  if (left !== undefined) Object.defineProperty(parsed, unknown, { value: left, enumerable: true });
  for (const [name, value] of Object.entries(parsed)) rememberUnknown(raw[name], value);
};

const fieldsUnder = (value: Fields): Fields => {
  const left: unknown = Reflect.get(value, unknown);
  return isFields(left) ? left : {};
};

const hasUnknown = (value: unknown): boolean =>
  Array.isArray(value)
    ? value.some(hasUnknown)
    : isFields(value) && (Object.hasOwn(value, unknown) || Object.values(value).some(hasUnknown));

const restored = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(restored);
  if (!isFields(value)) return value;
  const known = Object.entries(value).map(([name, one]) => [name, restored(one)] as const);
  // What this papilio has written since under such a name is the later word.
  return { ...fieldsUnder(value), ...Object.fromEntries(known) };
};

/** A document with the fields that were remembered in it; itself if there are none. */
export const withUnknown = <T extends Fields>(doc: T): Fields => {
  if (!hasUnknown(doc)) return doc;
  const whole = restored(doc);
  return isFields(whole) ? whole : doc;
};
