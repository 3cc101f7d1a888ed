import { BlockList, isIP, isIPv6 } from 'node:net';
import { isArray, isObject, type Json, type JsonObject, own } from '../stepfunctions/json.ts';

/** Whether a single value is one that is looked for. */
export type Matches = (value: Json) => boolean;

/** One entry of a pattern's list. */
export type Matcher = { readonly kind: 'value'; readonly matches: Matches } | { readonly kind: 'absent' | 'present' };

/** A pattern that cannot be understood. */
export class InvalidPattern extends Error {
  override readonly name = 'InvalidPattern';
}

const invalid = (where: string, reason: string): InvalidPattern => new InvalidPattern(`${where}: ${reason}`);

const isScalar = (value: Json): boolean => !isArray(value) && !isObject(value);

const textOf = (value: Json | undefined, where: string): string => {
  if (typeof value !== 'string' || value === '') throw invalid(where, 'wants a text that is not empty');
  return value;
};

const onText =
  (test: (text: string) => boolean): Matches =>
  (value) =>
    typeof value === 'string' && test(value);

const lower = (text: string): string => text.toLowerCase();

/** `{"prefix": "a"}`, or `{"prefix": {"equals-ignore-case": "a"}}`. */
const edge =
  (at: 'startsWith' | 'endsWith') =>
  (operand: Json, where: string): Matches => {
    if (!isObject(operand)) {
      const text = textOf(operand, where);
      return onText((value) => value[at](text));
    }
    const text = lower(textOf(own(operand, 'equals-ignore-case'), `${where}.equals-ignore-case`));
    return onText((value) => lower(value)[at](text));
  };

const ignoringCase = (operand: Json, where: string): Matches => {
  const text = lower(textOf(operand, where));
  return onText((value) => lower(value) === text);
};

/** The texts between wildcards: `*` is any text, a backslash takes the next character as it is. */
const piecesOf = (text: string, where: string): readonly string[] => {
  if (/(?<!\\)(?:\\\\)*\*\*/.test(text)) throw invalid(where, 'has two wildcards side by side');
  const tokens = text.match(/\\[*\\]|[^\\]/gs) ?? [];
  if (tokens.join('') !== text) throw invalid(where, 'has a backslash before neither * nor \\');
  const pieces: string[] = [''];
  for (const token of tokens) {
    if (token === '*') pieces.push('');
    else pieces.push((pieces.pop() ?? '') + token.slice(-1));
  }
  return pieces;
};

/** Cost: pieces × length, never more. */
const wildcard = (operand: Json, where: string): Matches => {
  const pieces = piecesOf(textOf(operand, where), where);
  return onText((value) => isInOrder(value, pieces));
};

const isInOrder = (value: string, [first = '', ...rest]: readonly string[]): boolean => {
  const last = rest.at(-1);
  if (last === undefined) return value === first;
  if (!value.startsWith(first) || value.length < first.length + last.length || !value.endsWith(last)) return false;
  let from = first.length;
  for (const piece of rest.slice(0, -1)) {
    const found = value.indexOf(piece, from);
    if (found < 0) return false;
    from = found + piece.length;
  }
  return from <= value.length - last.length;
};

const COMPARISONS: ReadonlyMap<Json, (a: number, b: number) => boolean> = new Map([
  ['=', (a, b) => a === b],
  ['<', (a, b) => a < b],
  ['<=', (a, b) => a <= b],
  ['>', (a, b) => a > b],
  ['>=', (a, b) => a >= b],
]);

/** `{"numeric": [">", 0, "<=", 5]}` */
const numeric = (operand: Json, where: string): Matches => {
  if (!isArray(operand) || operand.length === 0 || operand.length % 2 !== 0) {
    throw invalid(where, 'wants pairs of an operator and a number');
  }
  const tests: ((value: number) => boolean)[] = [];
  for (let at = 0; at < operand.length; at += 2) {
    const compare = COMPARISONS.get(operand[at] ?? null);
    const bound = operand[at + 1];
    if (compare === undefined) throw invalid(where, `does not know ${JSON.stringify(operand[at])}`);
    if (typeof bound !== 'number') throw invalid(where, `cannot compare with ${JSON.stringify(bound)}`);
    tests.push((value) => compare(value, bound));
  }
  return (value) => typeof value === 'number' && tests.every((test) => test(value));
};

const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIPv6(address) ? 'ipv6' : 'ipv4');

const cidr = (operand: Json, where: string): Matches => {
  const [address = '', bits = ''] = textOf(operand, where).split('/');
  const most = isIPv6(address) ? 128 : 32;
  if (isIP(address) === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > most)
    throw invalid(where, 'wants a network such as 10.0.0.0/24');
  const network = new BlockList();
  network.addSubnet(address, Number(bits), familyOf(address));
  // An IPv4 address is not in a network of IPv6, however it is written.
  return onText((value) => isIP(value) === isIP(address) && network.check(value, familyOf(value)));
};

const oneOrMany = (operand: Json): readonly Json[] => (isArray(operand) ? operand : [operand]);

const anyOf =
  (make: (operand: Json, where: string) => Matches) =>
  (operand: Json, where: string): Matches => {
    const all = oneOrMany(operand).map((one) => make(one, where));
    if (all.length === 0) throw invalid(where, 'wants at least one value');
    return (value) => all.some((matches) => matches(value));
  };

const exact = (operand: Json, where: string): Matches => {
  if (!isScalar(operand)) throw invalid(where, 'wants texts, numbers, true, false or null');
  return (value) => value === operand;
};

/** What can stand inside of `anything-but`. */
const BUT: ReadonlyMap<string, (operand: Json, where: string) => Matches> = new Map([
  ['prefix', anyOf(edge('startsWith'))],
  ['suffix', anyOf(edge('endsWith'))],
  ['equals-ignore-case', anyOf(ignoringCase)],
  ['wildcard', anyOf(wildcard)],
]);

const anythingBut = (operand: Json, where: string): Matches => {
  const refused = isObject(operand) ? operatorIn(operand, BUT, where) : anyOf(exact)(operand, where);
  return (value) => !refused(value);
};

const OPERATORS: ReadonlyMap<string, (operand: Json, where: string) => Matches> = new Map([
  ['prefix', edge('startsWith')],
  ['suffix', edge('endsWith')],
  ['equals-ignore-case', ignoringCase],
  ['wildcard', wildcard],
  ['anything-but', anythingBut],
  ['numeric', numeric],
  ['cidr', cidr],
]);

const operatorIn = (entry: JsonObject, known: typeof OPERATORS, where: string): Matches => {
  const [[name, operand] = ['', null], ...more] = Object.entries(entry);
  const make = known.get(name);
  if (make === undefined || more.length > 0) {
    throw invalid(where, `wants one of ${[...known.keys()].join(', ')}, not ${JSON.stringify(entry)}`);
  }
  return make(operand, `${where}.${name}`);
};

/** Compiles one entry of a pattern's list: a value, or an object with one operator. @throws InvalidPattern */
export const compileMatcher = (entry: Json, where: string): Matcher => {
  if (isArray(entry)) throw invalid(where, 'has a list in a list');
  if (!isObject(entry)) return { kind: 'value', matches: exact(entry, where) };
  const exists = own(entry, 'exists');
  if (exists === undefined) return { kind: 'value', matches: operatorIn(entry, OPERATORS, where) };
  if (typeof exists !== 'boolean' || Object.keys(entry).length > 1)
    throw invalid(where, 'exists is true or false, alone');
  return { kind: exists ? 'present' : 'absent' };
};
