import { isArray, isObject, type Json, type JsonObject, own } from '../json.ts';
import type { Meter } from '../meter.ts';
import { compileFilter } from './path-filter.ts';
import { TextScanner } from './text-scanner.ts';

/** A compiled JSONPath. */
export type JsonPath = {
  readonly text: string;
  /** A definite path finds one value or nothing; others find an array of any length. */
  readonly isDefinite: boolean;
  /** The keys and indexes of a path that names exactly one place, else undefined. */
  readonly reference: readonly (string | number)[] | undefined;
  readonly read: (root: Json, meter: Meter) => Json | undefined;
};

/** What a path is read from, and who counts what it visits. */
type Reading = { readonly root: Json; readonly meter: Meter };

/** One step of a path: every value it leads to from `value`. */
type Step = {
  readonly isDefinite: boolean;
  readonly key?: string | number;
  /** Makes one object of several places; at the end of a path it is what the path finds. */
  readonly isPick?: true;
  readonly walk: (value: Json, found: Json[], reading: Reading) => void;
};

/** A path may not find more than this; recursive descents over large documents would otherwise fill the memory. */
const MAX_FOUND = 100_000;
const NAME = /[^\s.[\]()'",?@*=<>!&|$]+/y;
const INTEGER = /-?\d+/y;

const childOf = (value: Json, key: string | number): Json | undefined => {
  if (typeof key === 'string') return isObject(value) ? own(value, key) : undefined;
  return isArray(value) ? value[key < 0 ? value.length + key : key] : undefined;
};

const keyStep = (key: string | number): Step => ({
  isDefinite: true,
  key,
  walk: (value, found) => {
    const child = childOf(value, key);
    if (child !== undefined) found.push(child);
  },
});

const childrenOf = (value: Json): readonly Json[] => {
  if (isArray(value)) return value;
  return isObject(value) ? Object.values(value) : [];
};

const wildcard: Step = {
  isDefinite: false,
  walk: (value, found, { meter }) => {
    const children = childrenOf(value);
    meter.spend(children.length);
    for (const child of children) found.push(child);
  },
};

/** `['a','b']`: an object of those of the names that are there. */
const pickStep = (names: readonly string[]): Step => ({
  isDefinite: false,
  isPick: true,
  walk: (value, found, { meter }) => {
    meter.spend(names.length);
    if (isObject(value)) found.push(Object.fromEntries(names.flatMap((name) => entryOf(value, name))));
  },
});

const entryOf = (value: JsonObject, name: string): [string, Json][] => {
  const child = own(value, name);
  return child === undefined ? [] : [[name, child]];
};

const unionStep = (keys: readonly (string | number)[]): Step => ({
  isDefinite: false,
  walk: (value, found, { meter }) => {
    meter.spend(keys.length);
    for (const key of keys) {
      const child = childOf(value, key);
      if (child !== undefined) found.push(child);
    }
  },
});

/** Where a bound of a slice lies in an array; a negative one counts from the end. */
const boundary = (bound: number, length: number): number =>
  Math.min(length, Math.max(0, bound < 0 ? length + bound : bound));

const sliceStep = (from: number, to: number | undefined, by: number): Step => ({
  isDefinite: false,
  walk: (value, found, { meter }) => {
    if (!isArray(value)) return;
    meter.spend(value.length);
    const end = to === undefined ? value.length : boundary(to, value.length);
    for (let at = boundary(from, value.length); at < end; at += by) found.push(value[at] ?? null);
  },
});

const descend = (value: Json, meter: Meter, visit: (value: Json) => void): void => {
  visit(value);
  const children = childrenOf(value);
  meter.spend(children.length);
  for (const child of children) if (typeof child === 'object' && child !== null) descend(child, meter, visit);
};

const descentStep = (inner: Step): Step => ({
  isDefinite: false,
  walk: (value, found, reading) => descend(value, reading.meter, (each) => inner.walk(each, found, reading)),
});

const sliceFrom = (scanner: TextScanner, from: number): Step => {
  const to = scanner.match(INTEGER);
  const by = scanner.take(':') ? Number(scanner.match(INTEGER) ?? 1) : 1;
  if (by < 1) throw new SyntaxError('a slice needs a positive step');
  return sliceStep(from, to === undefined ? undefined : Number(to), by);
};

const unionMember = (scanner: TextScanner): string | number => {
  scanner.skipSpace();
  const char = scanner.peek();
  if (char === "'" || char === '"') return scanner.quoted();
  const index = scanner.match(INTEGER);
  if (index === undefined) throw new SyntaxError(`expected an index or a quoted name at character ${scanner.at}`);
  return Number(index);
};

const filterStep = (scanner: TextScanner): Step => {
  const filter = compileFilter(scanner, parsePath);
  scanner.skipSpace();
  scanner.expect(')');
  return {
    isDefinite: false,
    walk: (value, found, { root, meter }) => {
      const candidates = isObject(value) ? [value] : childrenOf(value);
      meter.spend(candidates.length);
      for (const each of candidates) if (filter(each, root, meter)) found.push(each);
    },
  };
};

const unionRest = (scanner: TextScanner, first: string | number): Step => {
  const keys = [first];
  scanner.skipSpace();
  while (scanner.take(',')) {
    keys.push(unionMember(scanner));
    scanner.skipSpace();
  }
  if (keys.length === 1) return keyStep(first);
  const names = keys.filter((key) => typeof key === 'string');
  return names.length === keys.length ? pickStep(names) : unionStep(keys);
};

const bracketBody = (scanner: TextScanner): Step => {
  if (scanner.take('*')) return wildcard;
  if (scanner.take('?(')) return filterStep(scanner);
  if (scanner.take(':')) return sliceFrom(scanner, 0);
  const first = unionMember(scanner);
  return typeof first === 'number' && scanner.take(':') ? sliceFrom(scanner, first) : unionRest(scanner, first);
};

const bracket = (scanner: TextScanner): Step => {
  scanner.skipSpace();
  const step = bracketBody(scanner);
  scanner.skipSpace();
  scanner.expect(']');
  return step;
};

const dotted = (scanner: TextScanner): Step => {
  if (scanner.take('*')) return wildcard;
  const name = scanner.match(NAME);
  if (name === undefined) throw new SyntaxError(`expected a name at character ${scanner.at}`);
  return keyStep(name);
};

const nextStep = (scanner: TextScanner): Step | undefined => {
  if (scanner.take('..')) return descentStep(scanner.take('[') ? bracket(scanner) : dotted(scanner));
  if (scanner.take('.')) return dotted(scanner);
  return scanner.take('[') ? bracket(scanner) : undefined;
};

const readDefinite =
  (keys: readonly (string | number)[]) =>
  (root: Json, meter: Meter): Json | undefined => {
    let value: Json | undefined = root;
    meter.spend(keys.length);
    for (const key of keys) {
      if (value === undefined) return undefined;
      value = childOf(value, key);
    }
    return value;
  };

const readAll =
  (steps: readonly Step[]) =>
  (root: Json, meter: Meter): readonly Json[] => {
    const reading = { root, meter };
    let values: Json[] = [root];
    for (const step of steps) {
      const found: Json[] = [];
      meter.spend(values.length);
      for (const value of values) {
        step.walk(value, found, reading);
        if (found.length > MAX_FOUND) throw new RangeError(`the path finds more than ${MAX_FOUND} values`);
      }
      values = found;
    }
    return values;
  };

/** Parses a path whose root sign has been consumed, up to the first character that cannot belong to it. */
export function parsePath(scanner: TextScanner, start: number): JsonPath {
  const steps: Step[] = [];
  for (let step = nextStep(scanner); step !== undefined; step = nextStep(scanner)) steps.push(step);
  const isDefinite = steps.every((step) => step.isDefinite);
  const keys = steps.flatMap((step) => (step.key === undefined ? [] : [step.key]));
  const text = scanner.text.slice(start, scanner.at);
  if (steps.at(-1)?.isPick && steps.slice(0, -1).every((step) => step.isDefinite)) {
    const all = readAll(steps);
    return { text, isDefinite: true, reference: undefined, read: (root, meter) => all(root, meter)[0] };
  }
  return {
    text,
    isDefinite,
    reference: isDefinite ? keys : undefined,
    read: isDefinite ? readDefinite(keys) : readAll(steps),
  };
}

/** Compiles `$…`; throws a SyntaxError that says where it is wrong. */
export const compilePath = (text: string): JsonPath => {
  const scanner = new TextScanner(text);
  scanner.expect('$');
  const path = parsePath(scanner, 0);
  if (!scanner.isDone()) throw new SyntaxError(`unexpected '${scanner.peek()}' at character ${scanner.at}`);
  return path;
};

/** A path as AWS writes it where it finds nothing: `$['a'][0]`. Others than those to one place stay as they are. */
export const bracketed = (text: string): string => {
  if (text.startsWith('$$') || !/^\$[.[]/.test(text)) return text;
  const keys = compilePath(text).reference;
  return keys ? `$${keys.map((key) => (typeof key === 'string' ? `['${key}']` : `[${key}]`)).join('')}` : text;
};
