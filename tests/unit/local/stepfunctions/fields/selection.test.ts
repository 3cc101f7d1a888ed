import { effectTests, fieldTests, machineWith } from '../../../../builders/a-field.ts';

// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-input-output-filtering.html
const ALL = ['Pass', 'Task', 'Choice', 'Wait', 'Succeed', 'Parallel', 'Map'];
const WITH_RESULT = ['Task', 'Parallel', 'Map'];
const TEXT = 'Expected value of type [STRING]';
const PATH = 'Value must be a valid JSONPath.';
const REFERENCE = 'Value is not a Reference Path';
const TEMPLATE = "The value for the field 'v.$' must be a valid JSONPath or a valid intrinsic function call";

for (const field of ['InputPath', 'OutputPath']) {
  fieldTests(field, {
    owners: ALL,
    only: 'JSONPath',
    accepts: ['$', '$.a', "$['a b'].c[0]", '$..a', '$.l[*]', '$.l[?(@.n > 1)]', '$$.Execution.Id', null],
    refuses: [
      [1, TEXT],
      [{}, TEXT],
      ['a', PATH],
      ['', PATH],
      ['$.a[', PATH],
      ["$['a", PATH],
    ],
  });
}

fieldTests('ResultPath', {
  owners: ['Pass', ...WITH_RESULT, 'Catcher'],
  only: 'JSONPath',
  accepts: ['$', '$.a', '$.a.b[0]', "$['a.b']", null],
  refuses: [
    [true, TEXT],
    ['a.b', PATH],
    ['$.a[*]', REFERENCE],
    ['$..a', REFERENCE],
    ['$variable.a', REFERENCE],
    ['$$.Execution.Id', REFERENCE],
    ['$.l[0:2]', REFERENCE],
    ['$.l[0,1]', REFERENCE],
    ['$.l[?(@.a)]', REFERENCE],
  ],
});

for (const [field, owners] of [
  ['Parameters', ['Pass', 'Task', 'Parallel', 'Map']],
  ['ResultSelector', WITH_RESULT],
] as const) {
  fieldTests(field, {
    owners,
    only: 'JSONPath',
    accepts: [{}, { a: 1 }, { 'v.$': '$.a' }, { 'v.$': 'States.UUID()' }, { a: [{ 'v.$': '$$.State.Name' }] }],
    refuses: [
      [{ 'v.$': 'text' }, TEMPLATE],
      [{ 'v.$': 1 }, TEMPLATE],
      [{ 'v.$': 'States.Nothing()' }, TEMPLATE],
      [{ a: { b: [{ 'v.$': '$.a[' }] } }, TEMPLATE],
    ],
  });
}

fieldTests('Result', {
  owners: ['Pass'],
  only: 'JSONPath',
  accepts: [null, 0, 'text', [], { 'v.$': 'not looked at' }],
  refuses: [],
});

const selected = { a: [1], b: 2 };
effectTests([
  ...['Pass', 'Task', 'Choice', 'Wait', 'Succeed', 'Map'].map(
    (type) =>
      [
        `${type}.InputPath`,
        'only what it names goes in',
        machineWith(type, { InputPath: '$.a' }),
        selected,
        '[1]',
      ] as const,
  ),
  [
    'Parallel.InputPath',
    'only what it names goes in',
    machineWith('Parallel', { InputPath: '$.a' }),
    selected,
    '[[1]]',
  ],
  ['Pass.InputPath', 'null gives an empty object', machineWith('Pass', { InputPath: null }), selected, '{}'],
  ...['Pass', 'Task', 'Choice', 'Wait', 'Succeed'].map(
    (type) =>
      [
        `${type}.OutputPath`,
        'only what it names comes out',
        machineWith(type, { OutputPath: '$.b' }),
        selected,
        '2',
      ] as const,
  ),
  [
    'Parallel.OutputPath',
    'names a part of the result',
    machineWith('Parallel', { OutputPath: '$[0].b' }),
    selected,
    '2',
  ],
  ['Map.OutputPath', 'names a part of the result', machineWith('Map', { OutputPath: '$[1]' }), [5, 6], '6'],
  ['Pass.OutputPath', 'null gives an empty object', machineWith('Pass', { OutputPath: null }), selected, '{}'],
  [
    'Pass.ResultPath',
    'puts the result into the input',
    machineWith('Pass', { Result: 1, ResultPath: '$.r' }),
    { a: 0 },
    '{"a":0,"r":1}',
  ],
  [
    'Task.ResultPath',
    'puts the result into the input',
    machineWith('Task', { InputPath: '$.b', ResultPath: '$.a' }),
    selected,
    '{"a":2,"b":2}',
  ],
  [
    'Task.ResultPath',
    'null keeps the input',
    machineWith('Task', { InputPath: '$.b', ResultPath: null }),
    selected,
    '{"a":[1],"b":2}',
  ],
  [
    'Parallel.ResultPath',
    'puts the result into the input',
    machineWith('Parallel', { ResultPath: '$.r' }),
    { a: 0 },
    '{"a":0,"r":[{"a":0}]}',
  ],
  [
    'Map.ResultPath',
    'puts the result into the input',
    machineWith('Map', { InputPath: '$.a', ResultPath: '$.r' }),
    { a: [4] },
    '{"a":[4],"r":[4]}',
  ],
  ...['Pass', 'Task'].map(
    (type) =>
      [
        `${type}.Parameters`,
        'makes the effective input',
        machineWith(type, { Parameters: { k: 'c', 'v.$': '$.b' } }),
        selected,
        '{"k":"c","v":2}',
      ] as const,
  ),
  [
    'Parallel.Parameters',
    'makes the input of every branch',
    machineWith('Parallel', { Parameters: { 'v.$': '$.b' } }),
    selected,
    '[{"v":2}]',
  ],
  [
    'Map.Parameters',
    'is the old name of ItemSelector',
    machineWith('Map', { Parameters: { 'v.$': '$$.Map.Item.Value' } }),
    [7],
    '[{"v":7}]',
  ],
  [
    'Task.ResultSelector',
    'makes the result',
    machineWith('Task', { ResultSelector: { 'v.$': '$.b' } }),
    selected,
    '{"v":2}',
  ],
  [
    'Parallel.ResultSelector',
    'makes the result',
    machineWith('Parallel', { ResultSelector: { 'v.$': '$[0].b' } }),
    selected,
    '{"v":2}',
  ],
  [
    'Map.ResultSelector',
    'makes the result',
    machineWith('Map', { ResultSelector: { 'v.$': '$[1]' } }),
    [5, 6],
    '{"v":6}',
  ],
  [
    'Pass.Result',
    'is the result as it stands',
    machineWith('Pass', { Result: { 'v.$': '$.b' } }),
    selected,
    '{"v.$":"$.b"}',
  ],
]);
