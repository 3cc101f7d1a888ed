import * as z from 'zod';
import { decimalUpTo } from '../../functions/lib/schema/id.ts';

/** A schema of an OpenAPI 3.1 document, as far as the comparison looks at it. */
export const Schema = z.looseObject({
  $ref: z.string().optional(),
  type: z.union([z.string(), z.array(z.string())]).optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  additionalProperties: z.unknown().optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
  allOf: z.array(z.unknown()).optional(),
});
type Schema = z.infer<typeof Schema>;

/** Bounds that a request must keep, and in which direction they narrow. */
const narrowsUp = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'] as const;
const narrowsDown = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'] as const;
const narrowsByChange = ['pattern', 'format', 'multipleOf'] as const;

/** A schema of the release and today's, each with the document that its references are of; a request narrows, an answer loses. */
export type Pair = {
  readonly before: unknown;
  readonly now: unknown;
  readonly at: string;
  readonly is: 'request' | 'answer';
};
/** Finds what a reference stands for, in the release and today. */
export type Lookup = { readonly before: (ref: string) => unknown; readonly now: (ref: string) => unknown };

const resolved = (given: unknown, lookup: (ref: string) => unknown): Schema => {
  const schema = Schema.parse(given ?? {});
  return schema.$ref === undefined ? schema : resolved(lookup(schema.$ref), lookup);
};

const typesOf = ({ type, enum: values, const: only }: Schema): readonly string[] | undefined => {
  if (type !== undefined) return [type].flat();
  const known = values ?? (only === undefined ? undefined : [only]);
  return known && [...new Set(known.map((value) => (value === null ? 'null' : typeof value)))];
};

const valuesOf = ({ enum: values, const: only }: Schema): readonly string[] | undefined =>
  (values ?? (only === undefined ? undefined : [only]))?.map((value) => JSON.stringify(value));

const without = (all: readonly string[], some: readonly string[]): readonly string[] =>
  all.filter((one) => !some.includes(one) && !(one === 'integer' && some.includes('number')));

/** Types: a request may take more, an answer may say less. */
const typeBreaks = (before: Schema, now: Schema, { at, is }: Pair): string[] => {
  const [old, today] = [typesOf(before), typesOf(now)];
  if (old === undefined || today === undefined)
    return is === 'request' && old === undefined && today !== undefined ? [`${at}: takes only ${today} now`] : [];
  const lost = is === 'request' ? without(old, today) : without(today, old);
  if (lost.length === 0) return [];
  return [is === 'request' ? `${at}: takes no ${lost.join(', ')} any more` : `${at}: may be ${lost.join(', ')} now`];
};

const valueBreaks = (before: Schema, now: Schema, { at, is }: Pair): string[] => {
  const [old, today] = [valuesOf(before), valuesOf(now)];
  // Readers of answers are told to expect values that they do not know.
  if (is === 'answer' || today === undefined) return [];
  if (old === undefined) return [`${at}: takes only ${today.join(', ')} now`];
  return without(old, today).map((value) => `${at}: takes no ${value} any more`);
};

const numberAt = (schema: Schema, key: string): number | undefined => z.number().safeParse(schema[key]).data;

const boundBreaks = (before: Schema, now: Schema, { at, is }: Pair): string[] => {
  if (is === 'answer') return [];
  const isNarrower = (key: string, sign: 1 | -1): boolean => {
    const [old, today] = [numberAt(before, key), numberAt(now, key)];
    return today !== undefined && (old === undefined || sign * today > sign * old);
  };
  const changed = narrowsByChange.filter(
    (key) => now[key] !== undefined && now[key] !== before[key] && !isWider(key, before[key], now[key]),
  );
  const narrower = [
    ...narrowsUp.filter((key) => isNarrower(key, 1)),
    ...narrowsDown.filter((key) => isNarrower(key, -1)),
    ...changed,
  ];
  return narrower.map((key) => `${at}: ${key} is ${now[key]}, was ${before[key] ?? 'not there'}`);
};

