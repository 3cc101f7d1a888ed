import { expect, test } from 'vitest';
import { effectTests, fieldTests, findingsOf, machineWith } from '../../../../builders/a-field.ts';

// https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
// https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html
const ALL = ['Pass', 'Task', 'Choice', 'Wait', 'Succeed', 'Parallel', 'Map'];
const ASSIGNING = ['Pass', 'Task', 'Choice', 'Wait', 'Parallel', 'Map'];
const BRACES = 'JSONata string must start with {% and end with %}';
const OBJECT = 'Expected value of type [OBJECT]';

fieldTests('Output', {
  owners: [...ALL, 'Catcher', 'ChoiceRule'],
  only: 'JSONata',
  accepts: ['{% $states.input %}', { a: '{% 1 %}', l: [1, '{% 2 %}'] }, 1, null, 'plain text'],
  refuses: [
    ['{% 1', BRACES],
    [{ a: { b: '{% 1' } }, BRACES, 'Output/a/b'],
    [{ a: [0, '{% 1'] }, BRACES, 'Output/a[1]'],
  ],
});
fieldTests('Arguments', {
  owners: ['Task', 'Parallel'],
  only: 'JSONata',
  accepts: ['{% $states.input %}', { a: '{% 1 %}' }],
  refuses: [
    ['{% 1', BRACES],
    [{ a: ['{% 1'] }, BRACES, 'Arguments/a[0]'],
  ],
});
fieldTests('Items', {
  owners: ['Map'],
  only: 'JSONata',
  accepts: [[], [1, '{% 2 %}'], '{% $states.input.l %}'],
  refuses: [
    [{}, 'Expected value of type [ARRAY]'],
    ['l', 'Expected value of type [ARRAY]'],
    ['{% 1', BRACES],
  ],
});
fieldTests('Condition', {
  owners: ['ChoiceRule'],
  only: 'JSONata',
  accepts: ['{% $states.input.v = 1 %}', '{% true %}'],
  refuses: [
    ['true', BRACES],
    [1, BRACES],
    ['{% true', BRACES],
  ],
});
const invalid = (name: string) => `Invalid variable name '${name}': the variable name contains invalid characters.`;
for (const beside of [{}, { QueryLanguage: 'JSONata' }]) {
  fieldTests('Assign', {
    owners: 'QueryLanguage' in beside ? ASSIGNING : [...ASSIGNING, 'Catcher'],
    beside,
    accepts: [{}, { a: 1, b_2: [true], größe: 'x' }],
    refuses: [
      [1, OBJECT],
      [{ states: 1 }, "Cannot assign to reserved variable '$states'."],
      [{ 'a b': 1 }, invalid('a b')],
      [{ '1a': 1 }, invalid('1a')],
      [{ _a: 1 }, invalid('_a')],
      [{ '': 1 }, invalid('')],
      [{ $a: 1 }, invalid('$a')],
    ],
  });
}
fieldTests('Assign', {
  owners: ['ChoiceRule'],
  beside: { IsNull: true },
  accepts: [{ a: 1 }, { 'a.$': '$.v' }],
  refuses: [
    [1, OBJECT],
    [{ 'a.$': 'v' }, "The value for the field 'a.$' must be a valid JSONPath or a valid intrinsic function call"],
  ],
});
test.each([
  ['Task', 'TimeoutSeconds'],
  ['Task', 'HeartbeatSeconds'],
  ['Wait', 'Seconds'],
  ['Map', 'MaxConcurrency'],
  ['Map', 'ToleratedFailureCount'],
  ['Map', 'ToleratedFailurePercentage'],
])('field: %s.%s accept: a JSONata expression', (type, field) => {
  expect(findingsOf(machineWith(type, { [field]: '{% 1 + 1 %}' }, 'JSONata'))).toEqual([]);
  expect(findingsOf(machineWith(type, { [field]: '{% 1' }, 'JSONata'))).toEqual([`${BRACES} at /States/S/${field}`]);
});
test.each([
  ['Wait', 'Timestamp'],
  ['Fail', 'Error'],
  ['Fail', 'Cause'],
])('field: %s.%s accept: a JSONata expression', (type, field) => {
  expect(findingsOf(machineWith(type, { [field]: '{% "x" %}' }, 'JSONata'))).toEqual([]);
});

// Measured on AWS: https://github.com/floci-io/floci/issues/2968
const pass = (fields: object) => ({ StartAt: 'S', States: { S: { Type: 'Pass', ...fields, End: true } } });
const other = (field: string, language: string) =>
  `The QueryLanguage is set to '${language === 'JSONata' ? 'JSONPath' : 'JSONata'}', but field '${field}' is only supported for the '${language}' QueryLanguage`;
const ENUM = 'Value should be one of the following: [JSONPath, JSONata]';
const DOWNGRADE = "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine";

