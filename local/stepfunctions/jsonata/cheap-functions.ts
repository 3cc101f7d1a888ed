import { isArray, isObject, type Json, parseJson } from '../json.ts';
import type { Random } from '../random.ts';
import { hard, isTrue, textOf, type Value } from './cheap-values.ts';

/** What an expression sees while it is evaluated inline. */
export type Sight = {
  /** A field of `$states`. */
  readonly states: (field: string) => Value;
  readonly variable: (name: string) => Value;
  readonly atMs: number;
  readonly random: () => Random;
};

/** A function of one argument or none, as cheap as its argument is long. */
export type CheapFunction = { readonly arity: 0 | 1; readonly run: (sight: Sight, value: Value) => Value };

const ofText =
  (run: (text: string) => Value): CheapFunction['run'] =>
  (_sight, value) =>
    value === undefined ? undefined : run(typeof value === 'string' ? value : hard());

const sum = (value: Value): Value => {
  if (value === undefined || typeof value === 'number') return value;
  let total = 0;
  for (const item of isArray(value) ? value : hard()) total += typeof item === 'number' ? item : hard();
  return Number.isFinite(total) ? total : hard();
};

const typeOf = (value: Json): string => {
  if (value === null) return 'null';
  if (isArray(value)) return 'array';
  return isObject(value) ? 'object' : typeof value;
};

const one = (run: (value: Value) => Value): CheapFunction => ({ arity: 1, run: (_sight, value) => run(value) });

/** The functions that are evaluated inline. */
export const CHEAP_FUNCTIONS: ReadonlyMap<string, CheapFunction> = new Map<string, CheapFunction>([
  ['exists', one((value) => value !== undefined)],
  ['not', one((value) => (value === undefined ? undefined : !isTrue(value)))],
  ['boolean', one((value) => (value === undefined ? undefined : isTrue(value)))],
  ['string', one((value) => (value === undefined ? undefined : textOf(value)))],
  ['type', one((value) => (value === undefined ? undefined : typeOf(value)))],
  ['count', one((value) => (isArray(value) ? value.length : Number(value !== undefined)))],
  ['sum', one(sum)],
  ['length', { arity: 1, run: ofText((text) => Array.from(text).length) }],
  ['uppercase', { arity: 1, run: ofText((text) => text.toUpperCase()) }],
  ['lowercase', { arity: 1, run: ofText((text) => text.toLowerCase()) }],
  ['parse', { arity: 1, run: ofText((text) => parseJson(text) ?? hard()) }],
  ['now', { arity: 0, run: ({ atMs }) => new Date(atMs).toISOString() }],
  ['millis', { arity: 0, run: ({ atMs }) => atMs }],
  ['uuid', { arity: 0, run: ({ random }) => random().uuid() }],
  ['random', { arity: 0, run: ({ random }) => random().fraction() }],
]);
