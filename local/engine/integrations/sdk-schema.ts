import { Buffer } from 'node:buffer';
import { excerpt, isArray, isObject, type Json, type JsonObject } from '../../stepfunctions/json.ts';

/** A parameter that the service's API does not have, or cannot take as it is. */
export class BadParameter extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'BadParameter';
  }
}

/** A shape of a service's API, as the clients' own schemas tell it. */
export type Shape =
  | { readonly kind: 'text' | 'number' | 'time' | 'bytes' | 'stream' | 'any' }
  | { readonly kind: 'list' | 'map'; readonly of: () => Shape }
  | { readonly kind: 'structure'; readonly members: ReadonlyMap<string, Member> };

/** A member of a structure. */
export type Member = { readonly shape: () => Shape; readonly isToken: boolean };

const LIST = 64;
const MAP = 128;
const IDEMPOTENCY_TOKEN = 4;

/** The numbers that stand for simple shapes in the clients' schemas (`@smithy/types`, sentinels). */
const SIMPLE = new Map<number, Shape>([
  [0, { kind: 'text' }],
  [1, { kind: 'number' }],
  [4, { kind: 'time' }],
  [5, { kind: 'time' }],
  [6, { kind: 'time' }],
  [7, { kind: 'time' }],
  [21, { kind: 'bytes' }],
  [42, { kind: 'stream' }],
]);
const ANY: Shape = { kind: 'any' };

const simpleOf = (code: number): Shape => {
  if (code >= MAP) return { kind: 'map', of: () => simpleOf(code - MAP) };
  if (code >= LIST) return { kind: 'list', of: () => simpleOf(code - LIST) };
  return SIMPLE.get(code) ?? ANY;
};

const known = new WeakMap<readonly unknown[], Shape>();

const membersOf = (names: unknown, shapes: unknown): ReadonlyMap<string, Member> => {
  const all = Array.isArray(names) && Array.isArray(shapes) ? names.map((name, at) => [name, shapes[at]]) : [];
  return new Map(
    all.map(([name, shape]) => {
      const isToken = Array.isArray(shape) && shape[1] === IDEMPOTENCY_TOKEN;
      return [String(name), { shape: () => shapeOf(shape), isToken }];
    }),
  );
};

const staticOf = (schema: readonly unknown[]): Shape => {
  const [id, , , , first, second] = schema;
  if (id === 1) return { kind: 'list', of: () => shapeOf(first) };
  if (id === 2) return { kind: 'map', of: () => shapeOf(second) };
  if (id === 3 || id === 4) return { kind: 'structure', members: membersOf(first, second) };
  return id === 0 ? shapeOf(first) : ANY;
};

/** Reads a schema of a client: a number, a table that begins with its kind, a pair with traits, or a function that gives one. */
export const shapeOf = (schema: unknown): Shape => {
  if (typeof schema === 'function') return shapeOf(schema());
  if (typeof schema === 'number') return simpleOf(schema);
  if (!Array.isArray(schema)) return ANY;
  // A table has the name of its service second, a pair has traits.
  if (typeof schema[1] !== 'string') return shapeOf(schema[0]);
  const before = known.get(schema);
  if (before) return before;
  const shape = staticOf(schema);
  known.set(schema, shape);
  return shape;
};

/** Input and output of an action. */
export const actionShapes = (operation: unknown): { readonly input: Shape; readonly output: Shape } => {
  const [, , , , input, output] = Array.isArray(operation) ? operation : [];
  return { input: shapeOf(input), output: shapeOf(output) };
};

const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

const refused = (value: Json, wanted: string): BadParameter =>
  new BadParameter(`The value '${excerpt(value)}' is not ${wanted}`);

const objectOf = (value: Json): JsonObject => {
  if (!isObject(value)) throw refused(value, 'an object');
  return value;
};

const listOf = (value: Json): readonly Json[] => {
  if (!isArray(value)) throw refused(value, 'a list');
  return value;
};

