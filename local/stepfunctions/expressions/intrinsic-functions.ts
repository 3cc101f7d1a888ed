import { createHash } from 'node:crypto';
import { StateFailure } from '../failure.ts';
import { HASHES } from '../hashes.ts';
import { isArray, isEqual, isObject, type Json, jsonSize, parseJson } from '../json.ts';
import type { Meter } from '../meter.ts';
import type { Scope } from './scope.ts';

/** An intrinsic function: how many arguments it takes, and what it does with them. */
export type IntrinsicFunction = {
  readonly arity: readonly [least: number, most: number];
  readonly run: Run;
};

type Run = (args: readonly Json[], around: Pick<Scope, 'random' | 'meter'>) => Json;

const MAX_TEXT_BYTES = 262_144;
const MAX_ARRAY = 1000;
const MAX_BASE64_CHARS = 10_000;

/** The failure every intrinsic reports. */
export const intrinsicFailure = (reason: string): StateFailure =>
  new StateFailure('States.IntrinsicFailure', reason, true);

const fail = (reason: string): never => {
  throw intrinsicFailure(reason);
};

const text = (value: Json | undefined): string =>
  typeof value === 'string' ? value : fail('the argument must be a string');

const array = (value: Json | undefined): readonly Json[] =>
  isArray(value) ? value : fail('the argument must be an array');

const integer = (value: Json | undefined): number =>
  typeof value === 'number' && Number.isFinite(value) ? Math.round(value) : fail('the argument must be a number');

const found = (value: Json | undefined, reason: string): Json => (value === undefined ? fail(reason) : value);

const serialise = (value: Json, meter: Meter): string => {
  const sizeBytes = jsonSize(value, MAX_TEXT_BYTES);
  meter.spendText(sizeBytes);
  return sizeBytes > MAX_TEXT_BYTES ? fail(`the text would exceed ${MAX_TEXT_BYTES} bytes`) : JSON.stringify(value);
};

/** An argument that is a text, which is about to be read from end to end. */
const counted = (value: Json | undefined, meter: Meter): string => {
  const whole = text(value);
  meter.spendText(whole.length);
  return whole;
};

const format: Run = (args, { meter }) => {
  const template = counted(args[0], meter);
  let next = 1;
  const result = template.replace(/\\([{}\\])|\{\}/g, (_place, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped;
    const value = args[next++];
    if (value === undefined) return fail('there are more {} than arguments');
    return typeof value === 'string' ? counted(value, meter) : serialise(value, meter);
  });
  return next === args.length ? result : fail('there are more arguments than {}');
};

const range: Run = ([first, last, step], { meter }) => {
  const from = integer(first);
  const to = integer(last);
  const by = integer(step);
  if (by === 0) return fail('the increment must not be 0');
  const count = Math.max(0, Math.floor((to - from) / by) + 1);
  if (count > MAX_ARRAY) return fail(`the array would have more than ${MAX_ARRAY} elements`);
  meter.spend(count);
  return Array.from({ length: count }, (_, at) => from + at * by);
};

const partition: Run = ([value, size], { meter }) => {
  const items = array(value);
  const length = integer(size);
  if (length < 1) return fail('the chunk size must be positive');
  meter.spend(items.length);
  return Array.from({ length: Math.ceil(items.length / length) }, (_, at) =>
    items.slice(at * length, at * length + length),
  );
};

const unique: Run = ([value], { meter }) => {
  const seen = new Set<string>();
  return array(value).filter((item) => {
    const key = serialise(item, meter);
    return seen.has(key) ? false : seen.add(key);
  });
};

const contains: Run = ([value, wanted], { meter }) => {
  const other = found(wanted, 'an argument is missing');
  return array(value).some((each) => {
    meter.spend(1);
    return isEqual(each, other, (steps) => meter.spend(steps));
  });
};

const merge: Run = ([first, second, isDeep], { meter }) => {
  if (!isObject(first) || !isObject(second)) return fail('both arguments must be objects');
  if (isDeep !== false) return fail('only the shallow merging mode is supported; the third argument must be false');
  meter.spend(Object.keys(first).length + Object.keys(second).length);
  return { ...first, ...second };
};

