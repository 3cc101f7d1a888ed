import { isArray, isObject, type Json } from '../../stepfunctions/json.ts';

/** How an array is written in a form. */
export type ArrayFormat = 'INDICES' | 'REPEAT' | 'COMMAS' | 'BRACKETS';

const textOf = (value: Json): string => (value === null ? '' : String(value));

const isScalar = (value: Json): boolean => !isArray(value) && !isObject(value);

const KEYS: Readonly<Record<Exclude<ArrayFormat, 'COMMAS'>, (key: string, at: number) => string>> = {
  INDICES: (key, at) => `${key}[${at}]`,
  REPEAT: (key) => key,
  BRACKETS: (key) => `${key}[]`,
};

const arrayPairs = (key: string, values: readonly Json[], format: ArrayFormat): string[] => {
  if (format === 'COMMAS' && values.every(isScalar)) {
    return [`${encodeURIComponent(key)}=${values.map((value) => encodeURIComponent(textOf(value))).join(',')}`];
  }
  // What is no list of scalars has no form with commas.
  const keyOf = KEYS[format === 'COMMAS' ? 'INDICES' : format];
  return values.flatMap((value, at) => pairsOf(keyOf(key, at), value, format));
};

const pairsOf = (key: string, value: Json, format: ArrayFormat): string[] => {
  if (isArray(value)) return arrayPairs(key, value, format);
  if (!isObject(value)) return [`${encodeURIComponent(key)}=${encodeURIComponent(textOf(value))}`];
  return Object.entries(value).flatMap(([name, part]) => pairsOf(key === '' ? name : `${key}[${name}]`, part, format));
};

/** A value as the text of a form: `{"a": {"b": [1, 2]}}` is `a%5Bb%5D%5B0%5D=1&a%5Bb%5D%5B1%5D=2` with indices. */
export const formOf = (value: Json, format: ArrayFormat): string =>
  isObject(value) ? pairsOf('', value, format).join('&') : textOf(value);
