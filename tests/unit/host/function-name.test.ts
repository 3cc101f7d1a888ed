import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readFunctionName } from '../../../local/host/lambda/function-name.ts';

const here = { region: 'us-east-1', account: '000000000002' };
const arn = 'arn:aws:lambda:us-east-1:000000000002:function:hold-stf';

test.each([
  ['hold-stf', undefined, arn],
  ['hold-stf', '$LATEST', `${arn}:$LATEST`],
  ['hold-stf:$LATEST', undefined, `${arn}:$LATEST`],
  ['000000000002:function:hold-stf', undefined, arn],
  [arn, undefined, arn],
  [`${arn}:$LATEST`, '$LATEST', `${arn}:$LATEST`],
])('%s with qualifier %s is this host’s function', (text, qualifier, said) => {
  expect(readFunctionName(text, qualifier, here)).toEqual({ ok: true, name: 'hold-stf', arn: said });
});

test.each([
  ['hold-stf', '7', `${arn}:7`],
  [`${arn}:blue`, undefined, `${arn}:blue`],
  [arn.replace('us-east-1', 'eu-west-1'), undefined, arn.replace('us-east-1', 'eu-west-1')],
  [arn.replace('000000000002', '000000000001'), undefined, arn.replace('000000000002', '000000000001')],
])('%s with qualifier %s is another’s, and not found here', (text, qualifier, said) => {
  const named = readFunctionName(text, qualifier, here);
  expect(named).toMatchObject({ ok: false, answer: { status: 404 } });
  expect(named.ok ? '' : named.answer.body).toContain(`Function not found: ${said}`);
});

test('no text becomes a name with anything in it but letters, digits, - and _', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.stringMatching(/^[\w:$./%-]{0,200}$/)),
      (text) => {
        const named = readFunctionName(text, undefined, here);
        if (named.ok) expect(named.name).toMatch(/^[a-zA-Z0-9_-]{1,170}$/);
        else expect([400, 404]).toContain(named.answer.status);
      },
    ),
  );
});
