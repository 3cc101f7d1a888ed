import type { Json } from '../json.ts';
import type { Meter } from '../meter.ts';

/** Compares two values; what takes long in texts is counted. */
type Compare = (value: Json, operand: Json, meter: Meter) => boolean;
type Order = (difference: number) => boolean;

const ORDERS: readonly (readonly [string, Order])[] = [
  ['Equals', (difference) => difference === 0],
  ['LessThan', (difference) => difference < 0],
  ['GreaterThan', (difference) => difference > 0],
  ['LessThanEquals', (difference) => difference <= 0],
  ['GreaterThanEquals', (difference) => difference >= 0],
];

const numeric =
  (order: Order): Compare =>
  (a, b) =>
    typeof a === 'number' && typeof b === 'number' && order(a === b ? 0 : a - b);

/** The order of two texts, unit by unit. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

const textual =
  (order: Order): Compare =>
  (a, b, meter) => {
    if (typeof a !== 'string' || typeof b !== 'string') return false;
    meter.spendText(Math.min(a.length, b.length) >> 3);
    return order(compareText(a, b));
  };

/** AWS takes RFC 3339 with a capital T and, without an offset, a capital Z. */
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/** Milliseconds since 1970 of a timestamp; `undefined` if the value is none. */
export const timestampMs = (value: Json): number | undefined => {
  if (typeof value !== 'string' || !TIMESTAMP.test(value)) return undefined;
  const atMs = Date.parse(value);
  return Number.isNaN(atMs) ? undefined : atMs;
};

const temporal =
  (order: Order): Compare =>
  (a, b) => {
    const first = timestampMs(a);
    const second = timestampMs(b);
    return first !== undefined && second !== undefined && order(first - second);
  };

/** The literal texts between the stars of a pattern; a backslash takes the next character as it is. */
const literalsOf = (pattern: string): string[] => {
  const literals = [''];
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] ?? '';
    if (char === '*') literals.push('');
    else {
      const isEscape = char === '\\' && at + 1 < pattern.length;
      literals.push((literals.pop() ?? '') + (isEscape ? (pattern[++at] ?? '') : char));
    }
  }
  return literals;
};

/** Matches text against a pattern in which `*` stands for any characters. Never backtracks. */
export const matchesPattern = (text: string, pattern: string, meter: Meter): boolean => {
  meter.spendText(text.length + pattern.length);
  const [first = '', ...others] = literalsOf(pattern);
  const last = others.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first) || text.length < first.length + last.length) return false;
  let at = first.length;
  for (const literal of others) {
    // The search of a text within a text may look at each pair of their characters, a hundred in the time of a step.
    meter.spend(Math.ceil(((text.length - at) / 128) * literal.length));
    const found = text.indexOf(literal, at);
    if (found < 0) return false;
    at = found + literal.length;
  }
  return text.endsWith(last) && text.length - last.length >= at;
};

const is =
  (test: (value: Json) => boolean): Compare =>
  (value, operand) =>
    test(value) === operand;

const ordered = (prefix: string, make: (order: Order) => Compare): (readonly [string, Compare])[] =>
  ORDERS.map(([name, order]) => [`${prefix}${name}`, make(order)]);

/** The comparison operators of Choice rules by name, without their Path forms. */
export const COMPARISONS: ReadonlyMap<string, Compare> = new Map<string, Compare>([
  ...ordered('Numeric', numeric),
  ...ordered('String', textual),
  ...ordered('Timestamp', temporal),
  ['BooleanEquals', (a, b) => typeof a === 'boolean' && a === b],
  ['StringMatches', (a, b, meter) => typeof a === 'string' && typeof b === 'string' && matchesPattern(a, b, meter)],
  ['IsNull', is((value) => value === null)],
  ['IsPresent', is(() => true)],
  ['IsNumeric', is((value) => typeof value === 'number')],
  ['IsString', is((value) => typeof value === 'string')],
  ['IsBoolean', is((value) => typeof value === 'boolean')],
  ['IsTimestamp', is((value) => timestampMs(value) !== undefined)],
]);
