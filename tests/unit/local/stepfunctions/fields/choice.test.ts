import { expect, test } from 'vitest';
import { effectTests, fieldTests, findingsOf, machineWith } from '../../../../builders/a-field.ts';
import { outcomeOf } from '../../../../builders/an-outcome.ts';

// https://docs.aws.amazon.com/step-functions/latest/dg/state-choice.html
const TEXT = 'Expected value of type [STRING]';
const NUMBER = 'Expected value of type Number';
const BOOLEAN = 'Expected value of type [BOOLEAN]';
const NO_TIMESTAMP = 'String does not match RFC3339 timestamp';
const NO_PATH = "Value is not a Reference Path: Reference path didn't start with '$'";
const SELECTORS = 'The object must have only one of the following fields, [And, Or, Not, Variable, Condition]';
const EARLY = '2026-01-01T00:00:00Z';
const LATE = '2026-01-02T00:00:00Z';

fieldTests('Choices', {
  owners: ['Choice'],
  beside: { Comment: '"Done"' },
  accepts: [
    [{ Variable: '$.v', IsNull: true, Next: 'Done' }],
    [{ And: [{ Variable: '$.v', IsNull: true }, { Not: { Variable: '$.w', IsNull: true } }], Next: 'Done' }],
  ],
  refuses: [
    [undefined, 'These fields are required: [Choices]', 'object'],
    [{}, 'Expected value of type [ARRAY]'],
    [[], 'Value cannot be empty'],
    [[1], 'Expected value of type [OBJECT]', 'Choices[0]'],
  ],
});

const holds = { Variable: '$.v', IsPresent: true };
fieldTests('Next', {
  owners: ['ChoiceRule'],
  beside: { IsNull: true },
  accepts: ['Done'],
  refuses: [
    [undefined, 'These fields are required: [Next]', 'object'],
    [1, TEXT],
    ['Nowhere', "Missing 'Next' target: Nowhere"],
  ],
});
fieldTests('Comment', { owners: ['ChoiceRule'], beside: { IsNull: true }, accepts: ['c'], refuses: [[1, TEXT]] });
fieldTests('Variable', {
  owners: ['ChoiceRule'],
  beside: { IsNull: true },
  only: 'JSONPath',
  accepts: ['$', '$.v', '$.a.b[0]', "$['a b']", '$$.State.Name'],
  refuses: [
    [1, TEXT],
    ['v', NO_PATH],
    ['States.ArrayLength($.v)', NO_PATH],
    ['$.v[*]', 'Value is not a Reference Path'],
    ['$..v', 'Value is not a Reference Path'],
    ['$.v[', 'Value must be a valid JSONPath.'],
    [undefined, SELECTORS, 'object'],
  ],
});
for (const field of ['And', 'Or']) {
  fieldTests(field, {
    owners: ['ChoiceRule'],
    only: 'JSONPath',
    accepts: [[holds], [holds, { Not: holds }, { Or: [holds] }]],
    refuses: [
      [{}, 'Expected value of type [ARRAY]'],
      [[], 'Value cannot be empty'],
      [[1], 'Expected value of type [OBJECT]', `${field}[0]`],
      [[{ ...holds, Next: 'Done' }], "Field 'Next' is not supported", `${field}[0]`],
      [[{ ...holds, Assign: {} }], "Field 'Assign' is not supported", `${field}[0]`],
      [[{}], SELECTORS, `${field}[0]`],
    ],
  });
}
fieldTests('Not', {
  owners: ['ChoiceRule'],
  only: 'JSONPath',
  accepts: [holds, { Not: holds }, { And: [holds] }],
  refuses: [
    [[holds], 'Expected value of type [OBJECT]'],
    [{}, SELECTORS],
    [{ ...holds, Next: 'Done' }, "Field 'Next' is not supported"],
  ],
});

/** Of each comparison: a constant, one of the wrong type, a value for which it holds and one for which it does not. */
const comparisons: readonly (readonly [
  name: string,
  good: unknown,
  bad: unknown,
  message: string,
  yes: unknown,
  no: unknown,
])[] = [
  ['StringEquals', 'b', 1, TEXT, 'b', 'B'],
  ['StringLessThan', 'b', 1, TEXT, 'a', 'b'],
  ['StringGreaterThan', 'b', 1, TEXT, 'c', 'b'],
  ['StringLessThanEquals', 'b', 1, TEXT, 'b', 'c'],
  ['StringGreaterThanEquals', 'b', 1, TEXT, 'b', 'a'],
  ['StringMatches', 'b*', 1, TEXT, 'bc', 'cb'],
  ['NumericEquals', 2, '2', NUMBER, 2, '2'],
  ['NumericLessThan', 2, '2', NUMBER, 1, 2],
  ['NumericGreaterThan', 2, '2', NUMBER, 3, 2],
  ['NumericLessThanEquals', 2, '2', NUMBER, 2, 3],
  ['NumericGreaterThanEquals', 2, '2', NUMBER, 2, 1],
  ['BooleanEquals', true, 'true', BOOLEAN, true, false],
  ['TimestampEquals', EARLY, 'now', NO_TIMESTAMP, EARLY, LATE],
  ['TimestampLessThan', LATE, 'now', NO_TIMESTAMP, EARLY, LATE],
  ['TimestampGreaterThan', EARLY, 'now', NO_TIMESTAMP, LATE, EARLY],
  ['TimestampLessThanEquals', EARLY, 'now', NO_TIMESTAMP, EARLY, LATE],
  ['TimestampGreaterThanEquals', LATE, 'now', NO_TIMESTAMP, LATE, EARLY],
  ['IsNull', true, 1, BOOLEAN, null, 0],
  ['IsPresent', true, 1, BOOLEAN, null, undefined],
  ['IsNumeric', true, 1, BOOLEAN, 1, '1'],
  ['IsString', true, 1, BOOLEAN, 's', 1],
  ['IsBoolean', true, 1, BOOLEAN, false, 'false'],
  ['IsTimestamp', true, 1, BOOLEAN, EARLY, 'now'],
];

