import { isEqual, type Json } from '../json.ts';
import type { Meter } from '../meter.ts';
import type { TextScanner } from './text-scanner.ts';

type Operand = (item: Json, root: Json, meter: Meter) => Json | undefined;
type Test = (item: Json, root: Json, meter: Meter) => boolean;
type Comparison = (a: Json | undefined, b: Json | undefined, meter: Meter) => boolean;
/** Given by the path parser, which in turn uses filters. */
type ParsePath = (
  scanner: TextScanner,
  start: number,
) => { readonly read: (root: Json, meter: Meter) => Json | undefined };

const ordered =
  (numbers: (a: number, b: number) => boolean, strings: (a: string, b: string) => boolean): Comparison =>
  (a, b, meter) => {
    if (typeof a === 'number' && typeof b === 'number') return numbers(a, b);
    if (typeof a !== 'string' || typeof b !== 'string') return false;
    meter.spendText(Math.min(a.length, b.length) >> 3);
    return strings(a, b);
  };

const same: Comparison = (a, b, meter) =>
  a === undefined || b === undefined ? a === b : isEqual(a, b, (steps) => meter.spend(steps));

/** Longer signs first, so that `<=` is not read as `<`. */
const OPERATORS = new Map<string, Comparison>([
  ['==', same],
  ['!=', (a, b, meter) => !same(a, b, meter)],
  [
    '<=',
    ordered(
      (a, b) => a <= b,
      (a, b) => a <= b,
    ),
  ],
  [
    '>=',
    ordered(
      (a, b) => a >= b,
      (a, b) => a >= b,
    ),
  ],
  [
    '<',
    ordered(
      (a, b) => a < b,
      (a, b) => a < b,
    ),
  ],
  [
    '>',
    ordered(
      (a, b) => a > b,
      (a, b) => a > b,
    ),
  ],
]);

const LITERALS = new Map<string, Json>([
  ['true', true],
  ['false', false],
  ['null', null],
]);
const NUMBER = /-?\d+(\.\d+)?([eE][+-]?\d+)?/y;
const WORD = /[a-z]+/y;

const pathOperand = (scanner: TextScanner, parsePath: ParsePath): Operand | undefined => {
  const start = scanner.at;
  if (scanner.take('@')) {
    const path = parsePath(scanner, start);
    return (item, _root, meter) => path.read(item, meter);
  }
  if (scanner.take('$')) {
    const path = parsePath(scanner, start);
    return (_item, root, meter) => path.read(root, meter);
  }
  return undefined;
};

const literalOperand = (scanner: TextScanner): Operand => {
  const char = scanner.peek();
  if (char === "'" || char === '"') {
    const text = scanner.quoted();
    return () => text;
  }
  const number = scanner.match(NUMBER);
  if (number !== undefined) {
    const value = Number(number);
    return () => value;
  }
  const literal = LITERALS.get(scanner.match(WORD) ?? '');
  if (literal === undefined) throw new SyntaxError(`expected a value at character ${scanner.at}`);
  return () => literal;
};

const comparison = (scanner: TextScanner, parsePath: ParsePath): Test => {
  scanner.skipSpace();
  const path = pathOperand(scanner, parsePath);
  const left = path ?? literalOperand(scanner);
  scanner.skipSpace();
  for (const [sign, compare] of OPERATORS) {
    if (!scanner.take(sign)) continue;
    scanner.skipSpace();
    const right = pathOperand(scanner, parsePath) ?? literalOperand(scanner);
    return (item, root, meter) => {
      meter.spend(1);
      return compare(left(item, root, meter), right(item, root, meter), meter);
    };
  }
  if (path === undefined) throw new SyntaxError(`expected a comparison at character ${scanner.at}`);
  return (item, root, meter) => path(item, root, meter) !== undefined;
};

const term = (scanner: TextScanner, parsePath: ParsePath): Test => {
  scanner.skipSpace();
  if (scanner.take('!')) {
    const inner = term(scanner, parsePath);
    return (item, root, meter) => !inner(item, root, meter);
  }
  if (!scanner.take('(')) return comparison(scanner, parsePath);
  const inner = compileFilter(scanner, parsePath);
  scanner.skipSpace();
  scanner.expect(')');
  return inner;
};

const conjunction = (scanner: TextScanner, parsePath: ParsePath): Test => {
  const terms = [term(scanner, parsePath)];
  scanner.skipSpace();
  while (scanner.take('&&')) {
    terms.push(term(scanner, parsePath));
    scanner.skipSpace();
  }
  return (item, root, meter) => terms.every((each) => each(item, root, meter));
};

/** Compiles the inside of `[?( … )]`: comparisons of `@`, `$` and literals with `&&`, `||`, `!` and brackets. */
export function compileFilter(scanner: TextScanner, parsePath: ParsePath): Test {
  const choices = [conjunction(scanner, parsePath)];
  scanner.skipSpace();
  while (scanner.take('||')) {
    choices.push(conjunction(scanner, parsePath));
    scanner.skipSpace();
  }
  return (item, root, meter) => choices.some((each) => each(item, root, meter));
}