test.each<[what: string, definition: object, findings: string[]]>([
  ['a JSONata state of a JSONPath machine', pass({ QueryLanguage: 'JSONata', Output: '{% 1 %}' }), []],
  [
    'a JSONPath state of a JSONata machine',
    { QueryLanguage: 'JSONata', ...pass({ QueryLanguage: 'JSONPath', Output: 1 }) },
    [`${DOWNGRADE} at /States/S`],
  ],
  [
    'any other word resolves to JSONata',
    pass({ QueryLanguage: 'foo', InputPath: '$.a' }),
    [`${ENUM} at /States/S/QueryLanguage`, `${other('InputPath', 'JSONPath')} at /States/S`],
  ],
  [
    'so does a lower-case one for the machine',
    { QueryLanguage: 'jsonpath', ...pass({ Output: { v: '{% 1 %}' } }) },
    [`${ENUM} at /QueryLanguage`],
  ],
])('%s', (_what, definition, findings) => {
  expect(findingsOf(definition)).toEqual(findings);
});
test.each([
  ['Map', 'ItemProcessor', 'ItemProcessor'],
  ['Parallel', 'Branches', 'Branches[0]'],
])('what is inside a JSONata %s has the language of the machine', (type, field, at) => {
  const inner = { StartAt: 'In', States: { In: { Type: 'Pass', Output: '{% 1 %}', End: true } } };
  const state = { Type: type, QueryLanguage: 'JSONata', [field]: type === 'Map' ? inner : [inner], End: true };
  const message = `${other('Output', 'JSONata')} at /States/S/${at}/States/In`;
  expect(findingsOf({ StartAt: 'S', States: { S: state } })).toEqual([message]);
});

const jsonata = (type: string, fields: object) => machineWith(type, { ...fields }, 'JSONata');
const thenReads = (type: string, fields: object) => {
  const machine = machineWith(type, { ...fields, ...(type === 'Choice' ? {} : { Next: 'Done' }) }, 'JSONata');
  const text = JSON.stringify(machine).replace('{"Type":"Succeed"}', '{"Type":"Succeed","Output":"{% $n %}"}');
  return JSON.parse(text);
};

effectTests([
  ...['Pass', 'Wait', 'Succeed', 'Choice', 'Task', 'Parallel', 'Map'].map(
    (type) =>
      [
        `${type}.Output`,
        'makes the output',
        jsonata(type, { Output: { a: '{% 1 + 1 %}' }, ...(type === 'Map' && { Items: [1] }) }),
        {},
        '{"a":2}',
      ] as const,
  ),
  [
    'Task.Arguments',
    'make what is sent',
    jsonata('Task', { Arguments: { a: '{% $states.input.v %}' } }),
    { v: 3 },
    '{"a":3}',
  ],
  [
    'Parallel.Arguments',
    'make the input of every branch',
    jsonata('Parallel', { Arguments: { a: '{% $states.input.v %}' } }),
    { v: 3 },
    '[{"a":3}]',
  ],
  ['Map.Items', 'are the items', jsonata('Map', { Items: '{% $states.input.l %}' }), { l: [4, 5] }, '[4,5]'],
  [
    'ChoiceRule.Condition',
    'leads on if it is true',
    jsonata('Choice', {
      Choices: [{ Condition: '{% $states.input.v = 1 %}', Next: 'Done', Output: 'yes' }],
      Default: 'Done',
    }),
    { v: 1 },
    '"yes"',
  ],
  [
    'ChoiceRule.Output',
    'is the output if the rule holds',
    jsonata('Choice', { Choices: [{ Condition: '{% true %}', Next: 'Done', Output: '{% $states.input.v %}' }] }),
    { v: 1 },
    '1',
  ],
  ...ASSIGNING.map(
    (type) =>
      [
        `${type}.Assign`,
        'is read by later states',
        thenReads(type, { Assign: { n: '{% 6 * 7 %}' }, ...(type === 'Map' && { Items: [1] }) }),
        {},
        '42',
      ] as const,
  ),
  [
    'ChoiceRule.Assign',
    'is read by later states',
    thenReads('Choice', { Choices: [{ Condition: '{% true %}', Next: 'Done', Assign: { n: 5 } }] }),
    {},
    '5',
  ],
]);

const catching = (fields: object, output: string) => {
  const machine = machineWith('Task', { Catch: [{ ErrorEquals: ['E'], Next: 'Done', ...fields }] }, 'JSONata');
  return JSON.parse(JSON.stringify(machine).replace('{"Type":"Succeed"}', `{"Type":"Succeed","Output":"${output}"}`));
};
const error = '{% $states.errorOutput.Error %}';
effectTests(
  [
    ['Catcher.Output', 'is the input of the next state', catching({ Output: error }, '{% $states.input %}'), {}, '"E"'],
    ['Catcher.Assign', 'is read by later states', catching({ Assign: { n: error } }, '{% $n %}'), {}, '"E"'],
  ],
  () => ({ error: 'E' }),
);
