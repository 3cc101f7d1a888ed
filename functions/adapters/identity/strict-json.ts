import { policy } from './policy.ts';
import { refuse } from './refuse.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** In JSON, a string with a colon after it is a name, and no other string has one. */
const strings = /"(?:[^"\\]|\\.)*"(\s*:)?/gs;
const reserved: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const namesIn = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(namesIn);
  return isObject(value) ? Object.entries(value).flatMap(([name, inner]) => [name, ...namesIn(inner)]) : [];
};

const depthOf = (text: string): number => {
  let depth = 0;
  let deepest = 0;
  for (const [bracket] of text.replace(strings, '').matchAll(/[[\]{}]/g)) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1;
    deepest = Math.max(deepest, depth);
  }
  return deepest;
};

const parse = (bytes: Uint8Array, part: string): { text: string; value: unknown } => {
  try {
    const text = utf8.decode(bytes);
    return { text, value: JSON.parse(text) };
  } catch (error) {
    return refuse(`its ${part} is not JSON in UTF-8`, error);
  }
};

/**
 * A JSON object that every reader reads alike: UTF-8, no name twice, none of JavaScript's own, a few levels at most.
 * A name that stands twice is found by counting: the text has more names than its value. @throws token-refused
 */
export const parseStrict = (bytes: Uint8Array, part: string): Record<string, unknown> => {
  const { text, value } = parse(bytes, part);
  if (!isObject(value)) return refuse(`its ${part} is not a JSON object`);
  if (depthOf(text) > policy.depthMax) return refuse(`its ${part} has more than ${policy.depthMax} levels`);
  const names = namesIn(value);
  const written = [...text.matchAll(strings)].filter(([, colon]) => colon !== undefined);
  if (written.length !== names.length) return refuse(`its ${part} has a name twice`);
  if (names.some((name) => reserved.has(name))) return refuse(`its ${part} has a name that no token needs`);
  return value;
};
