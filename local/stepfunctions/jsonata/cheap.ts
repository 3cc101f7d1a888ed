import { isArray, type Json, put } from '../json.ts';
import { CHEAP_FUNCTIONS, type Sight } from './cheap-functions.ts';
import { compilePathNode, compileVariableNode } from './cheap-path.ts';
import { hard, isTrue, negated, OPERATORS, type Value } from './cheap-values.ts';
import { isNode, type Node, nodesIn, type Syntax } from './syntax.ts';

/** An expression that is evaluated inline. It may give up at run time: see `Hard`. */
export type Cheap = (sight: Sight) => Value;

/** Larger expressions than these are not looked at. */
const MAX_NODES = 200;
const MAX_DEPTH = 50;

const CLAUSES = ['predicate', 'stages', 'group', 'tuple', 'focus', 'index', 'ancestor', 'keepArray', 'consarray'];

const literal = (node: Node): Cheap | undefined => {
  const { value } = node;
  if (value !== null && typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    return undefined;
  return () => value;
};

const binary = (node: Node): Cheap | undefined => {
  const left = inner(node.lhs);
  const right = inner(node.rhs);
  if (!left || !right) return undefined;
  if (node.value === 'and') return (sight) => isTrue(left(sight)) && isTrue(right(sight));
  if (node.value === 'or') return (sight) => isTrue(left(sight)) || isTrue(right(sight));
  const operator = OPERATORS.get(String(node.value));
  return operator && ((sight) => operator(left(sight), right(sight)));
};

const all = (nodes: readonly Node[]): Cheap[] | undefined => {
  const compiled = nodes.map(inner).filter((each) => each !== undefined);
  return compiled.length === nodes.length ? compiled : undefined;
};

/** `[a, b]` takes the elements of arrays, but for arrays that are written out. */
const array = (node: Node): Cheap | undefined => {
  const nodes = nodesIn(node, 'expressions');
  const items = all(nodes);
  if (!items) return undefined;
  return (sight) =>
    items.flatMap((item, at): readonly Json[] => {
      const value = item(sight);
      if (value === undefined) return [];
      return isArray(value) && nodes[at]?.value !== '[' ? value : [value];
    });
};

type Entry = { readonly key: string; readonly value: Cheap };

const entryOf = (pair: unknown): Entry | undefined => {
  const [key, node]: readonly unknown[] = Array.isArray(pair) ? pair : [];
  const value = inner(node);
  if (!isNode(key) || key.type !== 'string' || typeof key.value !== 'string' || !value) return undefined;
  return key.value.startsWith('_jsonata_') ? undefined : { key: key.value, value };
};

const object = (node: Node): Cheap | undefined => {
  const pairs: readonly unknown[] = Array.isArray(node.lhs) ? node.lhs : [];
  const entries = pairs.map(entryOf).filter((entry) => entry !== undefined);
  const isPlain = entries.length === pairs.length && new Set(entries.map(({ key }) => key)).size === pairs.length;
  if (!isPlain) return undefined;
  return (sight) => {
    const result: Record<string, Json> = {};
    for (const { key, value } of entries) {
      const found = value(sight);
      if (found !== undefined) put(result, key, found);
    }
    return result;
  };
};

const unary = (node: Node): Cheap | undefined => {
  if (node.value === '[') return array(node);
  if (node.value === '{') return object(node);
  const operand = inner(node.expression);
  return operand && ((sight) => negated(operand(sight)));
};

const condition = (node: Node): Cheap | undefined => {
  const test = inner(node.condition);
  const then = inner(node.then);
  const otherwise: Cheap | undefined = node.else === undefined ? () => undefined : inner(node.else);
  if (!test || !then || !otherwise) return undefined;
  return (sight) => (isTrue(test(sight)) ? then(sight) : otherwise(sight));
};

const call = (node: Node): Cheap | undefined => {
  const { procedure } = node;
  const name = isNode(procedure) && procedure.type === 'variable' ? String(procedure.value) : '';
  const known = CHEAP_FUNCTIONS.get(name);
  const nodes = nodesIn(node, 'arguments');
  const args = all(nodes);
  if (!known || args?.length !== known.arity) return undefined;
  const [argument] = args;
  return (sight) => {
    // A workflow variable of this name hides the function.
    if (sight.variable(name) !== undefined) return hard();
    return known.run(sight, argument?.(sight));
  };
};

/** Brackets around a single expression. */
const block = (node: Node): Cheap | undefined => {
  const [only, ...others] = nodesIn(node, 'expressions');
  return others.length === 0 ? inner(only) : undefined;
};

const KINDS = new Map<string, (node: Node) => Cheap | undefined>([
  ['string', literal],
  ['number', literal],
  ['value', literal],
  ['binary', binary],
  ['unary', unary],
  ['condition', condition],
  ['function', call],
  ['block', block],
]);

function inner(node: unknown): Cheap | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === 'path') return compilePathNode(node);
  if (node.type === 'variable') return compileVariableNode(node);
  if (CLAUSES.some((clause) => clause in node)) return undefined;
  return KINDS.get(node.type)?.(node);
}

/**
 * Compiles an expression whose cost is bounded by the sizes of expression and data: no functions of its own, no ranges, no
 * predicates but indexes, no regular expressions. `undefined` for all others, which a worker evaluates.
 */
export const compileCheap = (syntax: Syntax): Cheap | undefined =>
  syntax.nodeCount <= MAX_NODES && syntax.depth <= MAX_DEPTH ? inner(syntax.root) : undefined;
