import { isArray, isObject, type Json, own } from '../json.ts';
import type { Sight } from './cheap-functions.ts';
import { hard, type Value } from './cheap-values.ts';
import { type Node, nodesIn } from './syntax.ts';

/** A value inside a path: JSONata flattens what it collected itself and keeps arrays of the data. */
type Found = { readonly value: Json; readonly isSequence: boolean };

type Step = { readonly key: string; readonly indexes: readonly number[] };

const collect = (value: Json, key: string, found: Json[]): void => {
  if (isArray(value)) {
    for (const item of value) collect(item, key, found);
    return;
  }
  const child = isObject(value) ? own(value, key) : undefined;
  if (isArray(child)) for (const item of child) found.push(item);
  else if (child !== undefined) found.push(child);
};

const reduced = (values: readonly Json[]): Found | undefined => {
  const [first] = values;
  if (first === undefined) return undefined;
  return values.length === 1 ? { value: first, isSequence: false } : { value: values, isSequence: true };
};

const lookup = (value: Json, key: string): Found | undefined => {
  if (!isArray(value)) {
    const child = isObject(value) ? own(value, key) : undefined;
    return child === undefined ? undefined : { value: child, isSequence: false };
  }
  const found: Json[] = [];
  collect(value, key, found);
  return reduced(found);
};

/** `[n]`: the n-th of an array, or of the single value that is there; where there is none, a sequence without values. */
const indexed = (found: Found | undefined, index: number): Found => {
  const list = found === undefined ? [] : isArray(found.value) ? found.value : [found.value];
  const item = list[index < 0 ? list.length + index : index];
  if (item === undefined) return { value: [], isSequence: true };
  return isArray(item) ? { value: item, isSequence: false } : { value: [item], isSequence: true };
};

const walkOne = (value: Json, step: Step): Found | undefined => {
  let found = lookup(value, step.key);
  for (const index of step.indexes) found = indexed(found, index);
  return found;
};

const walk = (values: readonly Json[], step: Step, isLast: boolean): Found => {
  const results = values.flatMap((value) => walkOne(value, step) ?? []);
  const [first] = results;
  if (isLast && first && results.length === 1 && isArray(first.value) && !first.isSequence) return first;
  // Flattened one level, as `flatMap` does for arrays.
  return { value: results.flatMap(({ value }) => (isArray(value) ? value : [value])), isSequence: true };
};

const indexesOf = (node: Node, field: 'stages' | 'predicate'): readonly number[] | undefined => {
  if (!(field in node)) return [];
  const indexes = nodesIn(node, field).map(({ expr }) => {
    const isIndex = typeof expr === 'object' && expr !== null && 'type' in expr && expr.type === 'number';
    return isIndex && 'value' in expr && typeof expr.value === 'number' ? Math.floor(expr.value) : undefined;
  });
  const known = indexes.filter((index) => index !== undefined);
  return known.length === indexes.length ? known : undefined;
};

const PLAIN_FIELDS = new Set(['type', 'value', 'position', 'stages']);

const stepOf = (node: Node): Step | undefined => {
  const indexes = indexesOf(node, 'stages');
  const isPlain = node.type === 'name' && Object.keys(node).every((field) => PLAIN_FIELDS.has(field));
  if (!isPlain || typeof node.value !== 'string' || !indexes) return undefined;
  return { key: node.value, indexes };
};

const isBare = (node: Node): boolean =>
  Object.keys(node).every((field) => ['type', 'value', 'position'].includes(field));

/** Where a path begins: a variable, or `$states` with only the field that is looked at, for it is never made as a whole. */
const rootOf = ([first, second]: readonly Node[]): ((sight: Sight) => Value) | undefined => {
  if (first?.type !== 'variable' || typeof first.value !== 'string' || !isBare(first)) return undefined;
  const name = first.value;
  // An unknown name may be a function's, which only the library knows.
  if (name !== 'states') return (sight) => sight.variable(name) ?? hard();
  if (second?.type !== 'name' || typeof second.value !== 'string') return undefined;
  const field = second.value;
  return (sight) => {
    const value = sight.states(field);
    return value === undefined ? undefined : { [field]: value };
  };
};

const unwrapped = ({ value, isSequence }: Found): Value => {
  if (!isSequence || !isArray(value) || value.length > 1) return value;
  return value[0];
};

const walkAll = (root: Json, steps: readonly Step[]): Value => {
  let values: readonly Json[] = isArray(root) ? root : [root];
  for (const [at, step] of steps.entries()) {
    const found = walk(values, step, at === steps.length - 1);
    if (at === steps.length - 1) return unwrapped(found);
    values = isArray(found.value) ? found.value : [found.value];
    if (values.length === 0) return undefined;
  }
  return root;
};

const FIELDS_OF_PATH = new Set(['type', 'steps']);

/** Compiles `$name.a.b[0]`; `undefined` for a path that does more. */
export const compilePathNode = (node: Node): ((sight: Sight) => Value) | undefined => {
  const all = nodesIn(node, 'steps');
  const root = rootOf(all);
  if (!root || !Object.keys(node).every((field) => FIELDS_OF_PATH.has(field))) return undefined;
  const steps = all.slice(1).map(stepOf);
  const known = steps.filter((step) => step !== undefined);
  if (known.length !== steps.length) return undefined;
  return (sight) => {
    const start = root(sight);
    return start === undefined ? undefined : walkAll(start, known);
  };
};

/** Compiles `$name`, also with indexes. */
export const compileVariableNode = (node: Node): ((sight: Sight) => Value) | undefined => {
  const name = node.value;
  const indexes = indexesOf(node, 'predicate');
  const isPlain = Object.keys(node).every((field) => ['type', 'value', 'position', 'predicate'].includes(field));
  if (typeof name !== 'string' || name === 'states' || !indexes || !isPlain) return undefined;
  return (sight) => {
    let found: Found = { value: sight.variable(name) ?? hard(), isSequence: false };
    for (const index of indexes) found = indexed(found, index);
    return unwrapped(found);
  };
};
