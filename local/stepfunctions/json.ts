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

const QUOTE = 34;
const BACKSLASH = 92;
const isOpening = (code: number): boolean => code === 91 || code === 123;
const isClosing = (code: number): boolean => code === 93 || code === 125;

/** True if the text nests deeper than `MAX_DEPTH`. Text too short to do so is not looked at. */
export const isTooDeep = (text: string): boolean => {
  if (text.length <= MAX_DEPTH * 2) return false;
  let depth = 0;
  let isString = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (isString) {
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) isString = false;
    } else if (code === QUOTE) isString = true;
    else if (isOpening(code) && ++depth > MAX_DEPTH) return true;
    else if (isClosing(code)) depth--;
  }
  return false;
};

/** Parses strangers' JSON text; `undefined` if it is none, or nests too deep. */
export const parseJson = (text: string): Json | undefined => {
  if (isTooDeep(text)) return undefined;
  try {
    const value: Json = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
};

const stringSize = (text: string): number => {
  let size = text.length + 2;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE || code === BACKSLASH) size += 1;
    else if (code < 32) size += code === 10 || code === 13 || code === 9 || code === 8 || code === 12 ? 1 : 5;
    else if (code > 127) size += code > 2047 && (code < 0xd800 || code > 0xdfff) ? 2 : 1;
  }
  return size;
};

const scalarSize = (value: Json): number => {
  if (typeof value === 'string') return stringSize(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value).length : 4;
  return value === false ? 5 : 4;
};

/**
 * UTF-8 bytes of the value's JSON text, counted without making it. Stops as soon as it exceeds `limitBytes`: values share
 * parts, so the text of a small one can be astronomically long. Cost: the smaller of value and limit.
 */
export const jsonSize = (value: Json, limitBytes: number, depth = 0): number => {
  if (typeof value !== 'object' || value === null) return scalarSize(value);
  if (depth > MAX_DEPTH) return Number.POSITIVE_INFINITY;
  let size = 2;
  let count = 0;
  if (isArray(value)) {
    for (const item of value) {
      size += jsonSize(item, limitBytes - size, depth + 1) + (count++ > 0 ? 1 : 0);
      if (size > limitBytes) return size;
    }
    return size;
  }
  for (const key of Object.keys(value)) {
    const item = value[key];
    if (item === undefined) continue;
    size += stringSize(key) + 1 + jsonSize(item, limitBytes - size, depth + 1) + (count++ > 0 ? 1 : 0);
    if (size > limitBytes) return size;
  }
  return size;
};

/** Structural equality of two values, without regard to the order of keys. */
export const isEqual = (a: Json, b: Json): boolean => {
  if (a === b) return true;
  if (isArray(a)) return isArray(b) && a.length === b.length && a.every((item, at) => isEqual(item, b[at] ?? null));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((key) => {
    const other = own(b, key);
    return other !== undefined && isEqual(a[key] ?? null, other);
  });
};

/** The start of a value's JSON text, for messages; long text is cut. */
export const excerpt = (value: Json, maxChars = 1000): string => {
  if (jsonSize(value, 65_536) > 65_536) return '(a large document)';
  const text = JSON.stringify(value);
  return text.length > maxChars ? `${text.slice(0, maxChars)}…` : text;
};
