import { describe, expect, test } from 'vitest';
import { compileTransformer } from '../../../../local/events/input-transformer.ts';

const event = { source: 'epic', detail: { run: 7, name: 'a "b"', list: [1, 'x'], nothing: null } };
const rule = { name: 'r', arn: 'arn:r', ingestedAt: '2026-01-01T00:00:00Z' };
const InputPathsMap = { run: '$.detail.run', name: '$.detail.name', list: '$.detail.list', none: '$.detail.none' };
const transformed = (InputTemplate: string) =>
  compileTransformer({ InputTransformer: { InputPathsMap, InputTemplate } })(event, rule);

describe('what a target is given', () => {
  test('is all of the event, or a part, or a fixed text', () => {
    expect(compileTransformer({})(event, rule)).toBe(JSON.stringify(event));
    expect(compileTransformer({ InputPath: '$.detail.list' })(event, rule)).toBe('[1,"x"]');
    expect(compileTransformer({ Input: '{"fixed":1}' })(event, rule)).toBe('{"fixed":1}');
  });

  test.each([
    ['{"r":<run>,"n":<name>,"l":<list>}', { r: 7, n: 'a "b"', l: [1, 'x'] }],
    ['{"text":"run <run> of <name>"}', { text: 'run 7 of a "b"' }],
    ['{"q":"\\"<run>\\""}', { q: '"7"' }],
    ['{"none":<none>,"text":"<none>"}', { none: null, text: '' }],
    ['{"l":"<list>"}', { l: '[1,"x"]' }],
    ['"run <run>"', 'run 7'],
    [
      '{"rule":<aws.events.rule-name>,"arn":<aws.events.rule-arn>,"at":<aws.events.event.ingestion-time>}',
      { rule: 'r', arn: 'arn:r', at: rule.ingestedAt },
    ],
    ['{"all":<aws.events.event.json>}', { all: event }],
    ['{"head":<aws.events.event>}', { head: { source: 'epic' } }],
  ])('of %s is JSON', (template, value) => {
    expect(JSON.parse(transformed(template))).toEqual(value);
  });

  test('of a template that is no JSON is its text', () => {
    expect(transformed('run <run> of <name>')).toBe('run 7 of a "b"');
  });

  test.each([
    [{ Input: 'x', InputPath: '$' }, 'wants one of'],
    [{ InputPath: 'detail' }, 'InputPath: detail is no path'],
    [{ InputTransformer: { InputPathsMap: { a: '$[' }, InputTemplate: 'x' } }, 'InputPathsMap.a'],
    [{ InputTransformer: { InputPathsMap: {}, InputTemplate: '<a>' } }, '<a> is no variable'],
    [{ InputTransformer: { InputPathsMap, InputTemplate: '{"a":<run>' } }, 'is no JSON'],
  ])('by %j is refused', (inputs, message) => {
    expect(() => compileTransformer(inputs)).toThrow(message);
  });
});
