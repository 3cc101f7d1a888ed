import { isArray, isObject, type Json, type JsonObject, own } from '../json.ts';
import { EXTRA_CHECKS } from './extra.ts';
import type { Field, Kind, Language, Shape } from './fields.ts';
import { SHAPES } from './part-shapes.ts';
import { checkRules } from './rules.ts';
import { STATE_SHAPES } from './state-shapes.ts';
import { type Check, type Context, checkValue, VALUE_CHECKS } from './values.ts';

/** Says whether a field counts for an alternative: `"End": false` is no end. */
const isGiven = (object: JsonObject, field: string): boolean => {
  const value = own(object, field);
  return value !== undefined && (field !== 'End' || value !== false);
};

const checkAlternatives = (object: JsonObject, shape: Shape, at: string, { findings }: Context): void => {
  for (const { of, isNeeded } of shape.alternatives) {
    const count = of.filter((field) => isGiven(object, field)).length;
    const names = `[${of.join(', ')}]`;
    if (count > 1) findings.schema(at, `There should only be one of the following fields: ${names}`);
    if (count === 0 && isNeeded) {
      findings.schema(at, `This object should have only one of the following fields: ${names}`);
    }
  }
};

const other = (language: Language): Language => (language === 'JSONata' ? 'JSONPath' : 'JSONata');

/** Whether a field may stand here; complains if not. */
const isAllowed = (name: string, field: Field | undefined, at: string, context: Context): boolean => {
  const { language, findings } = context;
  if (!field || (field.isDistributed && !context.isDistributed)) {
    findings.schema(at, `Field '${name}' is not supported`);
    return false;
  }
  if (field.only === other(language)) {
    const rule = `but field '${name}' is only supported for the '${field.only}' QueryLanguage`;
    findings.schema(at, `The QueryLanguage is set to '${language}', ${rule}`);
    return false;
  }
  return true;
};

const checkRequired = (object: JsonObject, shape: Shape, at: string, { findings }: Context): void => {
  const missing = Object.entries(shape.fields).flatMap(([name, { isRequired }]) =>
    isRequired && own(object, name) === undefined ? [name] : [],
  );
  if (missing.length > 0) findings.schema(at, `These fields are required: [${missing.join(', ')}]`);
};

const fieldOf = (shape: Shape, name: string): Field | undefined =>
  Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined;

/** Looks at an object of a shape, field by field. */
export function checkObject(value: Json, at: string, shapeName: string, context: Context): void {
  const shape = SHAPES[shapeName];
  if (!isObject(value) || !shape) {
    context.findings.schema(at, 'Expected value of type [OBJECT]');
    return;
  }
  checkRequired(value, shape, at, context);
  for (const [name, item] of Object.entries(value)) {
    const field = fieldOf(shape, name);
    if (!isAllowed(name, field, at, context) || !field) continue;
    const check = VALUE_CHECKS[field.kind] ?? NESTED_CHECKS[field.kind];
    if (check) checkValue(item, `${at}/${name}`, field, contextIn(field, item, context), check);
  }
  checkAlternatives(value, shape, at, context);
  EXTRA_CHECKS[shapeName]?.(value, at, context);
}

/** Inside a ProcessorConfig the mode stands beside what depends on it. */
const contextIn = (field: Field, value: Json, context: Context): Context => {
  if (field.part !== 'ProcessorConfig') return context;
  return { ...context, isDistributed: isObject(value) && own(value, 'Mode') === 'DISTRIBUTED' };
};

/** The language of what says so itself: only the exact word is JSONPath, every other one is JSONata. */
export const languageOf = (object: JsonObject, inherited: Language): Language => {
  const declared = own(object, 'QueryLanguage');
  if (declared === undefined) return inherited;
  return declared === 'JSONPath' ? 'JSONPath' : 'JSONata';
};

const isDistributedMap = (state: JsonObject): boolean => {
  const processor = own(state, 'ItemProcessor') ?? own(state, 'Iterator') ?? null;
  const config = isObject(processor) ? own(processor, 'ProcessorConfig') : undefined;
  return config !== undefined && isObject(config) && own(config, 'Mode') === 'DISTRIBUTED';
};

/** A JSONata machine has no JSONPath states; of such a state only the fields of either language are looked at. */
const DOWNGRADE = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine";

const checkState = (value: Json, at: string, outer: Context): void => {
  const { findings, machineLanguage } = outer;
  if (!isObject(value)) {
    findings.schema(at, 'Expected value of type [OBJECT]');
    return;
  }
  const type = own(value, 'Type');
  if (type === undefined) {
    findings.schema(at, 'These fields are required: [Type]');
    return;
  }
  if (typeof type !== 'string' || !Object.hasOwn(STATE_SHAPES, type)) {
    const names = Object.keys(STATE_SHAPES).join(', ');
    const isText = typeof type === 'string';
    findings.schema(
      `${at}/Type`,
      isText ? `Value should be one of the following: [${names}]` : 'Expected value of type [STRING]',
    );
    return;
  }
  const language = languageOf(value, machineLanguage);
  const context = { ...outer, language, isDistributed: isDistributedMap(value) };
  if (machineLanguage === 'JSONPath' || language === 'JSONata') {
    checkObject(value, at, type, context);
    return;
  }
  findings.schema(at, DOWNGRADE);
  const shape = SHAPES[type];
  const common = Object.entries(value).filter(([name]) => !shape || fieldOf(shape, name)?.only === undefined);
  checkObject(Object.fromEntries(common), at, type, context);
};

const checkStates: Check = (value, at, _field, context) => {
  if (!isObject(value)) {
    context.findings.schema(at, 'Expected value of type [OBJECT]');
    return;
  }
  const states = Object.entries(value);
  if (states.length === 0) context.findings.schema(at, 'Value cannot be empty');
  for (const [name, state] of states) checkState(state, `${at}/${name}`, context);
};

const checkObjects: Check = (value, at, field, context) => {
  if (!isArray(value)) {
    context.findings.schema(at, 'Expected value of type [ARRAY]');
    return;
  }
  if (value.length === 0 && field.isFilled) context.findings.schema(at, 'Value cannot be empty');
  for (const [index, item] of value.entries()) checkObject(item, `${at}[${index}]`, field.part ?? '', context);
};

const NESTED_CHECKS: Readonly<Partial<Record<Kind, Check>>> = {
  object: (value, at, field, context) => checkObject(value, at, field.part ?? '', context),
  objects: checkObjects,
  rules: (value, at, _field, context) => checkRules(value, at, context, true),
  states: checkStates,
  resource: (value, at, _field, { findings }) => {
    if (typeof value !== 'string') findings.schema(at, 'Expected value of type [STRING]');
  },
};