const numberOf = (value: Json): Json => {
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number !== 'number' || Number.isNaN(number)) throw refused(value, 'a number');
  return number;
};

const timeOf = (value: Json): Date => {
  const time = typeof value === 'number' ? new Date(value * 1000) : new Date(textOf(value));
  if (Number.isNaN(time.getTime())) throw refused(value, 'a time');
  return time;
};

/** AWS's Java SDK, whose words Step Functions speaks, has another name for this one. */
const RENAMED = new Map([['Nul', 'NULL']]);

const memberOf = (members: ReadonlyMap<string, Member>, name: string): readonly [string, Member] => {
  const wanted = (RENAMED.get(name) ?? name).toLowerCase();
  const found = /^[A-Z]/.test(name) && [...members].find(([member]) => member.toLowerCase() === wanted);
  if (!found) throw new BadParameter(`The field "${name}" is not supported by Step Functions`);
  return found;
};

const structureTo = (members: ReadonlyMap<string, Member>, value: JsonObject): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) => {
      const [member, { shape }] = memberOf(members, name);
      return item === null ? [] : [[member, toSdk(shape(), item)]];
    }),
  );

const SCALARS = new Map<Shape['kind'], (value: Json) => unknown>([
  ['text', textOf],
  ['number', numberOf],
  ['time', timeOf],
  ['bytes', (value: Json) => Buffer.from(textOf(value), typeof value === 'string' ? 'base64' : 'utf8')],
  ['stream', (value: Json) => Buffer.from(JSON.stringify(value))],
]);

const mapTo = (of: () => Shape, value: JsonObject): Record<string, unknown> =>
  Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toSdk(of(), item)]));

/**
 * A parameter as the client takes it. What a text is wanted for and is none becomes its JSON; bytes are base64, and what
 * is streamed, such as an object's body, is the value's JSON.
 */
export const toSdk = (shape: Shape, value: Json): unknown => {
  if (shape.kind === 'structure') return structureTo(shape.members, objectOf(value));
  if (shape.kind === 'list') return listOf(value).map((item) => toSdk(shape.of(), item));
  if (shape.kind === 'map') return mapTo(shape.of, objectOf(value));
  const convert = SCALARS.get(shape.kind);
  return convert ? convert(value) : value;
};

const capitalised = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase();

/** A member's name as AWS's Java SDK has it, and so Step Functions: `executionArn` is `ExecutionArn`, `MD5OfBody` is `Md5OfBody`. */
export const sdkName = (member: string): string => {
  if (member === 'NULL') return 'Nul';
  return member
    .split(/(?<=[a-z])(?=[A-Z][a-zA-Z0-9])/)
    .join(' ')
    .replaceAll(/(?<=[A-Z])(?=[A-Z][a-z])/g, ' ')
    .replaceAll(/([0-9])([a-zA-Z])/g, '$1 $2')
    .split(' ')
    .map(capitalised)
    .join('');
};

const timeText = (value: unknown): string | undefined =>
  value instanceof Date ? value.toISOString().replace('.000Z', 'Z') : undefined;

type Named = (member: string) => string;

const structureFrom = (members: ReadonlyMap<string, Member>, value: object, named: Named): JsonObject =>
  Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) => {
      const member = members.get(name);
      return member === undefined || item === undefined ? [] : [[named(name), fromSdk(member.shape(), item, named)]];
    }),
  );

const scalarFrom = (value: unknown): Json => {
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
};

/** A client's answer as JSON: times are ISO texts, bytes base64. */
export const fromSdk = (shape: Shape, value: unknown, named: Named): Json => {
  if (typeof value !== 'object' || value === null) return scalarFrom(value);
  if (shape.kind === 'structure') return structureFrom(shape.members, value, named);
  if (shape.kind === 'list') return Array.isArray(value) ? value.map((item) => fromSdk(shape.of(), item, named)) : [];
  if (shape.kind === 'map') {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromSdk(shape.of(), item, named)]));
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  return timeText(value) ?? null;
};
