import { expect, test } from 'vitest';
import { describeFindings } from '../../../../../local/stepfunctions/validation/finding.ts';
import { validate } from '../../../../../local/stepfunctions/validation/validate.ts';
import { aStatesPart, functionArn, machineOf } from '../../../../builders/a-states-part.ts';

const end = { Type: 'Pass', End: true };
const to = (Next: string) => ({ Type: 'Pass', Next });
const told = (definition: unknown, type: 'STANDARD' | 'EXPRESS' = 'STANDARD') =>
  validate(typeof definition === 'string' ? definition : JSON.stringify(definition), type).map(
    ({ severity, code, message, location }) => `${severity} ${code}: ${message} at ${location ?? 'null'}`,
  );
const scope = (states: Record<string, object>) => ({ StartAt: Object.keys(states)[0], States: states });
const parallel = (...branches: object[]) => ({ Type: 'Parallel', Branches: branches, End: true });
const map = (processor: object) => ({ Type: 'Map', ItemProcessor: processor, End: true });

// Recorded answers of AWS: localstack, tests/aws/services/stepfunctions/v2/test_sfn_api_validation.snapshot.json
test.each([
  ['', ['ERROR SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object at null']],
  ['[]', ['ERROR SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object at null']],
  ['null', ['ERROR SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object at null']],
  ['{}', ['ERROR SCHEMA_VALIDATION_FAILED: These fields are required: [States, StartAt] at /']],
  [
    '{"States":{"A":{"Type":"Pass","End":true}}}',
    ['ERROR SCHEMA_VALIDATION_FAILED: These fields are required: [StartAt] at /'],
  ],
])('%j', (text, findings) => {
  expect(told(text)).toEqual(findings);
});

// Measured on AWS: https://github.com/floci-io/floci/pull/2786
const lost = (name: string, at: string) => `ERROR MISSING_TRANSITION_TARGET: Missing 'Next' target: ${name} at ${at}`;
const unreached = (name: string, at: string) =>
  `ERROR MISSING_TRANSITION_TARGET: State "${name}" is not reachable. at ${at}`;
const ENDLESS = 'ERROR MISSING_END_STATE: Workflow has no terminal state at null';
const duplicate = (name: string, at: string) => `ERROR DUPLICATE_STATE_NAME: Duplicate State name: ${name} at ${at}`;
const rule = (Next: string) => ({ Variable: '$.v', IsNull: true, Next });
const caught = (Next: string) => ({
  Type: 'Task',
  Resource: functionArn('f'),
  Catch: [{ ErrorEquals: ['E'], Next }],
  End: true,
});

test.each<[what: string, definition: object, findings: string[]]>([
  ['a loop without an end', machineOf({ A: to('B'), B: to('A') }), [ENDLESS]],
  [
    'a loop without an end and a state that nothing leads to',
    machineOf({ A: to('B'), B: to('A'), C: to('A') }),
    [ENDLESS],
  ],
  [
    'a loop and an end that nothing leads to',
    machineOf({ A: to('B'), B: to('A'), C: end }),
    [unreached('C', '/States/C')],
  ],
  ['a state that leads nowhere', machineOf({ A: to('B') }), [lost('B', '/States/A/Next'), ENDLESS]],
  [
    'a start that is not there',
    { StartAt: 'X', States: { A: end } },
    [lost('X', '/StartAt'), unreached('A', '/States/A')],
  ],
  [
    'a rule that leads nowhere',
    machineOf({ A: { Type: 'Choice', Choices: [rule('B'), rule('X')] }, B: end }),
    [lost('X', '/States/A/Choices[1]/Next')],
  ],
  [
    'a default that leads nowhere',
    machineOf({ A: { Type: 'Choice', Choices: [rule('B')], Default: 'X' }, B: end }),
    [lost('X', '/States/A/Default')],
  ],
  ['a catcher that leads nowhere', machineOf({ A: caught('X') }), [lost('X', '/States/A/Catch[0]/Next')]],
  [
    'states that only a rule, a default or a catcher lead to',
    machineOf({
      A: { Type: 'Choice', Choices: [rule('B')], Default: 'C' },
      B: end,
      C: caught('D'),
      D: { Type: 'Fail' },
    }),
    [],
  ],
  [
    'a ring beside the way',
    machineOf({ A: end, B: to('C'), C: to('B') }),
    [unreached('B', '/States/B'), unreached('C', '/States/C')],
  ],
  ['a loop without an end in a branch', machineOf({ A: parallel(scope({ B: to('C'), C: to('B') })) }), []],
  ['a loop without an end in an item processor', machineOf({ A: map(scope({ B: to('C'), C: to('B') })) }), []],
  [
    'a state in a branch that nothing leads to',
    machineOf({ A: parallel(scope({ B: end, C: end })) }),
    [unreached('C', '/States/A/Branches[0]/States/C')],
  ],
  [
    'a way out of a branch',
    machineOf({ A: { ...parallel(scope({ B: to('D') })), End: undefined, Next: 'D' }, D: end }),
    [lost('D', '/States/A/Branches[0]/States/B/Next')],
  ],
  [
    'a start of an item processor that is not there',
    machineOf({ A: map({ StartAt: 'X', States: { B: end } }) }),
    [lost('X', '/States/A/ItemProcessor/StartAt'), unreached('B', '/States/A/ItemProcessor/States/B')],
  ],
  [
    'one name in two branches',
    machineOf({ A: parallel(scope({ X: end }), scope({ X: end })) }),
    [duplicate('X', '/States/A/Branches[1]/States/X')],
  ],
  [
    'a name inside and outside',
    machineOf({ A: map(scope({ A: end })) }),
    [duplicate('A', '/States/A/ItemProcessor/States/A')],
  ],
  ['a name with a slash', machineOf({ A: end, 'a/b': end }), [unreached('a/b', '/States/a/b')]],
])('%s', (_what, definition, findings) => {
  expect(told(definition)).toEqual(findings);
});

