import { runtimeFailure } from '../failure.ts';
import { excerpt, isArray, isObject, type Json, type JsonObject, jsonSize, put } from '../json.ts';
import { LEVEL_BYTES } from '../limits.ts';
import { compileExpression } from './expression.ts';
import { compilePath } from './json-path.ts';
import type { Expression, Scope } from './scope.ts';

/** A compiled Parameters, ResultSelector or ItemSelector. */
export type PayloadTemplate = {
  readonly evaluate: Expression;
  /** Its value if it reads nothing. */
  readonly constant: { readonly value: Json } | undefined;
  /** Upper bound of the size of its value: `staticBytes + pathCount × size of the document`; unbounded ones are measured. */
  readonly staticBytes: number;
  readonly pathCount: number;
  readonly isBounded: boolean;
};

type Problem = (at: string, message: string) => void;

const constant = (value: Json): PayloadTemplate => ({
  constant: { value },
  evaluate: () => value,
  staticBytes: jsonSize(value, 1_048_576),
  pathCount: 0,
  isBounded: true,
});

/** True for a path to an element that an array does not have, which AWS takes for null here and nowhere else. */
const isPastEnd = (text: string, { data, meter }: Scope): boolean => {
  const array = /^(\$[.[].*)\[\d+\]$/s.exec(text)?.[1];
  meter.spendText(text.length);
  return array !== undefined && isArray(compilePath(array).read(data, meter));
};

const field = (key: string, value: Json, at: string, problem: Problem): PayloadTemplate => {
  const name = key.slice(0, -2);
  if (typeof value !== 'string') {
    problem(at, `The value for the field '${key}' must be a valid JSONPath or a valid intrinsic function call`);
    return constant(null);
  }
  try {
    const { read, isBounded } = compileExpression(value);
    const evaluate: Expression = (scope) => {
      const found = read(scope);
      if (found !== undefined) return found;
      if (isPastEnd(value, scope)) return null;
      const where = value.startsWith('$$') ? scope.context() : scope.data;
      throw runtimeFailure(
        `The JSONPath '${value}' specified for the field '${name}.$' could not be found in the input '${excerpt(where)}'`,
      );
    };
    return { evaluate, constant: undefined, staticBytes: 0, pathCount: 1, isBounded };
  } catch {
    problem(at, `The value for the field '${key}' must be a valid JSONPath or a valid intrinsic function call`);
    return constant(null);
  }
};

type Entry = { readonly key: string; readonly template: PayloadTemplate };

const totals = (entries: readonly Entry[]): Omit<PayloadTemplate, 'evaluate'> => ({
  constant: undefined,
  staticBytes: entries.reduce((sum, { key, template }) => sum + key.length * 6 + 4 + template.staticBytes, LEVEL_BYTES),
  pathCount: entries.reduce((sum, { template }) => sum + template.pathCount, 0),
  isBounded: entries.every(({ template }) => template.isBounded),
});

const objectTemplate = (source: JsonObject, at: string, problem: Problem): PayloadTemplate => {
  const entries = Object.entries(source).map(([key, value]): Entry => {
    const where = `${at}/${key}`;
    return key.endsWith('.$')
      ? { key: key.slice(0, -2), template: field(key, value, where, problem) }
      : { key, template: compileTemplate(value, where, problem) };
  });
  if (entries.every(({ template }) => template.constant)) return constant(source);
  return {
    ...totals(entries),
    evaluate: (scope) => {
      const result: Record<string, Json> = {};
      for (const { key, template } of entries) put(result, key, template.evaluate(scope));
      return result;
    },
  };
};

const arrayTemplate = (source: readonly Json[], at: string, problem: Problem): PayloadTemplate => {
  const entries = source.map(
    (value, index): Entry => ({
      key: '',
      template: compileTemplate(value, `${at}[${index}]`, problem),
    }),
  );
  if (entries.every(({ template }) => template.constant)) return constant(source);
  return {
    ...totals(entries),
    evaluate: (scope) => entries.map(({ template }) => template.evaluate(scope)),
  };
};

/** Compiles a payload template; parts without `.$` fields become shared constants. Cost of a use: its dynamic part. */
export function compileTemplate(source: Json, at: string, problem: Problem): PayloadTemplate {
  if (isObject(source)) return objectTemplate(source, at, problem);
  return isArray(source) ? arrayTemplate(source, at, problem) : constant(source);
}
