import { timestampMs } from '../expressions/comparisons.ts';
import { isArray, isObject, type Json, type JsonObject, own } from '../json.ts';
import { SHAPES } from './part-shapes.ts';
import { type Check, type Context, isManifold, VALUE_CHECKS } from './values.ts';

const ORDERS = ['Equals', 'LessThan', 'GreaterThan', 'LessThanEquals', 'GreaterThanEquals'];

/** An order's own form and the one that reads its operand from a path. */
const ordered = (prefix: string): string[] => ORDERS.flatMap((order) => [`${prefix}${order}`, `${prefix}${order}Path`]);

/** All comparisons of Choice rules. */
export const COMPARATORS: readonly string[] = [
  ...ordered('String'),
  'StringMatches',
  ...ordered('Numeric'),
  ...['BooleanEquals', 'BooleanEqualsPath'],
  ...ordered('Timestamp'),
  ...['IsNull', 'IsPresent', 'IsNumeric', 'IsString', 'IsBoolean', 'IsTimestamp'],
];
const comparators = new Set(COMPARATORS);

const SELECTORS = ['And', 'Or', 'Not', 'Variable', 'Condition'];
/** Only the outermost rules lead somewhere. */
const TOP_FIELDS = new Set(['Next', 'Assign', 'Output']);

const reference = (value: Json, at: string, context: Context): void => {
  if (typeof value !== 'string') context.findings.schema(at, 'Expected value of type [STRING]');
  else if (!value.startsWith('$')) {
    context.findings.schema(at, "Value is not a Reference Path: Reference path didn't start with '$'");
  } else if (isManifold(value)) context.findings.schema(at, 'Value is not a Reference Path');
  else VALUE_CHECKS.path?.(value, at, { kind: 'path' }, context);
};

type Operand = readonly [prefix: string, isOne: (value: Json) => boolean, message: string];

const OPERANDS: readonly Operand[] = [
  ['String', (value) => typeof value === 'string', 'Expected value of type [STRING]'],
  ['Numeric', (value) => typeof value === 'number', 'Expected value of type Number'],
  ['Boolean', (value) => typeof value === 'boolean', 'Expected value of type [BOOLEAN]'],
  ['Is', (value) => typeof value === 'boolean', 'Expected value of type [BOOLEAN]'],
  ['Timestamp', (value) => timestampMs(value) !== undefined, 'String does not match RFC3339 timestamp'],
];

const checkOperand = (name: string, value: Json, at: string, context: Context): void => {
  if (name.endsWith('Path')) {
    reference(value, at, context);
    return;
  }
  const operand = OPERANDS.find(([prefix]) => name.startsWith(prefix));
  if (operand && !operand[1](value)) context.findings.schema(at, operand[2]);
};

const checkSelectors = (rule: JsonObject, at: string, { findings, language }: Context): void => {
  const found = SELECTORS.filter((name) => own(rule, name) !== undefined);
  if (found.length !== 1) {
    findings.schema(at, `The object must have only one of the following fields, [${SELECTORS.join(', ')}]`);
  }
  if (language !== 'JSONPath') return;
  const compared = Object.keys(rule).filter((name) => comparators.has(name));
  const names = `[${COMPARATORS.join(', ')}]`;
  if (found[0] === 'Variable' && compared.length === 0) {
    findings.schema(at, `This object should have only one of the following fields: ${names}`);
  }
  if (found[0] === 'Variable' && compared.length > 1) {
    findings.schema(at, `There should only be one of the following fields: ${names}`);
  }
  if (found.length === 1 && found[0] !== 'Variable') {
    for (const name of compared) findings.schema(at, `Field '${name}' is not supported`);
  }
};

const LISTS: Readonly<Record<string, Check>> = {
  And: (value, at, _field, context) => checkRules(value, at, context, false),
  Or: (value, at, _field, context) => checkRules(value, at, context, false),
  Not: (value, at, _field, context) => checkRule(value, at, context, false),
  Variable: (value, at, _field, context) => reference(value, at, context),
};

const checkField = (name: string, value: Json, at: string, context: Context, isTop: boolean): void => {
  const { findings, language } = context;
  const field = SHAPES.ChoiceRule?.fields[name];
  const only = comparators.has(name) ? 'JSONPath' : field?.only;
  if ((!field && !comparators.has(name)) || (!isTop && TOP_FIELDS.has(name))) {
    findings.schema(at, `Field '${name}' is not supported`);
  } else if (only !== undefined && only !== language) {
    const rule = `but field '${name}' is only supported for the '${only}' QueryLanguage`;
    findings.schema(at, `The QueryLanguage is set to '${language}', ${rule}`);
  } else if (comparators.has(name)) checkOperand(name, value, `${at}/${name}`, context);
  else if (field) (LISTS[name] ?? VALUE_CHECKS[field.kind])?.(value, `${at}/${name}`, field, context);
};

function checkRule(value: Json, at: string, context: Context, isTop: boolean): void {
  if (!isObject(value)) {
    context.findings.schema(at, 'Expected value of type [OBJECT]');
    return;
  }
  if (isTop && own(value, 'Next') === undefined) context.findings.schema(at, 'These fields are required: [Next]');
  for (const [name, item] of Object.entries(value)) checkField(name, item, at, context, isTop);
  checkSelectors(value, at, context);
}

/** Looks at a list of Choice rules: a state's own, or those that And and Or combine. */
export function checkRules(value: Json, at: string, context: Context, isTop: boolean): void {
  if (!isArray(value)) {
    context.findings.schema(at, 'Expected value of type [ARRAY]');
    return;
  }
  if (value.length === 0) context.findings.schema(at, 'Value cannot be empty');
  for (const [index, rule] of value.entries()) checkRule(rule, `${at}[${index}]`, context, isTop);
}
