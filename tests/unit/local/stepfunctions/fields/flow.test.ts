import { expect, test } from 'vitest';
import { effectTests, fieldTests, findingsOf, machineWith } from '../../../../builders/a-field.ts';

// https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html
const STATES = ['Pass', 'Task', 'Choice', 'Wait', 'Succeed', 'Fail', 'Parallel', 'Map'];
const ONWARD = ['Pass', 'Task', 'Wait', 'Parallel', 'Map'];
const SCOPES = ['StateMachine', 'Branch', 'ItemProcessor'];
const TEXT = 'Expected value of type [STRING]';

fieldTests('Comment', {
  owners: [...STATES, ...SCOPES, 'Retrier', 'Catcher'],
  accepts: ['', 'why it is so'],
  refuses: [
    [1, TEXT],
    [{}, TEXT],
    [null, TEXT],
  ],
});

fieldTests('QueryLanguage', {
  owners: [...STATES, 'StateMachine'],
  accepts: ['JSONPath'],
  refuses: [
    [5, TEXT],
    ['jsonpath', 'Value should be one of the following: [JSONPath, JSONata]'],
    ['SQL', 'Value should be one of the following: [JSONPath, JSONata]'],
  ],
});

fieldTests('Next', {
  owners: ONWARD,
  accepts: ['Done'],
  refuses: [
    [1, TEXT],
    ['Nowhere', "Missing 'Next' target: Nowhere"],
    ['done', "Missing 'Next' target: done"],
  ],
});

fieldTests('End', {
  owners: ONWARD,
  accepts: [true],
  refuses: [
    ['true', 'Expected value of type [BOOLEAN]'],
    [false, 'This object should have only one of the following fields: [Next, End]', 'object'],
    [undefined, 'This object should have only one of the following fields: [Next, End]', 'object'],
  ],
});

fieldTests('Type', {
  owners: STATES,
  accepts: [],
  refuses: [
    [undefined, 'These fields are required: [Type]', 'object'],
    [1, TEXT],
    ['Pause', 'Value should be one of the following: [Pass, Task, Choice, Wait, Succeed, Fail, Parallel, Map]'],
  ],
});

test.each(STATES)('field: %s.Type accept: the name of the type', (type) => {
  expect(findingsOf(machineWith(type, {}))).toEqual([]);
});

test.each(ONWARD)('field: %s.Next refuse: with End', (type) => {
  const definition = machineWith(type, { Next: 'Done' });
  const both = JSON.stringify(definition).replace('"Next":"Done"', '"Next":"Done","End":true');
  expect(findingsOf(both)).toEqual(['There should only be one of the following fields: [Next, End] at /States/S']);
});

test.each(['Choice', 'Succeed', 'Fail'])('a %s has neither Next nor End', (type) => {
  expect(findingsOf(machineWith(type, { End: true }))).toContain("Field 'End' is not supported at /States/S");
  expect(findingsOf(machineWith(type, { Next: 'Done' }))).toContain("Field 'Next' is not supported at /States/S");
});

const inner = { In: { Type: 'Pass', End: true } };
fieldTests('StartAt', {
  owners: SCOPES,
  accepts: [],
  refuses: [
    [undefined, 'These fields are required: [StartAt]', 'object'],
    [1, TEXT],
    ['Nowhere', "Missing 'Next' target: Nowhere"],
  ],
});
fieldTests('States', {
  owners: SCOPES,
  accepts: [],
  refuses: [
    [undefined, 'These fields are required: [States]', 'object'],
    [[], 'Expected value of type [OBJECT]'],
    [{}, 'Value cannot be empty'],
    [{ X: 1 }, 'Expected value of type [OBJECT]', 'States/X'],
    [{ ...inner, X: { Type: 'Succeed' } }, 'State "X" is not reachable.', 'States/X'],
  ],
});
test.each(
  SCOPES.flatMap((scope) => [
    [`${scope}.StartAt`, scope],
    [`${scope}.States`, scope],
  ]),
)('field: %s accept: one state that is there', (_field, scope) => {
  const type = { StateMachine: 'Pass', Branch: 'Parallel', ItemProcessor: 'Map' }[scope] ?? '';
  expect(findingsOf(machineWith(type, {}))).toEqual([]);
});

fieldTests('Version', {
  owners: ['StateMachine'],
  accepts: ['1.0'],
  refuses: [
    [1, TEXT],
    ['2.0', 'Value should be one of the following: [1.0]'],
  ],
});