const leads = (rule: object): object => ({
  StartAt: 'S',
  States: {
    S: { Type: 'Choice', Choices: [{ ...rule, Next: 'Yes' }], Default: 'No' },
    Yes: { Type: 'Pass', Result: 'yes', End: true },
    No: { Type: 'Pass', Result: 'no', End: true },
  },
});

for (const [name, good, bad, message, yes, no] of comparisons) {
  fieldTests(name, {
    owners: ['ChoiceRule'],
    only: 'JSONPath',
    accepts: [good],
    refuses: [
      [bad, message],
      [null, message],
    ],
  });
  effectTests([
    [`ChoiceRule.${name}`, 'holds', leads({ Variable: '$.v', [name]: good }), { v: yes }, '"yes"'],
    [`ChoiceRule.${name}`, 'does not hold', leads({ Variable: '$.v', [name]: good }), { v: no }, '"no"'],
  ]);
  if (name.startsWith('Is') || name === 'StringMatches') continue;
  const rule = leads({ Variable: '$.v', [`${name}Path`]: '$.w' });
  fieldTests(`${name}Path`, {
    owners: ['ChoiceRule'],
    only: 'JSONPath',
    accepts: ['$.w', '$$.Execution.Name'],
    refuses: [
      [1, TEXT],
      ['w', NO_PATH],
      ['$.w[*]', 'Value is not a Reference Path'],
    ],
  });
  effectTests([
    [`ChoiceRule.${name}Path`, 'holds', rule, { v: yes, w: good }, '"yes"'],
    [`ChoiceRule.${name}Path`, 'does not hold', rule, { v: no, w: good }, '"no"'],
  ]);
}

test.each([
  [
    'two comparisons',
    { Variable: '$.v', IsNull: true, IsString: true },
    'There should only be one of the following fields: [StringEquals, ',
  ],
  ['no comparison', { Variable: '$.v' }, 'This object should have only one of the following fields: [StringEquals, '],
  [
    'a comparison beside And',
    { And: [holds], IsNull: true },
    "Field 'IsNull' is not supported at /States/S/Choices[0]",
  ],
  ['And beside Or', { And: [holds], Or: [holds] }, `${SELECTORS} at /States/S/Choices[0]`],
  [
    'an unknown comparison',
    { Variable: '$.v', NumericIs: 1 },
    "Field 'NumericIs' is not supported at /States/S/Choices[0]",
  ],
])('a rule with %s is refused', (_what, rule, message) => {
  expect(findingsOf(leads(rule)).join('\n')).toContain(message);
});

effectTests([
  ['Choice.Choices', 'the first rule that holds leads on', leads(holds), { v: 1 }, '"yes"'],
  ['ChoiceRule.Next', 'is where it leads', leads(holds), { v: 1 }, '"yes"'],
  ['ChoiceRule.Comment', 'changes nothing', leads({ ...holds, Comment: 'c' }), { v: 1 }, '"yes"'],
  [
    'ChoiceRule.Variable',
    'is what is compared',
    leads({ Variable: '$.v.w', IsNull: true }),
    { v: { w: null } },
    '"yes"',
  ],
  [
    'ChoiceRule.And',
    'holds if all hold',
    leads({ And: [holds, { Variable: '$.v', IsNull: true }] }),
    { v: null },
    '"yes"',
  ],
  [
    'ChoiceRule.And',
    'does not hold if one does not',
    leads({ And: [holds, { Variable: '$.v', IsNull: true }] }),
    { v: 1 },
    '"no"',
  ],
  ['ChoiceRule.Or', 'holds if one holds', leads({ Or: [{ Variable: '$.v', IsNull: true }, holds] }), { v: 1 }, '"yes"'],
  ['ChoiceRule.Or', 'does not hold if none does', leads({ Or: [holds] }), {}, '"no"'],
  ['ChoiceRule.Not', 'holds if the other does not', leads({ Not: holds }), {}, '"yes"'],
]);

test('field: Choice.Default effect: without it and without a rule that holds the state fails', async () => {
  const { text } = await outcomeOf(machineWith('Choice', { Default: undefined }));
  expect(text).toMatch(/^States\.NoChoiceMatched: /);
});
