/** A JSON value. Values are shared between states and never changed in place. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. */
export type JsonObject = { readonly [key: string]: Json };

/** Deeper nesting than this is refused at every edge, so that no recursion over a value can exhaust the stack. */
export const MAX_DEPTH = 1000;

/** Tells an object from arrays and scalars. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Tells an array (`Array.isArray` loses readonly element types). */
export const isArray = (value: unknown): value is readonly Json[] => Array.isArray(value);

/** Reads an own property only, so that `constructor` or `__proto__` are never found by accident. */
export const own = (value: JsonObject, key: string): Json | undefined =>
  Object.hasOwn(value, key) ? value[key] : undefined;

/** Defines `key` as an own property of a fresh object, also when it is called `__proto__`. */
export const put = (target: Record<string, Json>, key: string, value: Json): void => {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[key] = value;
  }
};

const isDeeperThan = (value: Json, levels: number): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (levels === 0 || Object.values(value).some((child) => isDeeperThan(child, levels - 1)));

/** Parses strangers' JSON text; `undefined` if it is none, or nests deeper than `MAX_DEPTH`. */
export const parseJson = (text: string): Json | undefined => {
  try {
    const value: Json = JSON.parse(text);
    // Every level takes two characters, so short texts need no look.
    return text.length > MAX_DEPTH * 2 && isDeeperThan(value, MAX_DEPTH) ? undefined : value;
  } catch {
    return undefined;
  }
};

const scalarSize = (value: Json, limitBytes: number): number => {
  if (typeof value === 'string' && value.length > limitBytes) return value.length;
  return Buffer.byteLength(JSON.stringify(value));
};

const arraySize = (value: readonly Json[], limitBytes: number, depth: number): number => {
  let size = 1 + Math.max(1, value.length);
  for (const item of value) {
    size += jsonSize(item, limitBytes - size, depth + 1);
    if (size > limitBytes) break;
  }
  return size;
};

const objectSize = (value: JsonObject, limitBytes: number, depth: number): number => {
  const entries = Object.entries(value);
  let size = 1 + Math.max(1, entries.length);
  for (const [key, item] of entries) {
    size += scalarSize(key, limitBytes) + 1 + jsonSize(item, limitBytes - size, depth + 1);
    if (size > limitBytes) break;
  }
  return size;
};

/**
 * UTF-8 bytes of the value's JSON text, counted without making it. Stops as soon as it exceeds `limitBytes`: values share
 * parts, so the text of a small one can be astronomically long. Cost: the smaller of value and limit.
 */
export function jsonSize(value: Json, limitBytes: number, depth = 0): number {
  if (depth > MAX_DEPTH) return Number.POSITIVE_INFINITY;
  if (isArray(value)) return arraySize(value, limitBytes, depth);
  return isObject(value) ? objectSize(value, limitBytes, depth) : scalarSize(value, limitBytes);
}

/** Structural equality of two values, without regard to the order of keys; `spend` is told what it takes, in steps. */
export const isEqual = (a: Json, b: Json, spend?: (steps: number) => void): boolean => {
  if (typeof a === 'string' && typeof b === 'string' && a.length === b.length) spend?.(a.length >> 6);
  if (a === b) return true;
  if (isArray(a)) {
    if (!isArray(b) || a.length !== b.length) return false;
    spend?.(a.length);
    return a.every((item, at) => isEqual(item, b[at] ?? null, spend));
  }
  return isObject(a) && isObject(b) && isEqualObject(a, b, spend);
};

const isEqualObject = (a: JsonObject, b: JsonObject, spend?: (steps: number) => void): boolean => {
  const keys = Object.keys(a);
  spend?.(keys.length);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => {
    const other = own(b, key);
    return other !== undefined && isEqual(a[key] ?? null, other, spend);
  });
};

/** The start of a value's JSON text, for messages; long text is cut. */
export const excerpt = (value: Json, maxChars = 1000): string => {
  if (jsonSize(value, 65_536) > 65_536) return '(a large document)';
  const text = JSON.stringify(value);
  return text.length > maxChars ? `${text.slice(0, maxChars)}…` : text;
};
