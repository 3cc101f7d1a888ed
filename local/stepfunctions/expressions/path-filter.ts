import { isEqual, type Json } from '../json.ts';
import type { TextScanner } from './text-scanner.ts';

type Operand = (item: Json, root: Json) => Json | undefined;
type Test = (item: Json, root: Json) => boolean;
/** Given by the path parser, which in turn uses filters. */
type ParsePath = (scanner: TextScanner, start: number) => { readonly read: (root: Json) => Json | undefined };

const ordered =
  (numbers: (a: number, b: number) => boolean, strings: (a: string, b: string) => boolean) =>
  (a: Json | undefined, b: Json | undefined): boolean => {
    if (typeof a === 'number' && typeof b === 'number') return numbers(a, b);
    return typeof a === 'string' && typeof b === 'string' && strings(a, b);
  };

const same = (a: Json | undefined, b: Json | undefined): boolean =>
  a === undefined || b === undefined ? a === b : isEqual(a, b);

/** Longer signs first, so that `<=` is not read as `<`. */
const OPERATORS = new Map<string, (a: Json | undefined, b: Json | undefined) => boolean>([
  ['==', same],
  ['!=', (a, b) => !same(a, b)],
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
    return (item) => path.read(item);
  }
  if (scanner.take('$')) {
    const path = parsePath(scanner, start);
    return (_item, root) => path.read(root);
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
    return (item, root) => compare(left(item, root), right(item, root));
  }
  if (path === undefined) throw new SyntaxError(`expected a comparison at character ${scanner.at}`);
  return (item, root) => path(item, root) !== undefined;
};

const term = (scanner: TextScanner, parsePath: ParsePath): Test => {
  scanner.skipSpace();
  if (scanner.take('!')) {
    const inner = term(scanner, parsePath);
    return (item, root) => !inner(item, root);
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
  return (item, root) => terms.every((each) => each(item, root));
};

/** Compiles the inside of `[?( … )]`: comparisons of `@`, `$` and literals with `&&`, `||`, `!` and brackets. */
export function compileFilter(scanner: TextScanner, parsePath: ParsePath): Test {
  const choices = [conjunction(scanner, parsePath)];
  scanner.skipSpace();
  while (scanner.take('||')) {
    choices.push(conjunction(scanner, parsePath));
    scanner.skipSpace();
  }
  return (item, root) => choices.some((each) => each(item, root));
}