/** The largest number of a pattern for decimal numbers from 0 on; undefined for any other pattern. */
const largestOf = (pattern: unknown): bigint | undefined => {
  const [, digits] = /\|([1-9][0-9]+)\)\$$/.exec(String(pattern)) ?? [];
  return digits !== undefined && decimalUpTo(digits).source === pattern ? BigInt(digits) : undefined;
};

/** Whether a rule that is another takes all that the earlier took: decimal numbers up to a larger one. */
const isWider = (key: string, before: unknown, now: unknown): boolean => {
  const [old, today] = [largestOf(before), largestOf(now)];
  return key === 'pattern' && old !== undefined && today !== undefined && today >= old;
};

const propertyBreaks = (before: Schema, now: Schema, pair: Pair): string[] => {
  const { at, is } = pair;
  const [old, today] = [before.properties ?? {}, now.properties ?? {}];
  const gone = Object.keys(old).filter((name) => !Object.hasOwn(today, name));
  const [needed, neededNow] = [before.required ?? [], now.required ?? []];
  const changed = is === 'request' ? without(neededNow, needed) : without(needed, neededNow);
  const isOpen = (schema: Schema) => schema.additionalProperties !== false;
  return [
    ...gone.map((name) => `${at}.${name}: is gone`),
    ...changed
      .filter((name) => !gone.includes(name))
      .map((name) => `${at}.${name}: ${is === 'request' ? 'is needed now' : 'may be missing now'}`),
    ...(is === 'request' && before.type === 'object' && isOpen(before) && !isOpen(now)
      ? [`${at}: takes no other fields any more`]
      : []),
  ];
};

/** What is broken between two schemas for those who ask, or for those who read the answer. */
export const schemaBreaks = (pair: Pair, lookup: Lookup, seen: ReadonlySet<string> = new Set()): string[] => {
  const refs = [pair.before, pair.now].map((one) => Schema.safeParse(one).data?.$ref).join(' ');
  if (refs !== ' ' && seen.has(refs)) return [];
  const known = refs === ' ' ? seen : new Set([...seen, refs]);
  const before = resolved(pair.before, lookup.before);
  const now = resolved(pair.now, lookup.now);
  const deeper = (old: unknown, today: unknown, at: string) =>
    schemaBreaks({ ...pair, before: old, now: today, at }, lookup, known);
  const properties = Object.entries(before.properties ?? {}).flatMap(([name, old]) => {
    const today = now.properties?.[name];
    return today === undefined ? [] : deeper(old, today, `${pair.at}.${name}`);
  });
  const alternatives = alternativeBreaks(before, now, pair, deeper);
  const items = before.items && now.items ? deeper(before.items, now.items, `${pair.at}[]`) : [];
  const values =
    typeof before.additionalProperties === 'object' && typeof now.additionalProperties === 'object'
      ? deeper(before.additionalProperties, now.additionalProperties, `${pair.at}.*`)
      : [];
  const own = [typeBreaks, valueBreaks, boundBreaks, propertyBreaks].flatMap((find) => find(before, now, pair));
  return [...own, ...properties, ...items, ...values, ...alternatives];
};

type Deeper = (old: unknown, today: unknown, at: string) => string[];
const formsOf = ({ anyOf, oneOf }: Schema): readonly unknown[] | undefined => anyOf ?? oneOf;

/** Every form that could be asked is taken by one of today's; an answer has at least the forms that it had, each unbroken. */
const alternativeBreaks = (before: Schema, now: Schema, { at }: Pair, deeper: Deeper): string[] => {
  const all = (before.allOf ?? []).flatMap((old, nth) => deeper(old, now.allOf?.[nth], `${at}&${nth}`));
  const [forms, today] = [formsOf(before), formsOf(now)];
  if (forms === undefined && today === undefined) return all;
  const nowForms = today ?? [{ ...now }];
  const broken = (forms ?? [{ ...before, anyOf: undefined, oneOf: undefined }]).flatMap((form, nth) => {
    const tries = nowForms.map((one) => deeper(form, one, `${at}|${nth}`));
    return tries.some((found) => found.length === 0) ? [] : (tries.toSorted((a, b) => a.length - b.length)[0] ?? []);
  });
  return [...all, ...broken];
};
