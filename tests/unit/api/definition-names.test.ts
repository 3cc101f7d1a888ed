import { expect, test } from 'vitest';
import { resolveNames } from '../../../functions/api/definition-names.ts';

const open = '$' + '{';
const named = (inside: string): string => `${open}${inside}}`;

test('names become ARNs and addresses, wherever they stand', () => {
  const text = `${named('function:archive-stf')} and ${named('queue:broker')}${named('machine:process-stf')}, ${open}`;
  const [first, second, rest] = resolveNames(text, 'eu-1').split(/ and |(?=arn:aws:states)/);
  expect(first).toMatch(/^arn:aws:lambda:eu-1:\d{12}:function:archive-stf$/);
  expect(second).toMatch(/^https:\/\/sqs\.eu-1\.amazonaws\.com\/\d{12}\/broker$/);
  expect(rest).toMatch(/^arn:aws:states:eu-1:\d{12}:stateMachine:process-stf, \$\{$/);
});

test.each(['function:nobody', '', 'toString:name', ` ${open}function:archive-stf`])(
  'the name "%s" is refused',
  (inside) => {
    expect(() => resolveNames(named(inside), 'eu-1')).toThrow('is no function, queue or state machine of papilio');
  },
);

// A look back at each opening took minutes for this text.
test('a megabyte of openings is passed over once', () => {
  const text = open.repeat(500_000);
  expect(resolveNames(text, 'eu-1')).toBe(text);
}, 20_000);