const hash: Run = ([value, algorithm], { meter }) => {
  const name = HASHES.get(text(algorithm)) ?? fail('the algorithm must be MD5, SHA-1, SHA-256, SHA-384 or SHA-512');
  const data = found(value, 'an argument is missing');
  return createHash(name)
    .update(typeof data === 'string' ? counted(data, meter) : serialise(data, meter))
    .digest('hex');
};

const decode: Run = ([value], { meter }) => {
  const encoded = counted(value, meter);
  if (encoded.length > MAX_BASE64_CHARS) return fail(`the argument exceeds ${MAX_BASE64_CHARS} characters`);
  return Buffer.from(encoded, 'base64').toString('utf8');
};

const encode: Run = ([value], { meter }) => {
  const plain = counted(value, meter);
  if (plain.length > MAX_BASE64_CHARS) return fail(`the argument exceeds ${MAX_BASE64_CHARS} characters`);
  return Buffer.from(plain, 'utf8').toString('base64');
};

/** The end is exclusive. With a seed the same number comes every time, as AWS documents. */
const mathRandom: Run = (args, { random }) => {
  const from = integer(args[0]);
  const to = integer(args[1]);
  if (to <= from) return fail('the end must be greater than the start');
  if (args[2] === undefined) return from + Math.floor(random().fraction() * (to - from));
  const bits = createHash('sha256')
    .update(String(integer(args[2])))
    .digest()
    .readUIntBE(0, 6);
  return from + Math.floor((bits / 2 ** 48) * (to - from));
};

const split: Run = ([value, separators], { meter }) => {
  const signs = new Set(counted(separators, meter));
  const parts: string[] = [''];
  const whole = text(value);
  meter.spend(whole.length >> 1);
  for (const char of whole) {
    if (signs.has(char)) parts.push('');
    else parts.push((parts.pop() ?? '') + char);
  }
  return parts.filter((part) => part !== '');
};

const item = ([value, index]: readonly Json[]): Json =>
  found(array(value)[integer(index)], 'the index is outside the array');

const fromText: Run = ([value], { meter }) => found(parseJson(counted(value, meter)), 'the argument is not JSON');

/** All intrinsic functions of the JSONPath language, by name. */
export const INTRINSIC_FUNCTIONS: ReadonlyMap<string, IntrinsicFunction> = new Map<string, IntrinsicFunction>([
  ['States.Format', { arity: [1, 100], run: format }],
  ['States.StringToJson', { arity: [1, 1], run: fromText }],
  [
    'States.JsonToString',
    { arity: [1, 1], run: ([value], { meter }) => serialise(found(value, 'an argument is missing'), meter) },
  ],
  ['States.Array', { arity: [0, 1000], run: (args) => args }],
  ['States.ArrayPartition', { arity: [2, 2], run: partition }],
  ['States.ArrayContains', { arity: [2, 2], run: contains }],
  ['States.ArrayRange', { arity: [3, 3], run: range }],
  ['States.ArrayGetItem', { arity: [2, 2], run: item }],
  ['States.ArrayLength', { arity: [1, 1], run: ([value]) => array(value).length }],
  ['States.ArrayUnique', { arity: [1, 1], run: unique }],
  ['States.Base64Encode', { arity: [1, 1], run: encode }],
  ['States.Base64Decode', { arity: [1, 1], run: decode }],
  ['States.Hash', { arity: [2, 2], run: hash }],
  ['States.JsonMerge', { arity: [3, 3], run: merge }],
  ['States.MathRandom', { arity: [2, 3], run: mathRandom }],
  ['States.MathAdd', { arity: [2, 2], run: ([a, b]) => integer(a) + integer(b) }],
  ['States.StringSplit', { arity: [2, 2], run: split }],
  ['States.UUID', { arity: [0, 0], run: (_args, { random }) => random().uuid() }],
]);