test.each([
  ['x'.repeat(80), []],
  ['😀'.repeat(80), []],
  ['any sign: <>[]{}?*"#%\\^|~$&,;/ ', []],
  [
    'x'.repeat(81),
    [
      `ERROR INVALID_STATE_NAME: Invalid State name: ${'x'.repeat(81)} exceeds the 80-character limit allowed by the service at /States/${'x'.repeat(81)}`,
    ],
  ],
  ['', ['ERROR INVALID_STATE_NAME: Invalid State name:  at /States/']],
  ['\ud800', ['ERROR INVALID_STATE_NAME: Invalid State name: \ud800 at /States/\ud800']],
])('a state named %j', (name, findings) => {
  expect(told(machineOf({ [name]: end }))).toEqual(findings);
});

test('names such as __proto__ are only names', () => {
  const states =
    '{"__proto__":{"Type":"Pass","Next":"constructor"},"constructor":{"Type":"Pass","__proto__":1,"End":true}}';
  expect(told(`{"StartAt":"__proto__","States":${states}}`)).toEqual([
    "ERROR SCHEMA_VALIDATION_FAILED: Field '__proto__' is not supported at /States/constructor",
  ]);
  expect(told('{"StartAt":"toString","States":{"A":{"Type":"valueOf"}}}')).toContain(lost('toString', '/StartAt'));
});

const calls = (resource: string) =>
  machineOf({
    A: {
      Type: 'Task',
      Resource: resource,
      Parameters: { QueueUrl: 'q', MessageBody: 'm', StateMachineArn: 'a' },
      End: true,
    },
  });
const express = (message: string, at = '/States/A/Resource') => [`ERROR SCHEMA_VALIDATION_FAILED: ${message} at ${at}`];

// https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html
test.each<[what: string, definition: object, findings: string[]]>([
  [
    'waits for a token',
    calls('arn:aws:states:::sqs:sendMessage.waitForTaskToken'),
    express("Express state machine does not support '.waitForTaskToken' service integration "),
  ],
  [
    'waits for an execution',
    calls('arn:aws:states:::states:startExecution.sync:2'),
    express("Express state machine does not support '.sync' service integration "),
  ],
  [
    'has an activity',
    machineOf({ A: { Type: 'Task', Resource: 'arn:aws:states:us-east-1:1:activity:a', End: true } }),
    express('Express state machine does not support Activity ARN'),
  ],
  [
    'has a distributed Map',
    machineOf({ A: map({ ...scope({ B: end }), ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'EXPRESS' } }) }),
    express(
      "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines",
      '/States/A/ItemProcessor/ProcessorConfig/Mode',
    ),
  ],
  ['only calls', calls('arn:aws:states:::sqs:sendMessage'), []],
])('an express machine that %s', (_what, definition, findings) => {
  expect(told(definition, 'EXPRESS')).toEqual(findings);
  expect(told(definition)).toEqual([]);
});

