import { runtimeFailure, StateFailure } from '../failure.ts';
import { excerpt, type Json } from '../json.ts';
import { INTRINSIC_FUNCTIONS, intrinsicFailure } from './intrinsic-functions.ts';
import { compilePath, type JsonPath, parsePath } from './json-path.ts';
import type { Expression, Scope } from './scope.ts';
import { TextScanner } from './text-scanner.ts';

/** A compiled `$`, `$$` or `States.` text: what it reads, and whether its value can be larger than the document. */
export type CompiledExpression = {
  readonly read: (scope: Scope) => Json | undefined;
  readonly isBounded: boolean;
};

const NUMBER = /-?\d+(\.\d+)?([eE][+-]?\d+)?/y;
const WORD = /[A-Za-z][A-Za-z0-9.]*/y;
const LITERALS = new Map<string, Json>([
  ['true', true],
  ['false', false],
  ['null', null],
]);

/** What a path begins with: `$`, `$$`, or a variable's name. */
type Root =
  | { readonly kind: 'data' }
  | { readonly kind: 'context' }
  | { readonly kind: 'variable'; readonly name: string };

const VARIABLE = /\p{ID_Start}\p{ID_Continue}*/uy;

/** Takes the root after its first sign. */
const rootIn = (scanner: TextScanner): Root => {
  if (scanner.take('$')) return { kind: 'context' };
  const name = scanner.match(VARIABLE);
  return name === undefined ? { kind: 'data' } : { kind: 'variable', name };
};

const reader = (root: Root, path: JsonPath): ((scope: Scope) => Json | undefined) => {
  if (root.kind === 'data') return (scope) => path.read(scope.data, scope.meter);
  if (root.kind === 'context') return (scope) => path.read(scope.context(), scope.meter);
  const { name } = root;
  return (scope) => {
    const value = scope.variable(name);
    return value === undefined ? undefined : path.read(value, scope.meter);
  };
};

const pathArgument = (scanner: TextScanner): Expression => {
  const start = scanner.at;
  scanner.expect('$');
  const read = reader(rootIn(scanner), parsePath(scanner, start));
  const text = scanner.text.slice(start, scanner.at);
  return (scope) => {
    const value = read(scope);
    if (value !== undefined) return value;
    // AWS names the whole expression, and a path into the context object as if it were one into the input.
    throw runtimeFailure(
      `The function '${scanner.text}' had the following error: The JsonPath argument for the field '${text.replace('$$', () => '$')}' could not be found in the input '${excerpt(scope.data)}'`,
    );
  };
};

const argument = (scanner: TextScanner, keep: string): Expression => {
  scanner.skipSpace();
  const char = scanner.peek();
  if (char === '$') return pathArgument(scanner);
  if (char === "'") {
    const text = scanner.quoted(keep);
    return () => text;
  }
  const number = scanner.match(NUMBER);
  if (number !== undefined) {
    const value = Number(number);
    return () => value;
  }
  const start = scanner.at;
  const literal = LITERALS.get(scanner.match(WORD) ?? '');
  if (literal !== undefined) return () => literal;
  scanner.at = start;
  return call(scanner);
};

/** In the template of States.Format an escaped brace must still be told from a place to fill. */
const keptEscapes = (name: string, at: number): string => (name === 'States.Format' && at === 0 ? '{}\\' : '');

const argumentsOf = (scanner: TextScanner, name: string): Expression[] => {
  const list: Expression[] = [];
  scanner.skipSpace();
  if (scanner.take(')')) return list;
  // Ends: each round takes a comma, or throws.
  for (;;) {
    list.push(argument(scanner, keptEscapes(name, list.length)));
    scanner.skipSpace();
    if (scanner.take(')')) return list;
    scanner.expect(',');
  }
};

function call(scanner: TextScanner): Expression {
  const name = scanner.match(WORD) ?? '';
  const intrinsic = INTRINSIC_FUNCTIONS.get(name);
  if (intrinsic === undefined) throw new SyntaxError(`'${name}' is not an intrinsic function`);
  scanner.skipSpace();
  scanner.expect('(');
  const args = argumentsOf(scanner, name);
  const [least, most] = intrinsic.arity;
  if (args.length < least || args.length > most)
    throw new SyntaxError(`${name} does not take ${args.length} arguments`);
  return (scope) => {
    scope.meter.spend(1 + args.length);
    const values = args.map((each) => each(scope));
    try {
      return intrinsic.run(values, scope);
    } catch (error) {
      // What took too many steps is no failure of the function.
      if (!(error instanceof StateFailure) || error.error === 'States.Runtime') throw error;
      throw intrinsicFailure(`The intrinsic function ${name} failed: ${error.reason ?? ''}`);
    }
  };
}

const compileCall = (text: string): CompiledExpression => {
  const scanner = new TextScanner(text);
  scanner.skipSpace();
  const read = call(scanner);
  scanner.skipSpace();
  if (!scanner.isDone()) throw new SyntaxError(`unexpected '${scanner.peek()}' at character ${scanner.at}`);
  return { read, isBounded: false };
};

/** Compiles a `$`, `$$` or `$variable` path, without intrinsics. */
export const compileScopePath = (text: string): CompiledExpression => {
  const scanner = new TextScanner(text);
  scanner.expect('$');
  const root = rootIn(scanner);
  const path = compilePath(`$${text.slice(scanner.at)}`);
  return { read: reader(root, path), isBounded: path.isDefinite && root.kind === 'data' };
};

/** Compiles the value of a field whose name ends in `.$`. */
export const compileExpression = (text: string): CompiledExpression =>
  text.startsWith('$') ? compileScopePath(text) : compileCall(text);
