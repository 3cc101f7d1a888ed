import { timestampMs } from '../expressions/comparisons.ts';
import { compileExpression, compileScopePath } from '../expressions/expression.ts';
import { isArray, isObject, type Json, type JsonObject } from '../json.ts';
import type { Field, Kind, Language } from './fields.ts';
import type { Findings } from './finding.ts';

/** What a check needs to know beside the value and its place. */
export type Context = {
  readonly findings: Findings;
  /** Of the state that is looked at. */
  readonly language: Language;
  /** Of the state machine, which the states of branches and item processors have again. */
  readonly machineLanguage: Language;
  readonly isExpress: boolean;
  /** Whether the Map that is looked at is a distributed one. */
  readonly isDistributed: boolean;
};

/** Looks at one value and reports what is wrong with it. */
export type Check = (value: Json, at: string, field: Field, context: Context) => void;

/** What a shape asks beyond its fields one by one. */
export type Extra = (object: JsonObject, at: string, context: Context) => void;

/** Whether something throws no error. */
const compiles = (compile: () => unknown): boolean => {
  try {
    compile();
    return true;
  } catch {
    return false;
  }
};

const isPath = (text: string): boolean => text.startsWith('$') && compiles(() => compileScopePath(text));

/** Whether a path can lead to more than one place; what is quoted in it are only names. */
export const isManifold = (path: string): boolean => /\.\.|[@,:?*]/.test(path.replace(/'[^']*'|"[^"]*"/g, ''));

const opens = (value: Json): boolean => typeof value === 'string' && value.startsWith('{%');

/** Whether a text is a JSONata expression. */
export const isExpression = (value: Json): boolean =>
  typeof value === 'string' && value.length > 3 && value.startsWith('{%') && value.endsWith('%}');

const BRACES = 'JSONata string must start with {% and end with %}';

/** Expects a JSON type, named as AWS names it. */
const typed =
  (name: string, test: (value: Json) => boolean, then?: Check): Check =>
  (value, at, field, context) => {
    if (!test(value)) context.findings.schema(at, `Expected value of type ${name}`);
    else then?.(value, at, field, context);
  };

const isText = (value: Json): value is string => typeof value === 'string';

const range: Check = (value, at, { least, most }, { findings }) => {
  if (least !== undefined && Number(value) < least) findings.schema(at, `Minimum value is ${least}`);
  if (most !== undefined && Number(value) > most) findings.schema(at, `Maximum value is ${most}`);
};

const path: Check = (value, at, _field, { findings }) => {
  if (!isPath(String(value))) findings.schema(at, 'Value must be a valid JSONPath.');
};

const referencePath: Check = (value, at, field, context) => {
  const isElsewhere = field.isPlace && /^\$[^.[]/.test(String(value));
  if (isElsewhere || isManifold(String(value))) context.findings.schema(at, 'Value is not a Reference Path');
  else path(value, at, field, context);
};

const pathOrIntrinsic: Check = (value, at, _field, { findings }) => {
  if (!compiles(() => compileExpression(String(value)))) {
    findings.schema(at, 'Value must be a valid JSONPath or a valid intrinsic function call');
  }
};

const oneOf: Check = (value, at, { values = [] }, { findings }) => {
  if (!values.includes(String(value))) {
    findings.schema(at, `Value should be one of the following: [${values.join(', ')}]`);
  }
};

const timestamp: Check = (value, at, _field, { findings }) => {
  if (timestampMs(value) === undefined) findings.schema(at, 'String does not match RFC3339 timestamp');
};

/** A payload template of JSONPath: AWS names the template's field as the place, however deep the fault lies. */
const template = (value: Json, at: string, findings: Findings): void => {
  if (isArray(value)) {
    for (const item of value) template(item, at, findings);
    return;
  }
  if (!isObject(value)) return;
  for (const [key, item] of Object.entries(value)) {
    if (!key.endsWith('.$')) template(item, at, findings);
    else if (typeof item !== 'string' || !compiles(() => compileExpression(item))) {
      const rule = 'must be a valid JSONPath or a valid intrinsic function call';
      findings.schema(at, `The value for the field '${key}' ${rule}`);
    }
  }
};

/** A value that may have JSONata expressions anywhere. */
const expressions = (value: Json, at: string, findings: Findings): void => {
  if (opens(value) && !isExpression(value)) findings.schema(at, BRACES);
  if (isArray(value)) {
    for (const [index, item] of value.entries()) expressions(item, `${at}[${index}]`, findings);
  } else if (isObject(value)) {
    for (const [key, item] of Object.entries(value)) expressions(item, `${at}/${key}`, findings);
  }
};

const payload: Check = (value, at, _field, { language, findings }) =>
  (language === 'JSONata' ? expressions : template)(value, at, findings);

const VARIABLE = /^\p{ID_Start}\p{ID_Continue}*$/u;
const MAX_VARIABLE_CHARS = 80;

/** Assign: names of variables and what they become. */
const assignments: Check = (value, at, field, context) => {
  for (const key of isObject(value) ? Object.keys(value) : []) {
    const name = context.language === 'JSONPath' && key.endsWith('.$') ? key.slice(0, -2) : key;
    if (name === 'states') {
      context.findings.error('RESERVED_VARIABLE_NAME', "Cannot assign to reserved variable '$states'.", at);
    } else if (!VARIABLE.test(name)) {
      const reason = 'the variable name contains invalid characters.';
      context.findings.error('INVALID_VARIABLE_NAME', `Invalid variable name '${name}': ${reason}`, at);
    } else if (name.length > MAX_VARIABLE_CHARS) {
      const reason = `the variable name exceeds the ${MAX_VARIABLE_CHARS}-character limit.`;
      context.findings.error('INVALID_VARIABLE_NAME', `Invalid variable name '${name}': ${reason}`, at);
    }
  }
  payload(value, at, field, context);
};

const strings: Check = (value, at, field, { findings }) => {
  const items = isArray(value) ? value : [];
  if (items.length === 0 && field.isFilled) findings.schema(at, 'Value cannot be empty');
  for (const [index, item] of items.entries()) {
    if (!isText(item)) findings.schema(`${at}[${index}]`, 'Expected value of type [STRING]');
  }
};

const condition: Check = (value, at, _field, { findings }) => {
  if (typeof value !== 'boolean' && !isExpression(value)) findings.schema(at, BRACES);
};

/** The checks of values that have no fields of the language themselves. */
export const VALUE_CHECKS: Readonly<Partial<Record<Kind, Check>>> = {
  any: () => undefined,
  array: typed('[ARRAY]', isArray, payload),
  assignments: typed('[OBJECT]', isObject, assignments),
  boolean: typed('[BOOLEAN]', (value) => typeof value === 'boolean'),
  condition,
  enum: typed('[STRING]', isText, oneOf),
  integer: typed('Integer', (value) => typeof value === 'number' && Number.isInteger(value), range),
  number: typed('Number', (value) => typeof value === 'number', range),
  path: typed('[STRING]', isText, path),
  pathOrIntrinsic: typed('[STRING]', isText, pathOrIntrinsic),
  payload,
  referencePath: typed('[STRING]', isText, referencePath),
  string: typed('[STRING]', isText),
  strings: typed('[ARRAY]', isArray, strings),
  timestamp: typed('[STRING]', isText, timestamp),
};

/** Looks at a value: null and expressions where they may stand, else what its kind asks. */
export const checkValue = (value: Json, at: string, field: Field, context: Context, check: Check): void => {
  if (value === null && field.isNullable) return;
  if (field.isComputed && context.language === 'JSONata' && opens(value)) {
    if (!isExpression(value)) context.findings.schema(at, BRACES);
    return;
  }
  check(value, at, field, context);
};
