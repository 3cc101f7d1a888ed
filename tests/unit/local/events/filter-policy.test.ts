import { describe, expect, test } from 'vitest';
import { compileFilter } from '../../../../local/events/filter-policy.ts';
import type { Json } from '../../../../local/stepfunctions/json.ts';

const attributes = {
  store: { DataType: 'String', StringValue: 'example_corp' },
  event: { DataType: 'String', StringValue: 'order_placed' },
  interests: { DataType: 'String.Array', StringValue: '["soccer", "rugby", true, null]' },
  price: { DataType: 'Number', StringValue: '210.75' },
  bytes: { DataType: 'Binary', BinaryValue: 'AA==' },
  broken: { DataType: 'String.Array', StringValue: '[' },
};

describe('a filter policy of attributes', () => {
  test.each<[Json, boolean]>([
    [{ store: ['example_corp'] }, true],
    [{ store: ['example_corp'], event: ['order_cancelled'] }, false],
    [{ store: ['other', 'example_corp'] }, true],
    [{ interests: ['rugby'] }, true],
    [{ interests: [{ 'anything-but': ['rugby'] }] }, true],
    [{ interests: [true] }, true],
    [{ price: [{ numeric: ['>=', 100, '<', 300] }] }, true],
    [{ price: [210.75] }, true],
    [{ price: ['210.75'] }, false],
    [{ bytes: [{ exists: true }] }, false],
    [{ broken: [{ exists: true }] }, false],
    [{ missing: [{ exists: false }] }, true],
    [{ event: [{ prefix: 'order-' }, { prefix: 'order_' }] }, true],
    [{ $or: [{ store: ['other'] }, { price: [{ numeric: ['>', 200] }] }] }, true],
  ])('%j is %s', (policy, expected) => {
    expect(compileFilter(policy)('text', attributes)).toBe(expected);
  });

  test('has no fields below its own', () => {
    expect(() => compileFilter({ a: { b: ['x'] } })).toThrow('a: has no fields below it');
  });
});

describe('a filter policy of the message', () => {
  test.each<[string, boolean]>([
    ['{"order":{"state":"placed"}}', true],
    ['{"order":{"state":"lost"}}', false],
    ['placed', false],
    ['["placed"]', false],
  ])('finds %s: %s', (message, expected) => {
    expect(compileFilter({ order: { state: ['placed'] } }, 'MessageBody')(message, {})).toBe(expected);
  });
});

test('without a policy each message is wanted', () => {
  expect(compileFilter(undefined)('x', {})).toBe(true);
});
