import { compareText } from '../expressions/comparisons.ts';
import { isArray, isEqual, isObject, type Json } from '../json.ts';

/** Thrown where only the library knows what comes out, mostly which error: a worker then evaluates the expression. */
export class Hard extends Error {}

/** A value in an expression; `undefined` is JSONata's nothing. */
export type Value = Json | undefined;

const MAX_TEXT = 1_000_000;

/** Gives up on the inline way. */
export const hard = (): never => {
  throw new Hard();
};

/** JSONata's cast to a boolean; nothing is false. */
export const isTrue = (value: Value): boolean => {
  if (isArray(value)) return value.some(isTrue);
  if (isObject(value)) return Object.keys(value).length > 0;
  return Boolean(value);
};

/** JSONata's text of a value: numbers with fifteen digits. */
export const textOf = (value: Value): string => {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'number' && !Number.isInteger(item) ? Number(item.toPrecision(15)) : item,
  );
};

const finite = (value: number): number => (Number.isFinite(value) ? value + 0 : hard());

type Operator = (left: Value, right: Value) => Value;

const numeric =
  (calculate: (left: number, right: number) => number): Operator =>
  (left, right) => {
    if (typeof left !== 'number' || typeof right !== 'number')
      return isNumberOrNothing(left) && isNumberOrNothing(right) ? undefined : hard();
    return finite(calculate(left, right));
  };

const isNumberOrNothing = (value: Value): boolean => value === undefined || typeof value === 'number';

const isComparable = (value: Value): boolean => isNumberOrNothing(value) || typeof value === 'string';

const ordered =
  (holds: (order: number) => boolean): Operator =>
  (left, right) => {
    if (typeof left === 'number' && typeof right === 'number') return holds(left - right);
    if (typeof left === 'string' && typeof right === 'string') return holds(compareText(left, right));
    const isNothing = left === undefined || right === undefined;
    return isNothing && isComparable(left) && isComparable(right) ? undefined : hard();
  };

const equal = (left: Json, right: Json): boolean => {
  // The library compares an array with an object by the names of their properties, `length` among them.
  if (isArray(left) !== isArray(right) && isObject(isArray(left) ? right : left)) return hard();
  return isEqual(left, right);
};

const concatenated: Operator = (left, right) => {
  const text = textOf(left) + textOf(right);
  return text.length > MAX_TEXT ? hard() : text;
};

/** The operators that cost no more than their operands are long. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['+', numeric((left, right) => left + right)],
  ['-', numeric((left, right) => left - right)],
  ['*', numeric((left, right) => left * right)],
  ['/', numeric((left, right) => left / right)],
  ['%', numeric((left, right) => left % right)],
  ['<', ordered((order) => order < 0)],
  ['<=', ordered((order) => order <= 0)],
  ['>', ordered((order) => order > 0)],
  ['>=', ordered((order) => order >= 0)],
  ['=', (left, right) => left !== undefined && right !== undefined && equal(left, right)],
  ['!=', (left, right) => left !== undefined && right !== undefined && !equal(left, right)],
  [
    'in',
    (left, right) => left !== undefined && right !== undefined && (isArray(right) ? right : [right]).includes(left),
  ],
  ['&', concatenated],
]);

/** The negative of a number. */
export const negated = (value: Value): Value => {
  if (value === undefined) return undefined;
  return typeof value === 'number' ? 0 - value : hard();
};
