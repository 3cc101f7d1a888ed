import type { Definition } from '../definition.ts';
import { excerpt, isArray, isObject, type Json, type JsonObject } from '../json.ts';
import type { Thread, Turn } from '../model.ts';
import { compileTemplate, evaluationFailure, type Template, type View } from './template.ts';

const typeOf = (value: Json): string => {
  if (value === null) return 'null';
  if (isArray(value)) return 'array';
  return isObject(value) ? 'object' : typeof value;
};

/** Reads a field of a state. */
type Read<T> = (turn: Turn, thread: Thread, view: View) => T;

/** The words that begin every complaint about a field's value. */
const named = ({ source, at }: Template): string =>
  source === undefined
    ? `The value specified for the field '${at}'`
    : `The JSONata expression '${source}' specified for the field '${at}'`;

const compileTyped = <T extends Json>(
  definition: Definition,
  field: string,
  expected: string,
  is: (value: Json) => value is T,
): { readonly template: Template; readonly read: Read<T> } | undefined => {
  const template = compileTemplate(definition, field);
  if (!template) return undefined;
  return {
    template,
    read: (turn, thread, view) => {
      const value = template.evaluate(turn, thread, view);
      if (is(value)) return value;
      const what = `Expected '${expected}', but was '${typeOf(value)}' for value: ${excerpt(value)}`;
      throw evaluationFailure(template.at, `${named(template)} returned an unexpected result type. ${what}`);
    },
  };
};

const isText = (value: Json): value is string => typeof value === 'string';
const isNumber = (value: Json): value is number => typeof value === 'number';
const isBoolean = (value: Json): value is boolean => typeof value === 'boolean';

/** A field that must come to a text. */
export const compileTextField = (definition: Definition, field: string): Read<string> | undefined =>
  compileTyped(definition, field, 'string', isText)?.read;

/** A field that must come to true or false. */
export const compileBooleanField = (definition: Definition, field: string): Read<boolean> | undefined =>
  compileTyped(definition, field, 'boolean', isBoolean)?.read;

const isItems = (value: Json): value is readonly Json[] | JsonObject => isArray(value) || isObject(value);

/** A field that must come to an array, or where such may be to an object. */
export const compileItemsField = (
  definition: Definition,
  field: string,
  hasObjects: boolean,
): Read<readonly Json[] | JsonObject> | undefined =>
  compileTyped(definition, field, 'array', hasObjects ? isItems : isArray)?.read;

/** A field that must come to a whole number within [least, most]. */
export const compileNumberField = (
  definition: Definition,
  field: string,
  least: number,
  most: number,
): Read<number> | undefined => {
  const typed = compileTyped(definition, field, 'number', isNumber);
  if (!typed) return undefined;
  const { template, read } = typed;
  if (template.constant) definition.number(field, least, most);
  return (turn, thread, view) => {
    const value = read(turn, thread, view);
    if (Number.isInteger(value) && value >= least && value <= most) return value;
    throw evaluationFailure(
      template.at,
      `${named(template)} returned a value that is no integer between ${least} and ${most}: ${value}`,
    );
  };
};
