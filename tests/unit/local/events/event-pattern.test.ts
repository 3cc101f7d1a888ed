import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePattern } from '../../../../local/events/event-pattern.ts';
import { isArray, isObject, type Json, type JsonObject } from '../../../../local/stepfunctions/json.ts';

const matches = (pattern: Json, event: JsonObject): boolean => compilePattern(pattern)(event);

describe('an event pattern', () => {
  test.each<[string, Json, JsonObject, boolean]>([
    ['a value', { a: ['x', 1, null, true] }, { a: 'x' }, true],
    ['a number', { a: [1] }, { a: 1 }, true],
    ['a number, not its text', { a: [1] }, { a: '1' }, false],
    ['null', { a: [null] }, { a: null }, true],
    ['null, not a missing field', { a: [null] }, {}, false],
    ['all fields', { a: ['x'], b: ['y'] }, { a: 'x', b: 'z' }, false],
    ['a nested field', { d: { s: ['running'] } }, { d: { s: 'running', more: 1 } }, true],
    ['any value of a list', { a: ['y'] }, { a: ['x', 'y'] }, true],
    ['prefix', { time: [{ prefix: '2017-10-02' }] }, { time: '2017-10-02T18:43:48Z' }, true],
    ['prefix in any case', { s: [{ prefix: { 'equals-ignore-case': 'EventB' } }] }, { s: 'eventBridge' }, true],
    ['suffix', { f: [{ suffix: '.png' }] }, { f: 'a.png' }, true],
    ['suffix in any case', { f: [{ suffix: { 'equals-ignore-case': '.PnG' } }] }, { f: 'a.png' }, true],
    ['any case', { t: [{ 'equals-ignore-case': 'alice' }] }, { t: 'ALICE' }, true],
    ['anything but a text', { s: [{ 'anything-but': 'init' }] }, { s: 'run' }, true],
    ['anything but a list', { s: [{ 'anything-but': ['a', 'b'] }] }, { s: 'b' }, false],
    ['anything but numbers', { s: [{ 'anything-but': [100, 200] }] }, { s: 300 }, true],
    ['anything but is nothing where there is nothing', { s: [{ 'anything-but': 'a' }] }, {}, false],
    ['anything but a prefix', { s: [{ 'anything-but': { prefix: 'in' } }] }, { s: 'init' }, false],
    ['anything but prefixes', { s: [{ 'anything-but': { prefix: ['in', 'st'] } }] }, { s: 'stop' }, false],
    ['anything but a suffix', { s: [{ 'anything-but': { suffix: '.txt' } }] }, { s: 'a.png' }, true],
    ['anything but in any case', { s: [{ 'anything-but': { 'equals-ignore-case': ['A'] } }] }, { s: 'a' }, false],
    ['anything but a wildcard', { s: [{ 'anything-but': { wildcard: '*/lib/*' } }] }, { s: '/usr/lib/a' }, false],
    ['a range', { n: [{ numeric: ['>', 0, '<=', 5] }] }, { n: 5 }, true],
    ['outside of a range', { n: [{ numeric: ['>', 0, '<=', 5] }] }, { n: 0 }, false],
    ['an equal number', { n: [{ numeric: ['=', 3.018e2] }] }, { n: 301.8 }, true],
    ['a number in a text is none', { n: [{ numeric: ['=', 1] }] }, { n: '1' }, false],
    ['an address', { ip: [{ cidr: '10.0.0.0/24' }] }, { ip: '10.0.0.255' }, true],
    ['no address', { ip: [{ cidr: '10.0.0.0/24' }] }, { ip: '10.0.1.0' }, false],
    ['an address of IPv6', { ip: [{ cidr: '2001:db8::/32' }] }, { ip: '2001:db8::1' }, true],
    ['what is no address', { ip: [{ cidr: '0.0.0.0/0' }] }, { ip: 'ten' }, false],
    ['what exists', { d: { c: [{ exists: true }] } }, { d: { c: null } }, true],
    ['what does not', { d: { c: [{ exists: false }] } }, { d: { e: 1 } }, true],
    ['what does not, with nothing above it', { d: { c: [{ exists: false }] } }, {}, true],
    ['an object is no value', { d: [{ exists: true }] }, { d: { c: 1 } }, false],
    ['nor is an empty list', { d: [{ exists: true }] }, { d: [] }, false],
    ['either of two', { $or: [{ a: [1] }, { b: [2] }] }, { b: 2 }, true],
    ['neither of two', { $or: [{ a: [1] }, { b: [2] }] }, { a: 2 }, false],
    ['either, and more', { c: [3], $or: [{ a: [1] }, { b: [2] }] }, { a: 1, c: 4 }, false],
    ['either below a field', { d: { $or: [{ a: [1] }, { b: [2] }] } }, { d: { a: 1 } }, true],
    ['all in one object of a list', { a: { x: [1], y: [2] } }, { a: [{ x: 1 }, { y: 2 }] }, false],
    ['all in another object of a list', { a: { x: [1], y: [2] } }, { a: [{ x: 3 }, { x: 1, y: 2 }] }, true],
    ['what no object of a list has', { a: { x: [{ exists: false }] } }, { a: [{ x: 1 }, { y: 2 }] }, false],
    ['a wildcard', { p: [{ wildcard: 'dir/*.png' }] }, { p: 'dir/a/b.png' }, true],
    ['a wildcard that must not overlap', { p: [{ wildcard: 'aba*aba' }] }, { p: 'ababa' }, false],
    ['a star that is meant', { p: [{ wildcard: 'a\\*b' }] }, { p: 'a*b' }, true],
    ['a star that is meant, and another text', { p: [{ wildcard: 'a\\*b' }] }, { p: 'aXb' }, false],
    ['no field of an object', { constructor: [{ exists: true }] }, {}, false],
  ])('finds %s', (_what, pattern, event, expected) => {
    expect(matches(pattern, event)).toBe(expected);
  });

  test.each<[Json, string]>([
    [[], 'a pattern is an object'],
    [{}, 'is empty'],
    [{ a: 'x' }, 'a: wants a list'],
    [{ a: [] }, 'a: an empty list'],
    [{ a: { b: {} } }, 'a.b: is empty'],
    [{ a: [['x']] }, 'a: has a list in a list'],
    [{ a: [{ prefix: '' }] }, 'a.prefix: wants a text'],
    [{ a: [{ like: 'x' }] }, 'a: wants one of prefix'],
    [{ a: [{ prefix: 'x', suffix: 'y' }] }, 'a: wants one of prefix'],
    [{ a: [{ exists: 'yes' }] }, 'exists is true or false'],
    [{ a: [{ numeric: ['>'] }] }, 'a.numeric: wants pairs'],
    [{ a: [{ numeric: ['!', 1] }] }, 'a.numeric: does not know "!"'],
    [{ a: [{ numeric: ['>', '1'] }] }, 'a.numeric: cannot compare'],
    [{ a: [{ cidr: '10.0.0.0/33' }] }, 'a.cidr: wants a network'],
    [{ a: [{ wildcard: 'a**b' }] }, 'two wildcards'],
    [{ a: [{ wildcard: 'a\\b' }] }, 'backslash'],
    [{ a: [{ wildcard: 'a\\' }] }, 'backslash'],
    [{ a: [{ 'anything-but': [] }] }, 'at least one'],
    [{ a: [{ 'anything-but': { numeric: ['=', 1] } }] }, 'a.anything-but: wants one of prefix'],
  ])('%j is refused', (pattern, message) => {
    expect(() => compilePattern(pattern)).toThrow(message);
  });
});