fieldTests('TimeoutSeconds', {
  owners: ['StateMachine'],
  accepts: [1, 99_999_999],
  refuses: [
    ['1', 'Expected value of type Integer'],
    [1.5, 'Expected value of type Integer'],
    [0, 'Minimum value is 1'],
    [-1, 'Minimum value is 1'],
    [100_000_000, 'Maximum value is 99999999'],
    [1e300, 'Maximum value is 99999999'],
  ],
});

fieldTests('Default', {
  owners: ['Choice'],
  accepts: ['Done'],
  refuses: [
    [1, TEXT],
    ['Nowhere', "Missing 'Next' target: Nowhere"],
  ],
});

const passed = [1];
const output = (type: string): string => (type === 'Parallel' ? '[[1]]' : '[1]');
const ending = STATES.filter((type) => type !== 'Fail');
effectTests([
  ...ending.map(
    (type) => [`${type}.Type`, 'says what the state does', machineWith(type, {}), passed, output(type)] as const,
  ),
  ['Fail.Type', 'says what the state does', machineWith('Fail', {}), passed, 'FAILED'],
  ...ending.map(
    (type) =>
      [`${type}.Comment`, 'changes nothing', machineWith(type, { Comment: 'c' }), passed, output(type)] as const,
  ),
  ['Fail.Comment', 'changes nothing', machineWith('Fail', { Comment: 'c' }), passed, 'FAILED'],
  ...ending.map(
    (type) =>
      [
        `${type}.QueryLanguage`,
        'JSONPath is what there is without it',
        machineWith(type, { QueryLanguage: 'JSONPath' }),
        passed,
        output(type),
      ] as const,
  ),
  [
    'Fail.QueryLanguage',
    'JSONPath is what there is without it',
    machineWith('Fail', { QueryLanguage: 'JSONPath' }),
    1,
    'FAILED',
  ],
  ...ONWARD.map(
    (type) => [`${type}.Next`, 'leads on', machineWith(type, { Next: 'Done' }), passed, output(type)] as const,
  ),
  ...ONWARD.map(
    (type) => [`${type}.End`, 'ends the execution', machineWith(type, { End: true }), passed, output(type)] as const,
  ),
  ['Choice.Default', 'leads on if no rule holds', machineWith('Choice', { Default: 'Done' }), 5, '5'],
  ['StateMachine.Comment', 'changes nothing', { ...machineWith('Pass', {}), Comment: 'c' }, 5, '5'],
  ['StateMachine.Version', 'changes nothing', { ...machineWith('Pass', {}), Version: '1.0' }, 5, '5'],
  [
    'StateMachine.QueryLanguage',
    'JSONPath is what there is without it',
    { ...machineWith('Pass', {}), QueryLanguage: 'JSONPath' },
    5,
    '5',
  ],
  [
    'StateMachine.TimeoutSeconds',
    'ends an execution that takes longer',
    { ...machineWith('Wait', { Seconds: 9 }), TimeoutSeconds: 2 },
    5,
    'TIMED_OUT',
  ],
  ...['StartAt', 'States'].flatMap((field) => [
    [
      `StateMachine.${field}`,
      'the execution begins there',
      { StartAt: 'B', States: { A: { Type: 'Succeed' }, B: { Type: 'Pass', Result: 'B', Next: 'A' } } },
      5,
      '"B"',
    ] as const,
    [
      `Branch.${field}`,
      'the branch begins there',
      machineWith('Parallel', {
        Branches: [{ StartAt: 'B', States: { A: { Type: 'Succeed' }, B: { Type: 'Pass', Result: 'B', Next: 'A' } } }],
      }),
      5,
      '["B"]',
    ] as const,
    [
      `ItemProcessor.${field}`,
      'each item begins there',
      machineWith('Map', {
        ItemProcessor: {
          StartAt: 'B',
          States: { A: { Type: 'Succeed' }, B: { Type: 'Pass', Result: 'B', Next: 'A' } },
        },
      }),
      [1, 2],
      '["B","B"]',
    ] as const,
  ]),
  [
    'Branch.Comment',
    'changes nothing',
    machineWith('Parallel', { Branches: [{ Comment: 'c', StartAt: 'In', States: inner }] }),
    5,
    '[5]',
  ],
  [
    'ItemProcessor.Comment',
    'changes nothing',
    machineWith('Map', { ItemProcessor: { Comment: 'c', StartAt: 'In', States: inner } }),
    [5],
    '[5]',
  ],
]);
