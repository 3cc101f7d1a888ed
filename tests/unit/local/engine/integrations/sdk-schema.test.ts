import { PutItem$ } from '@aws-sdk/client-dynamodb';
import { DescribeExecution$, StartExecution$ } from '@aws-sdk/client-sfn';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { actionShapes, fromSdk, sdkName, toSdk } from '../../../../../local/engine/integrations/sdk-schema.ts';

// Names as the page on SDK integrations and LocalStack's recordings of AWS have them.
test.each([
  ['executionArn', 'ExecutionArn'],
  ['TableName', 'TableName'],
  ['ETag', 'ETag'],
  ['MD5OfMessageBody', 'Md5OfMessageBody'],
  ['SSEKMSKeyId', 'SsekmsKeyId'],
  ['ChecksumCRC32', 'ChecksumCrc32'],
  ['S', 'S'],
  ['SS', 'Ss'],
  ['BOOL', 'Bool'],
  ['NULL', 'Nul'],
])('%s is %s', (member, name) => {
  expect(sdkName(member)).toBe(name);
});

const text = fc.string();
const base64 = fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('base64'));
const { value: attribute } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.record({ S: text }),
    fc.record({ N: fc.integer().map(String) }),
    fc.record({ B: base64 }),
    fc.record({ BOOL: fc.boolean() }),
    fc.record({ NULL: fc.constant(true) }),
    fc.record({ SS: fc.array(text) }),
    fc.record({ BS: fc.array(base64) }),
    fc.record({ L: fc.array(tie('value'), { maxLength: 3 }) }),
    fc.record({ M: fc.dictionary(text, tie('value'), { maxKeys: 3 }) }),
  ),
}));

test('what goes to DynamoDB and comes back is the same, in its own words and in those of the SDK', () => {
  const { input } = actionShapes(PutItem$);
  const named = [(member: string) => member, sdkName];
  fc.assert(
    fc.property(fc.dictionary(text, attribute, { maxKeys: 4 }), fc.constantFrom(...named), (item, name) => {
      const wire = JSON.parse(JSON.stringify({ TableName: 't', Item: item }));
      const told = fromSdk(input, toSdk(input, wire), name);
      expect(fromSdk(input, toSdk(input, told), (member) => member)).toEqual(wire);
    }),
    { numRuns: 100 },
  );
});

test('a text that is wanted is made of a value, and nothing of nothing', () => {
  const { input } = actionShapes(StartExecution$);
  expect(toSdk(input, { StateMachineArn: 'arn', Input: { a: 1 }, Name: null })).toEqual({
    stateMachineArn: 'arn',
    input: '{"a":1}',
  });
});

test('times are texts, and what the API does not have is not told', () => {
  const { output } = actionShapes(DescribeExecution$);
  const startDate = new Date('2026-01-02T03:04:05.678Z');
  const stopDate = new Date('2026-01-02T03:04:06Z');
  expect(
    fromSdk(output, { status: 'SUCCEEDED', startDate, stopDate, error: undefined, $metadata: {} }, sdkName),
  ).toEqual({
    Status: 'SUCCEEDED',
    StartDate: '2026-01-02T03:04:05.678Z',
    StopDate: '2026-01-02T03:04:06Z',
  });
});
