import { isArray, isObject, type Json } from '../json.ts';

/** What a Map runs over: the elements of an array, or the fields of an object with their names. */
export type Items = { readonly values: readonly Json[]; readonly keys?: readonly string[] };

/** The items that a value is made of; none if it is neither an array nor, where such may be, an object. */
export const itemsIn = (value: Json | undefined, hasObjects: boolean): Items | undefined => {
  if (value === undefined) return undefined;
  if (isArray(value)) return { values: value };
  return hasObjects && isObject(value) ? { values: Object.values(value), keys: Object.keys(value) } : undefined;
};

/** What an iteration gets if there is no ItemSelector: an element as it is, a field of an object as a pair. */
export const inputOf = (value: Json, key: string | undefined): Json =>
  key === undefined ? value : { Key: key, Value: value };
