import { expect, test } from 'vitest';
import { compile, describeDiagnostics } from '../../../../local/stepfunctions/compile.ts';
import { functionArn, machineOf } from '../../../builders/a-states-part.ts';

const problems = (definition: unknown): string =>
  describeDiagnostics(compile(JSON.stringify(definition)).diagnostics ?? []);
const end = { Type: 'Pass', End: true };

test.each([
  [
    'a missing target',
    machineOf({ A: { Type: 'Pass', Next: 'B' } }),
    "MISSING_TRANSITION_TARGET: Missing 'Next' target: B at /States/A/Next",
  ],
  [
    'a missing start',
    { StartAt: 'X', States: { A: end } },
    "MISSING_TRANSITION_TARGET: Missing 'StartAt' target: X at /StartAt",
  ],
  ['no states', { StartAt: 'X' }, "SCHEMA_VALIDATION_FAILED: The field 'States' is required but was missing at /"],
  [
    'neither Next nor End',
    machineOf({ A: { Type: 'Pass' } }),
    "Exactly one of 'Next' and 'End' is required at /States/A",
  ],
  ['an unknown type', machineOf({ A: { Type: 'Pause', End: true } }), "'Pause' is not a state type"],
  ['an unknown field', machineOf({ A: { ...end, Reslt: 1 } }), "Field 'Reslt' is not supported at /States/A/Reslt"],
  ['a bad path', machineOf({ A: { ...end, InputPath: 'a.b' } }), 'The value must be a valid JSONPath'],
  [
    'a bad reference path',
    machineOf({ A: { ...end, ResultPath: '$.a[*]' } }),
    'The value must be a valid ReferencePath at /States/A/ResultPath',
  ],
  [
    'a bad template',
    machineOf({ A: { ...end, Parameters: { l: [{ 'x.$': 5 }] } } }),
    "The value for the field 'x.$' must be a valid JSONPath or a valid intrinsic function call at /States/A/Parameters/l[0]/x.$",
  ],
  [
    'no resource',
    machineOf({ A: { Type: 'Task', End: true } }),
    "The field 'Resource' is required but was missing at /States/A",
  ],
  [
    'a bad resource',
    machineOf({ A: { Type: 'Task', Resource: 'f', End: true } }),
    'Value is not a valid resource ARN at /States/A/Resource',
  ],
  [
    'a foreign resource',
    machineOf({ A: { Type: 'Task', Resource: 'arn:aws:states:::glue:startJobRun', End: true } }),
    'is not supported at /States/A/Resource',
  ],
  [
    'a bad time limit',
    machineOf({ A: { Type: 'Task', Resource: functionArn('f'), TimeoutSeconds: 0, End: true } }),
    'Expected an integer between 1 and',
  ],
  [
    'two ends of a wait',
    machineOf({ A: { Type: 'Wait', Seconds: 1, Timestamp: '2026-01-01T00:00:00Z', End: true } }),
    'must contain exactly one of',
  ],
  [
    'no rules',
    machineOf({ A: { Type: 'Choice', Choices: [] } }),
    'A non-empty array of choice rules is required at /States/A/Choices',
  ],
  [
    'a bad rule',
    machineOf({ A: { Type: 'Choice', Choices: [{ Variable: '$.a', NumericIs: 1, Next: 'B' }] }, B: end }),
    "'NumericIs' is not a comparison operator",
  ],
  [
    'a bad operand',
    machineOf({ A: { Type: 'Choice', Choices: [{ Variable: '$.a', NumericEquals: '1', Next: 'B' }] }, B: end }),
    'wrong type for this comparison',
  ],
  [
    'States.ALL among others',
    machineOf({
      A: { Type: 'Task', Resource: functionArn('f'), Retry: [{ ErrorEquals: ['States.ALL', 'X'] }], End: true },
    }),
    'States.ALL must appear alone',
  ],
  [
    'a bad backoff',
    machineOf({
      A: { Type: 'Task', Resource: functionArn('f'), Retry: [{ ErrorEquals: ['X'], BackoffRate: 0.5 }], End: true },
    }),
    'Expected a number between 1 and',
  ],
  [
    'the same name twice',
    machineOf({ A: { Type: 'Parallel', Branches: [{ StartAt: 'A', States: { A: end } }], End: true } }),
    'DUPLICATE_STATE_NAME: Duplicate state name: A',
  ],
  [
    'a problem in a branch',
    machineOf({
      A: { Type: 'Parallel', Branches: [{ StartAt: 'B', States: { B: { Type: 'Pass', Next: 'A' } } }], End: true },
    }),
    "Missing 'Next' target: A at /States/A/Branches[0]/States/B/Next",
  ],
  [
    'a query language that there is not',
    { QueryLanguage: 'JMESPath', ...machineOf({ A: end }) },
    'Value should be one of the following: [JSONPath, JSONata] at /QueryLanguage',
  ],
  [
    'an expression that is none',
    { QueryLanguage: 'JSONata', ...machineOf({ A: { ...end, Output: { v: '{% a[1,2) %}' } } }) },
    'INVALID_JSONATA_EXPRESSION',
  ],
  [
    'an expression without a context',
    { QueryLanguage: 'JSONata', ...machineOf({ A: { ...end, Output: { v: '{% phone %}' } } }) },
    "UNSUPPORTED_JSONATA_EXPRESSION: Reference to 'phone' at the top level is not supported. at /States/A/Output/v",
  ],
  [
    'the root of an expression',
    { QueryLanguage: 'JSONata', ...machineOf({ A: { ...end, Output: '{% $$.a %}' } }) },
    "UNSUPPORTED_JSONATA_EXPRESSION: Reference to '$$' is not supported. at /States/A/Output",
  ],
  [
    'a distributed map without a type of its children',
    machineOf({
      A: {
        Type: 'Map',
        ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED' }, StartAt: 'B', States: { B: end } },
        End: true,
      },
    }),
    "The field 'ExecutionType' is required with Mode DISTRIBUTED",
  ],
])('%s is refused, saying where', (_what, definition, message) => {
  expect(problems(definition)).toContain(message);
});

test('text that is no JSON object is refused', () => {
  expect(compile('{"StartAt"').diagnostics).toMatchObject([{ code: 'INVALID_JSON_DESCRIPTION' }]);
  expect(compile('[]').diagnostics).toMatchObject([{ code: 'INVALID_JSON_DESCRIPTION' }]);
});

test('the same text is compiled once', () => {
  const text = JSON.stringify(machineOf({ A: end }));
  expect(compile(text)).toBe(compile(text));
});

test('hostile definitions are refused, never thrown at', () => {
  const deep = `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`;
  expect(compile(deep).diagnostics).toBeDefined();
  const filter = `$[?(${'('.repeat(20_000)}@.a${')'.repeat(20_000)})]`;
  expect(problems(machineOf({ A: { ...end, InputPath: filter } }))).toContain('valid JSONPath');
  const names =
    '{"StartAt":"__proto__","States":{"__proto__":{"Type":"Pass","End":true},"constructor":{"Type":"Pass","Next":"toString"}}}';
  expect(compile(names).diagnostics).toMatchObject([{ code: 'MISSING_TRANSITION_TARGET' }]);
});