// https://docs.aws.amazon.com/step-functions/latest/apireference/API_ValidateStateMachineDefinitionDiagnostic.html
test.each<[what: string, state: object, codes: string[]]>([
  [
    'a path under a plain key',
    { Parameters: { a: '$.b', l: [{ c: '$$.State.Name' }] } },
    ['NO_DOLLAR /States/A/Parameters/a', 'NO_DOLLAR /States/A/Parameters/l[0]/c'],
  ],
  ['a call under a plain key', { Parameters: { a: 'States.UUID()' } }, ['NO_DOLLAR /States/A/Parameters/a']],
  ['a path in a result', { Result: '$.a' }, ['PASS_RESULT_IS_STATIC /States/A/Result']],
  ['a path deep in a result', { Result: [{ 'a.$': 1 }] }, ['PASS_RESULT_IS_STATIC /States/A/Result']],
  ['money', { Parameters: { a: '$5', b: 'States are fine' }, Result: { a: '$5' } }, []],
])('%s is warned of', (_what, fields, codes) => {
  const findings = validate(JSON.stringify(machineOf({ A: { ...end, ...fields } })));
  expect(findings.map(({ code, location }) => `${code} ${location}`)).toEqual(codes);
  expect(findings.every(({ severity }) => severity === 'WARNING')).toBe(true);
});
test('what looks like a path where a text stands is warned of', () => {
  const choice = { Type: 'Choice', Choices: [{ Variable: '$.a', StringEquals: '$.b', Next: 'F' }] };
  const found = validate(JSON.stringify(machineOf({ C: choice, F: { Type: 'Fail', Error: '$.e', Cause: 'c' } })));
  expect(found.map(({ code, location }) => `${code} ${location}`)).toEqual([
    'NO_PATH /States/C/Choices[0]/StringEquals',
    'NO_PATH /States/F/Error',
  ]);
});

test('the error of CreateStateMachine tells all findings, and no place as null', async () => {
  const states = aStatesPart();
  const definition = machineOf({ A: { ...to('B'), Retry: [] } });
  const message =
    "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Field 'Retry' is not supported at /States/A, " +
    "MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Next, MISSING_END_STATE: Workflow has no terminal state at null'";
  await expect(states.create(definition)).rejects.toMatchObject({ code: 'InvalidDefinition', message });
  expect(describeFindings(validate(JSON.stringify(definition)))).toBe(message);
  const stateMachineArn = await states.create(machineOf({ A: end }));
  const update = states.call('UpdateStateMachine', { stateMachineArn, definition: JSON.stringify(definition) });
  await expect(update).rejects.toMatchObject({ code: 'InvalidDefinition', message });
});

const validated = (input: object) => aStatesPart().call('ValidateStateMachineDefinition', input);
const faulty = JSON.stringify(
  machineOf({ A: { Type: 'Pass', Result: '$.a', Retry: [], Catch: [], Timeout: 1, End: true } }),
);

test.each<[what: string, input: object, result: string, count: number, truncated: boolean]>([
  ['errors only', {}, 'FAIL', 3, false],
  ['errors when asked for', { severity: 'ERROR' }, 'FAIL', 3, false],
  ['warnings too', { severity: 'WARNING' }, 'FAIL', 4, false],
  ['no more than asked for', { maxResults: 2 }, 'FAIL', 2, true],
  ['as many as there are', { maxResults: 3 }, 'FAIL', 3, false],
  ['0 is as many as there can be', { maxResults: 0 }, 'FAIL', 3, false],
  [
    'warnings alone are no failure',
    { severity: 'WARNING', definition: JSON.stringify(machineOf({ A: { ...end, Result: '$.a' } })) },
    'OK',
    1,
    false,
  ],
  ['nothing', { definition: JSON.stringify(machineOf({ A: end })) }, 'OK', 0, false],
])('ValidateStateMachineDefinition tells %s', async (_what, input, result, count, truncated) => {
  const answer = await validated({ definition: faulty, ...input });
  expect(answer).toMatchObject({ result, truncated });
  expect(answer.diagnostics).toHaveLength(count);
});

test.each([
  [{}],
  [{ definition: faulty, severity: 'INFO' }],
  [{ definition: faulty, maxResults: 101 }],
  [{ definition: faulty, maxResults: -1 }],
  [{ definition: faulty, maxResults: 1.5 }],
  [{ definition: faulty, type: 'FAST' }],
  [{ definition: 'x'.repeat(1_048_577) }],
])('ValidateStateMachineDefinition refuses to be asked so: %#', async (input) => {
  await expect(validated(input)).rejects.toMatchObject({ code: 'ValidationException' });
});

// https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
test('a variable of a branch does not hide one around it', () => {
  const inner = (Assign: object) => parallel(scope({ B: { ...end, Assign } }));
  const around = (Assign: object) => machineOf({ A: { ...to('P'), Assign: { a: 1 } }, P: inner(Assign) });
  expect(told(around({ b: 1 }))).toEqual([]);
  expect(told(around({ 'a.$': '$.v' }))).toEqual([
    "ERROR DUPLICATE_VARIABLE_NAME: The variable name 'a' was already defined in a parent scope. at /States/P/Branches[0]/States/B/Assign/a.$",
  ]);
});
