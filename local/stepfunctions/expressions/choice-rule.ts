import type { Definition } from '../definition.ts';
import { runtimeFailure } from '../failure.ts';
import { type Json, own } from '../json.ts';
import { COMPARISONS } from './comparisons.ts';
import { compileScopePath } from './expression.ts';
import type { Scope } from './scope.ts';

/** A compiled condition. */
export type Condition = (scope: Scope) => boolean;

const never: Condition = () => false;
const MAX_NESTING = 100;

const required = (path: string, value: Json | undefined): Json => {
  if (value !== undefined) return value;
  throw runtimeFailure(`Invalid path '${path}': The choice state's condition path references an invalid value.`);
};

/** The types that the constant of a comparison may have, by the operator's prefix. */
const isOperandOf = (operator: string, operand: Json): boolean => {
  if (operator.endsWith('Path')) return typeof operand === 'string' && operand.startsWith('$');
  if (operator.startsWith('Numeric')) return typeof operand === 'number';
  return operator.startsWith('Boolean') || operator.startsWith('Is')
    ? typeof operand === 'boolean'
    : typeof operand === 'string';
};

const compileComparison = (definition: Definition, operator: string): Condition => {
  const path = definition.requiredText('Variable');
  const operand = own(definition.fields, operator) ?? null;
  const compare = COMPARISONS.get(operator.replace(/Path$/, ''));
  if (!isOperandOf(operator, operand)) definition.problem(operator, 'The value has the wrong type for this comparison');
  if (path === undefined || !compare) return never;
  const variable = definition.expression('Variable', () => compileScopePath(path));
  if (!variable) return never;
  if (operator === 'IsPresent') return (scope) => (variable.read(scope) !== undefined) === operand;
  if (!operator.endsWith('Path')) return (scope) => compare(required(path, variable.read(scope)), operand, scope.meter);
  const other = definition.expression(operator, () => compileScopePath(String(operand)));
  if (!other) return never;
  return (scope) =>
    compare(required(path, variable.read(scope)), required(String(operand), other.read(scope)), scope.meter);
};

type Combine = (conditions: readonly Condition[]) => Condition;

const COMBINATIONS = new Map<string, Combine>([
  ['And', (all) => (scope) => all.every((each) => each(scope))],
  ['Or', (all) => (scope) => all.some((each) => each(scope))],
]);

const compileCombination = (definition: Definition, name: string, combine: Combine, depth: number): Condition => {
  const rules = definition.objects(name).map((each) => compileChoiceRule(each, false, depth + 1));
  if (rules.length === 0) definition.problem(name, 'A non-empty array of choice rules is required');
  return combine(rules);
};

/** Compiles a rule of a Choice state; only the outermost ones lead somewhere. */
export function compileChoiceRule(definition: Definition, isTop: boolean, depth = 0): Condition {
  const keys = Object.keys(definition.fields);
  const names = keys.filter((key) => !['Variable', 'Next', 'Comment', 'Assign'].includes(key));
  const operator = names[0];
  if (names.length !== 1 || operator === undefined || depth > MAX_NESTING) {
    definition.problemAt(definition.at, 'A choice rule must have exactly one comparison operator');
    return never;
  }
  if (!isTop && definition.has('Next')) definition.problem('Next', "Field 'Next' is not supported in a nested rule");
  const combine = COMBINATIONS.get(operator);
  if (combine) return compileCombination(definition, operator, combine, depth);
  if (operator === 'Not') {
    const inner = definition.object('Not');
    const condition = inner ? compileChoiceRule(inner, false, depth + 1) : never;
    return (scope) => !condition(scope);
  }
  if (isComparison(operator)) return compileComparison(definition, operator);
  definition.problem(operator, `'${operator}' is not a comparison operator`);
  return never;
}

/** Every comparison also has a form that reads its operand from a path, but for StringMatches and the type tests. */
const isComparison = (operator: string): boolean => {
  const base = operator.replace(/Path$/, '');
  if (base === operator) return COMPARISONS.has(operator);
  return COMPARISONS.has(base) && base !== 'StringMatches' && !base.startsWith('Is');
};