describe('the law of patterns', () => {
  /** A value of an event with its path, and of which object of each list it is. */
  type Field = { readonly path: string; readonly value: Json; readonly places: ReadonlyMap<string, Json> };

  /** The slow way: all values of the event side by side, as EventBridge's own description has them. */
  const flatten = (value: Json, path: string, places: ReadonlyMap<string, Json>): Field[] => {
    if (isArray(value)) {
      return value.flatMap((item) => flatten(item, path, isObject(item) ? new Map([...places, [path, item]]) : places));
    }
    if (!isObject(value)) return [{ path, value, places }];
    return Object.entries(value).flatMap(([name, part]) => flatten(part, `${path}/${name}`, places));
  };

  const agrees = (chosen: ReadonlyMap<string, Json>, places: ReadonlyMap<string, Json>): boolean =>
    [...places].every(([path, at]) => (chosen.get(path) ?? at) === at);

  /** Chooses a value for each leaf of the pattern so that no two are in different elements of one list. */
  const isConsistent = (leaves: [string, Json[]][], fields: Field[], chosen: ReadonlyMap<string, Json>): boolean => {
    const [[path, wanted] = ['', []], ...rest] = leaves;
    if (leaves.length === 0) return true;
    const there = fields.filter((field) => field.path === path);
    if (there.length === 0 && wanted.some((one) => isObject(one))) return isConsistent(rest, fields, chosen);
    return there.some(
      ({ value, places }) =>
        agrees(chosen, places) &&
        wanted.some((one) => one === value) &&
        isConsistent(rest, fields, new Map([...chosen, ...places])),
    );
  };

  const leavesOf = (pattern: Json, path: string): [string, Json[]][] => {
    if (isArray(pattern)) return [[path, [...pattern]]];
    return Object.entries(isObject(pattern) ? pattern : {}).flatMap(([name, part]) =>
      leavesOf(part, `${path}/${name}`),
    );
  };

  const fieldsOf = <T>(value: fc.Arbitrary<T>) => fc.record({ a: value, b: value }, { requiredKeys: [] });
  const scalar = fc.constantFrom<Json>(0, 1);
  const value = fc.oneof(scalar, fc.array(scalar, { maxLength: 2 }));
  const inList = (object: fc.Arbitrary<JsonObject>) =>
    fc.oneof(value, object, fc.array(fc.oneof(object, fc.array(object, { maxLength: 2 })), { maxLength: 3 }));
  const event = fieldsOf(inList(fieldsOf(inList(fieldsOf(value)))));
  const leaf = fc.array(fc.oneof(scalar, fc.constant<Json>({ exists: false })), { minLength: 1, maxLength: 2 });
  const wants = <T extends Json>(below: fc.Arbitrary<T>) =>
    fieldsOf(below).filter((object) => Object.keys(object).length > 0);
  const pattern = wants(fc.oneof(leaf, wants(fc.oneof(leaf, wants(leaf)))));

  test('what is found object by object is what is found among all values at once', () => {
    let found = 0;
    fc.assert(
      fc.property(pattern, event, (wanted, given) => {
        const slow = isConsistent(leavesOf(wanted, ''), flatten(given, '', new Map()), new Map());
        expect(matches(wanted, given)).toBe(slow);
        found += slow ? 1 : 0;
      }),
      { numRuns: 500 },
    );
    expect(found).toBeGreaterThan(50);
  });

  test('a wildcard finds what a regular expression finds', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '*', '\\'), maxLength: 8 });
    const plain = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 3 });
    fc.assert(
      fc.property(fc.array(plain, { minLength: 1, maxLength: 4 }), text, (pieces, value) => {
        const wildcard = pieces.join('*').replace(/\*+/g, '*');
        fc.pre(wildcard !== '');
        const expected = new RegExp(`^${wildcard.replaceAll('*', '.*')}$`, 's').test(value);
        expect(matches({ v: [{ wildcard }] }, { v: value })).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  test('a text with its stars and backslashes escaped finds itself alone', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '*', '\\'), minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(text, text, (one, other) => {
        const wildcard = one.replaceAll(/[*\\]/g, '\\$&');
        expect(matches({ v: [{ wildcard }] }, { v: other })).toBe(one === other);
      }),
    );
  });
});
