import { isDeepStrictEqual } from 'node:util';
import type { Kept, KeptObject } from './kept.ts';
import { isMomentary, lasting } from './moments.ts';

/** What of two papilios is compared: by name, what each has to say. */
type Said = ReadonlyMap<string, unknown>;

const recordsOf = ({ records }: Kept): Said =>
  new Map(
    records
      .filter(({ noun, doc }) => !isMomentary(noun, doc))
      .map(({ plane, noun, key, doc }) => [`${plane} ${noun} ${key}`, lasting(noun, key, doc)]),
  );

const objectsOf = (bucket: string, objects: readonly KeptObject[]): [string, unknown][] =>
  objects.map(({ key, facts }) => [`${bucket} object ${key}`, facts]);

const saidBy = (kept: Kept): Said =>
  new Map([...recordsOf(kept), ...objectsOf('archive', kept.archive), ...objectsOf('outputs', kept.outputs)]);

const isBranch = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));

/** Where two values differ, to the leaf: `path: one, other`. */
const leavesOf = (one: unknown, other: unknown, path: string): string[] => {
  if (isDeepStrictEqual(one, other)) return [];
  if (!isBranch(one) || !isBranch(other) || Array.isArray(one) !== Array.isArray(other))
    return [`${path}: ${shown(one)}, ${shown(other)}`];
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].flatMap((name) => leavesOf(one[name], other[name], `${path}.${name}`));
};

/** What two papilios that played the same do not have alike, one line each, with what the first says and the second. */
export const differencesOf = (one: Kept, other: Kept): readonly string[] => {
  const [here, there] = [saidBy(one), saidBy(other)];
  const names = [...new Set([...here.keys(), ...there.keys()])].sort();
  return names.flatMap((name) => {
    if (!here.has(name)) return [`${name}: only the second has it`];
    if (!there.has(name)) return [`${name}: only the first has it`];
    return leavesOf(here.get(name), there.get(name), name);
  });
};

/** How much was compared, in words: nothing that is equal to nothing proves anything. */
export const countOf = (kept: Kept): { readonly records: number; readonly objects: number } => ({
  records: recordsOf(kept).size,
  objects: kept.archive.length + kept.outputs.length,
});
