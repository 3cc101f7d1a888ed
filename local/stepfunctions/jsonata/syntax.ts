import jsonata from 'jsonata';

/** A node of JSONata's syntax tree; its fields are looked at one by one, for the library does not type them. */
export type Node = { readonly type: string; readonly [field: string]: unknown };

/** An expression that AWS refuses when a machine is created. */
export class ExpressionProblem extends Error {
  readonly code: 'INVALID_JSONATA_EXPRESSION' | 'UNSUPPORTED_JSONATA_EXPRESSION';
  constructor(code: ExpressionProblem['code'], message: string) {
    super(message);
    this.name = 'ExpressionProblem';
    this.code = code;
  }
}

/** A parsed expression, and what it names. */
export type Syntax = {
  readonly root: Node;
  /** Every `$name` in it, of workflow variables, functions and its own. */
  readonly names: ReadonlySet<string>;
  /** The fields of `$states` that it reads; `undefined` if it takes the whole. */
  readonly states: ReadonlySet<string> | undefined;
  readonly nodeCount: number;
  readonly depth: number;
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof RegExp);

/** Tells a node. */
export const isNode = (value: unknown): value is Node => isRecord(value) && typeof value.type === 'string';

/** The nodes in a field that holds a list of them. */
export const nodesIn = (node: Node, field: string): readonly Node[] => {
  const list = node[field];
  return Array.isArray(list) ? list.filter(isNode) : [];
};

/** `{% … %}`: the expression inside, or `undefined` for a plain text. */
export const expressionIn = (text: string): string | undefined =>
  text.startsWith('{%') && text.endsWith('%}') && text.length >= 4 ? text.slice(2, -2).trim() : undefined;

const PLAIN_PATH = /^\$[A-Za-z]\w*(\.[A-Za-z]\w*)+$/;
const WORDS = /\.(and|or|in|true|false|null|function)(\.|$)/;

/** What the library makes of `$a.b.c`, the commonest of all expressions, at a twentieth of its cost. */
const plainPath = (source: string): Node | undefined => {
  if (!PLAIN_PATH.test(source) || WORDS.test(source)) return undefined;
  const [name = '', ...fields] = source.slice(1).split('.');
  const steps = [{ type: 'variable', value: name }, ...fields.map((field) => ({ type: 'name', value: field }))];
  return { type: 'path', steps };
};

const parse = (source: string): Node => {
  const plain = plainPath(source);
  if (plain) return plain;
  try {
    const root: unknown = jsonata(source).ast();
    if (isNode(root)) return root;
    throw new SyntaxError('no expression');
  } catch (error) {
    // The library throws plain objects with a message.
    const message = isRecord(error) || error instanceof Error ? String(error.message) : String(error);
    throw new ExpressionProblem('INVALID_JSONATA_EXPRESSION', message);
  }
};

type Found = { names: Set<string>; states: Set<string>; isWhole: boolean; nodeCount: number; depth: number };

const MAX_TREE_DEPTH = 500;

/** A path's first two steps may be `$states` and one of its fields. */
const statesField = (node: Node): string | undefined => {
  const [first, second] = node.type === 'path' ? nodesIn(node, 'steps') : [];
  if (first?.type !== 'variable' || first.value !== 'states' || 'predicate' in first || 'stages' in first)
    return undefined;
  return second?.type === 'name' && typeof second.value === 'string' ? second.value : undefined;
};

const visitNode = (node: Node, found: Found): Readonly<Record<string, unknown>> => {
  found.nodeCount += 1;
  const field = statesField(node);
  if (field !== undefined) {
    found.states.add(field);
    found.names.add('states');
    return { ...node, steps: nodesIn(node, 'steps').slice(1) };
  }
  if (node.type !== 'variable' || typeof node.value !== 'string') return node;
  found.names.add(node.value);
  if (node.value === 'states') found.isWhole = true;
  return node;
};

const visit = (value: unknown, found: Found, depth: number): void => {
  if (depth > MAX_TREE_DEPTH)
    throw new ExpressionProblem('INVALID_JSONATA_EXPRESSION', 'The expression nests too deep');
  if (Array.isArray(value)) {
    for (const item of value) visit(item, found, depth);
    return;
  }
  if (!isRecord(value)) return;
  found.depth = Math.max(found.depth, depth);
  const inner = isNode(value) ? visitNode(value, found) : value;
  for (const child of Object.values(inner)) if (typeof child === 'object') visit(child, found, depth + 1);
};

const unsupported = (what: string): never => {
  throw new ExpressionProblem('UNSUPPORTED_JSONATA_EXPRESSION', `Reference to ${what} is not supported.`);
};

const SIGNS = new Map([
  ['wildcard', '*'],
  ['descendant', '**'],
  ['parent', '%'],
]);

/** Where an expression has no context of its own: later steps, predicates, sorting and grouping do have one. */
const refuseContext = (node: Node): void => {
  if (node.type === 'path') {
    const [first] = nodesIn(node, 'steps');
    if (first) refuseContext(first);
    return;
  }
  if (node.type === 'name') unsupported(`'${String(node.value)}' at the top level`);
  if (node.type === 'variable' && node.value === '') unsupported(`'$' at the top level`);
  const sign = SIGNS.get(node.type);
  if (sign !== undefined) unsupported(`'${sign}' at the top level`);
  const inner = ['lhs', 'rhs', 'expression', 'condition', 'then', 'else', 'body', 'procedure'];
  for (const field of inner) refuseIn(node[field]);
  for (const field of ['expressions', 'arguments'])
    if (node.type !== 'lambda' || field !== 'arguments') refuseIn(node[field]);
};

function refuseIn(value: unknown): void {
  if (Array.isArray(value)) for (const item of value) refuseIn(item);
  else if (isNode(value)) refuseContext(value);
}

const MAX_KNOWN = 10_000;
const known = new Map<string, Syntax>();

/** Parses an expression. @throws ExpressionProblem for one that AWS refuses. */
export const parseExpression = (source: string): Syntax => {
  const before = known.get(source);
  if (before) return before;
  const root = parse(source);
  const found: Found = { names: new Set(), states: new Set(), isWhole: false, nodeCount: 0, depth: 0 };
  visit(root, found, 1);
  if (found.names.has('$')) unsupported(`'$$'`);
  refuseContext(root);
  const { names, states, isWhole, nodeCount, depth } = found;
  const syntax = { root, names, states: isWhole ? undefined : states, nodeCount, depth };
  if (known.size >= MAX_KNOWN) known.clear();
  known.set(source, syntax);
  return syntax;
};
