import { expect, test } from 'vitest';
import { effectTests, fieldTests, findingsOf, machineWith } from '../../../../builders/a-field.ts';
import { functionArn } from '../../../../builders/a-states-part.ts';

// https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html
const TEXT = 'Expected value of type [STRING]';
const INTEGER = 'Expected value of type Integer';
const PATH = 'Value must be a valid JSONPath.';
const UNKNOWN = 'The value is not a valid resource ARN, or the resource is not available in this region.';

const unknown = (resource: string) =>
  [resource, `The resource provided ${resource} is not recognized. ${UNKNOWN}`] as const;

fieldTests('Resource', {
  owners: ['Task'],
  beside: { Parameters: { FunctionName: 'f', QueueUrl: 'q', MessageBody: 'm', StateMachineArn: 'a' } },
  accepts: [
    functionArn('f'),
    `${functionArn('f')}:$LATEST`,
    'arn:aws-cn:states:::lambda:invoke',
    'arn:aws:states:::lambda:invoke.waitForTaskToken',
    'arn:aws:states:::sqs:sendMessage',
    'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
    'arn:aws:states:::states:startExecution',
    'arn:aws:states:::states:startExecution.sync',
    'arn:aws:states:::states:startExecution.sync:2',
    'arn:aws:states:::states:startExecution.waitForTaskToken',
  ],
  refuses: [
    [undefined, 'These fields are required: [Resource]', 'object'],
    [1, TEXT],
    ['f', 'Value is not a valid resource ARN'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder that nobody filled.
    ['${FunctionArn}', 'Value is not a valid resource ARN'],
    unknown('arn:aws:lambda:us-east-1:111111111111:layer:l'),
    unknown('arn:aws:states:::nothing:call'),
    unknown('arn:aws:states:::lambda:invoke.sync'),
    unknown('arn:aws:states:::sqs:sendMessage.sync'),
    unknown('arn:aws:states:::lambda:forget'),
    unknown('arn:aws:states:::dynamodb:putItem.waitForTaskToken'),
    unknown('arn:aws:states:::sns:publish.sync'),
    unknown('arn:aws:states:::glue:startJobRun.sync:2'),
    unknown('arn:aws:states:::aws-sdk:dynamodb:nothing'),
    ['arn:aws:states:::glue:startJobRun', 'The resource provided arn:aws:states:::glue:startJobRun is not supported'],
  ],
});

test.each([
  ['lambda:invoke', 'FunctionName'],
  ['sqs:sendMessage', 'QueueUrl'],
  ['sqs:sendMessage', 'MessageBody'],
  ['states:startExecution', 'StateMachineArn'],
])('field: Task.Parameters refuse: of %s without %s', (call, field) => {
  const all = { FunctionName: 'f', QueueUrl: 'q', MessageBody: 'm', StateMachineArn: 'a' };
  const Resource = `arn:aws:states:::${call}`;
  const found = (Parameters: unknown) => findingsOf(machineWith('Task', { Resource, Parameters }));
  expect(found({ ...all, [field]: undefined })).toEqual([
    `The field '${field}' is required but was missing at /States/S/Parameters`,
  ]);
  expect(found({ ...all, [field]: undefined, [`${field}.$`]: '$.v' })).toEqual([]);
  expect(found(undefined)).toEqual([`Parameters field is required for resource ARN: ${Resource} at /States/S`]);
});

test.each([['text'], [1], [[]], [null]])('field: Task.Parameters refuse: of a call, %j', (Parameters) => {
  const found = findingsOf(machineWith('Task', { Resource: 'arn:aws:states:::lambda:invoke', Parameters }));
  expect(found).toEqual(['Expected value of type [OBJECT] at /States/S/Parameters']);
});
test('field: Task.Arguments accept: of a call, an expression', () => {
  const state = { Resource: 'arn:aws:states:::lambda:invoke', Arguments: '{% $states.input %}' };
  expect(findingsOf(machineWith('Task', state, 'JSONata'))).toEqual([]);
});

fieldTests('Credentials', {
  owners: ['Task'],
  accepts: [{ RoleArn: 'arn:aws:iam::111111111111:role/r' }, { 'RoleArn.$': '$.role' }],
  refuses: [
    ['r', 'Expected value of type [OBJECT]'],
    [{}, "The field 'RoleArn' is required but was missing"],
    [{ Role: 'r' }, "Field 'Role' is not supported"],
  ],
});
fieldTests('RoleArn', {
  owners: ['Credentials'],
  accepts: ['arn:aws:iam::111111111111:role/r'],
  refuses: [
    [1, TEXT],
    ['r', 'Value is not a valid resource ARN'],
  ],
});
fieldTests('RoleArn.$', {
  owners: ['Credentials'],
  only: 'JSONPath',
  accepts: ['$.role', "States.Format('arn:aws:iam::{}:role/r', $.account)"],
  refuses: [
    [1, TEXT],
    ['role', 'Value must be a valid JSONPath or a valid intrinsic function call'],
  ],
});

for (const field of ['TimeoutSeconds', 'HeartbeatSeconds']) {
  fieldTests(field, {
    owners: ['Task'],
    accepts: [1, 99_999_999],
    refuses: [
      ['1', INTEGER],
      [1.5, INTEGER],
      [0, 'Minimum value is 1'],
      [-1, 'Minimum value is 1'],
      [100_000_000, 'Maximum value is 99999999'],
      [2 ** 60, 'Maximum value is 99999999'],
    ],
  });
  fieldTests(`${field}Path`, {
    owners: ['Task'],
    only: 'JSONPath',
    accepts: ['$.s', '$$.Execution.Input.s'],
    refuses: [
      [1, TEXT],
      ['s', PATH],
      ['$..s', 'Value is not a Reference Path'],
    ],
  });
  test(`field: Task.${field}Path refuse: with ${field}`, () => {
    const found = findingsOf(machineWith('Task', { [field]: 1, [`${field}Path`]: '$.s' }));
    expect(found).toEqual([`There should only be one of the following fields: [${field}, ${field}Path] at /States/S`]);
  });
}

const caught = [{ ErrorEquals: ['States.ALL'], ResultPath: '$.e', Next: 'Done' }];
const failing = { Resource: functionArn('f'), Catch: caught };

effectTests([
  ['Task.Resource', 'a function by its ARN gets the input', machineWith('Task', {}), { a: 1 }, '{"a":1}'],
  [
    'Task.Credentials',
    'are read and not used: there is one account',
    machineWith('Task', { Credentials: { RoleArn: 'arn:aws:iam::1:role/r' } }),
    { a: 1 },
    '{"a":1}',
  ],
  [
    'Credentials.RoleArn',
    'is not used: there is one account',
    machineWith('Task', { Credentials: { RoleArn: 'arn:aws:iam::1:role/r' } }),
    1,
    '1',
  ],
  [
    'Credentials.RoleArn.$',
    'is not used: there is one account',
    machineWith('Task', { Credentials: { 'RoleArn.$': '$.none' } }),
    {},
    '{}',
  ],
  ['Task.TimeoutSeconds', 'a task that takes no longer ends well', machineWith('Task', { TimeoutSeconds: 1 }), 1, '1'],
  [
    'Retrier.Comment',
    'changes nothing',
    machineWith('Task', { Retry: [{ ErrorEquals: ['E'], Comment: 'c' }] }),
    1,
    '1',
  ],
  [
    'Catcher.Comment',
    'changes nothing',
    machineWith('Task', { Catch: [{ ErrorEquals: ['E'], Next: 'Done', Comment: 'c' }] }),
    1,
    '1',
  ],
]);

effectTests(
  [
    [
      'Task.TimeoutSeconds',
      'fails a task that takes longer',
      machineWith('Task', { ...failing, TimeoutSeconds: 2 }),
      {},
      '{"e":{"Error":"States.Timeout","Cause":""}}',
    ],
    [
      'Task.TimeoutSecondsPath',
      'fails a task that takes longer',
      machineWith('Task', { ...failing, TimeoutSecondsPath: '$.s' }),
      { s: 2 },
      '{"s":2,"e":{"Error":"States.Timeout","Cause":""}}',
    ],
    [
      'Task.HeartbeatSeconds',
      'fails a task that is silent',
      machineWith('Task', { ...failing, HeartbeatSeconds: 2 }),
      {},
      '{"e":{"Error":"States.HeartbeatTimeout","Cause":""}}',
    ],
    [
      'Task.HeartbeatSecondsPath',
      'fails a task that is silent',
      machineWith('Task', { ...failing, HeartbeatSecondsPath: '$.s' }),
      { s: 2 },
      '{"s":2,"e":{"Error":"States.HeartbeatTimeout","Cause":""}}',
    ],
  ],
  () => 'silent',
);
