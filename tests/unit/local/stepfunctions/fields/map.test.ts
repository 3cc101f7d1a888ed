import { expect, test } from 'vitest';
import { effectTests, fieldTests, findingsOf, machineWith } from '../../../../builders/a-field.ts';
import { functionArn } from '../../../../builders/a-states-part.ts';

// https://docs.aws.amazon.com/step-functions/latest/dg/state-map-inline.html
// https://docs.aws.amazon.com/step-functions/latest/dg/state-parallel.html
const TEXT = 'Expected value of type [STRING]';
const INTEGER = 'Expected value of type Integer';
const OBJECT = 'Expected value of type [OBJECT]';
const ONE_OF = 'This object should have only one of the following fields: [ItemProcessor, Iterator]';
const inner = { StartAt: 'In', States: { In: { Type: 'Pass', End: true } } };
const work = { StartAt: 'W', States: { W: { Type: 'Task', Resource: functionArn('f'), End: true } } };

fieldTests('Branches', {
  owners: ['Parallel'],
  accepts: [[inner], [inner, { StartAt: 'B', States: { B: { Type: 'Succeed' } } }]],
  refuses: [
    [undefined, 'These fields are required: [Branches]', 'object'],
    [{}, 'Expected value of type [ARRAY]'],
    [[], 'Value cannot be empty'],
    [[1], OBJECT, 'Branches[0]'],
    [[{ ...inner, QueryLanguage: 'JSONata' }], "Field 'QueryLanguage' is not supported", 'Branches[0]'],
    [[{ ...inner, Timeout: 1 }], "Field 'Timeout' is not supported", 'Branches[0]'],
    [[inner, inner], 'Duplicate State name: In', 'Branches[1]/States/In'],
    [
      [{ StartAt: 'B', States: { B: { Type: 'Pass', Next: 'S' } } }],
      "Missing 'Next' target: S",
      'Branches[0]/States/B/Next',
    ],
  ],
});

for (const field of ['ItemProcessor', 'Iterator']) {
  fieldTests(field, {
    owners: ['Map'],
    accepts: [inner, { ...inner, ProcessorConfig: { Mode: 'INLINE' } }],
    refuses: [
      [[], OBJECT],
      [{}, 'These fields are required: [States, StartAt]'],
      [{ ...inner, QueryLanguage: 'JSONata' }, "Field 'QueryLanguage' is not supported"],
      [{ ...inner, ProcessorConfig: 1 }, OBJECT, `${field}/ProcessorConfig`],
      [undefined, ONE_OF, 'object'],
    ],
  });
}
test('field: Map.Iterator refuse: with ItemProcessor', () => {
  const state = { Type: 'Map', ItemProcessor: inner, Iterator: work, End: true };
  const found = findingsOf({ StartAt: 'S', States: { S: state } });
  expect(found).toEqual(['There should only be one of the following fields: [ItemProcessor, Iterator] at /States/S']);
});

fieldTests('ProcessorConfig', {
  owners: ['ItemProcessor'],
  accepts: [{}, { Mode: 'INLINE' }],
  refuses: [
    ['INLINE', OBJECT],
    [{ Kind: 'INLINE' }, "Field 'Kind' is not supported"],
  ],
});
fieldTests('Mode', {
  owners: ['ProcessorConfig'],
  accepts: ['INLINE'],
  refuses: [
    [1, TEXT],
    ['inline', 'Value should be one of the following: [INLINE, DISTRIBUTED]'],
    ['DISTRIBUTED', 'These fields are required: [ExecutionType]', 'object'],
  ],
});

fieldTests('ItemsPath', {
  owners: ['Map'],
  only: 'JSONPath',
  accepts: ['$', '$.l', '$$.Execution.Input.l'],
  refuses: [
    [1, TEXT],
    ['l', 'Value must be a valid JSONPath.'],
    ['$.l[*]', 'Value is not a Reference Path'],
  ],
});
fieldTests('ItemSelector', {
  owners: ['Map'],
  accepts: [{}, { 'v.$': '$$.Map.Item.Value' }, { k: [{ 'i.$': '$$.Map.Item.Index' }] }],
  refuses: [
    [{ 'v.$': 'v' }, "The value for the field 'v.$' must be a valid JSONPath or a valid intrinsic function call"],
    [{ 'v.$': 1 }, "The value for the field 'v.$' must be a valid JSONPath or a valid intrinsic function call"],
  ],
});
test('field: Map.ItemSelector refuse: with Parameters', () => {
  expect(findingsOf(machineWith('Map', { ItemSelector: {}, Parameters: {} }))).toEqual([
    'There should only be one of the following fields: [ItemSelector, Parameters] at /States/S',
  ]);
});

for (const [field, most] of [
  ['MaxConcurrency', 99_999_999],
  ['ToleratedFailureCount', 99_999_999],
  ['ToleratedFailurePercentage', 100],
] as const) {
  fieldTests(field, {
    owners: ['Map'],
    accepts: [0, 1, most],
    refuses: [
      ['1', INTEGER],
      [1.5, INTEGER],
      [null, INTEGER],
      [-1, 'Minimum value is 0'],
      [most + 1, `Maximum value is ${most}`],
    ],
  });
  fieldTests(`${field}Path`, {
    owners: ['Map'],
    only: 'JSONPath',
    accepts: ['$.n'],
    refuses: [
      [1, TEXT],
      ['n', 'Value must be a valid JSONPath.'],
      ['$..n', 'Value is not a Reference Path'],
    ],
  });
  test(`field: Map.${field}Path refuse: with ${field}`, () => {
    expect(findingsOf(machineWith('Map', { [field]: 1, [`${field}Path`]: '$.n' }))).toEqual([
      `There should only be one of the following fields: [${field}, ${field}Path] at /States/S`,
    ]);
  });
}

test.each(['ItemReader', 'ItemBatcher', 'ResultWriter', 'Label'])('an inline Map has no %s', (field) => {
  expect(findingsOf(machineWith('Map', { [field]: {} }))).toContain(`Field '${field}' is not supported at /States/S`);
});
fieldTests('ExecutionType', {
  owners: ['ProcessorConfig'],
  beside: { Mode: 'INLINE' },
  accepts: [],
  refuses: [['STANDARD', "Field 'ExecutionType' is not supported", 'object']],
});

const mapped = (fields: object) => machineWith('Map', { ItemsPath: '$.l', ...fields });
effectTests([
  [
    'Parallel.Branches',
    'all get the input, the result has their outputs in order',
    machineWith('Parallel', {
      Branches: [inner, { StartAt: 'B', States: { B: { Type: 'Pass', Result: 'b', End: true } } }],
    }),
    1,
    '[1,"b"]',
  ],
  ['Map.ItemProcessor', 'runs on every item', machineWith('Map', { ItemProcessor: inner }), [1, 2], '[1,2]'],
  ['Map.Iterator', 'is the old name of ItemProcessor', machineWith('Map', { Iterator: inner }), [1, 2], '[1,2]'],
  [
    'ItemProcessor.ProcessorConfig',
    'an inline Map is what there is without it',
    machineWith('Map', { ItemProcessor: { ...inner, ProcessorConfig: {} } }),
    [1],
    '[1]',
  ],
  [
    'ProcessorConfig.Mode',
    'INLINE runs the items in the execution',
    machineWith('Map', { ItemProcessor: { ...inner, ProcessorConfig: { Mode: 'INLINE' } } }),
    [1],
    '[1]',
  ],
  ['Map.ItemsPath', 'names the items', mapped({}), { l: [3] }, '[3]'],
  [
    'Map.ItemSelector',
    'makes the input of each item',
    mapped({ ItemSelector: { 'i.$': '$$.Map.Item.Index', 'k.$': '$.k' } }),
    { l: [3], k: 4 },
    '[{"i":0,"k":4}]',
  ],
  [
    'Map.MaxConcurrency',
    'few at a time are all done in the end',
    mapped({ MaxConcurrency: 1 }),
    { l: [1, 2, 3] },
    '[1,2,3]',
  ],
  [
    'Map.MaxConcurrencyPath',
    'few at a time are all done in the end',
    mapped({ MaxConcurrencyPath: '$.n' }),
    { l: [1, 2, 3], n: 1 },
    '[1,2,3]',
  ],
]);

const once = (fields: object) => mapped({ ItemProcessor: work, ...fields });
const items = { l: [1, 2, 3, 4], n: 25, none: 0 };
const exceeded = 'States.ExceedToleratedFailureThreshold: The specified tolerated failure threshold was exceeded';
effectTests(
  [
    ['Map.ToleratedFailureCount', 'so many items may fail', once({ ToleratedFailureCount: 1 }), items, '[2,3,4]'],
    ['Map.ToleratedFailureCount', 'no more', once({ ToleratedFailureCount: 0 }), items, exceeded],
    [
      'Map.ToleratedFailureCountPath',
      'so many items may fail',
      once({ ToleratedFailureCountPath: '$.n' }),
      items,
      '[2,3,4]',
    ],
    ['Map.ToleratedFailureCountPath', 'no more', once({ ToleratedFailureCountPath: '$.none' }), items, exceeded],
    [
      'Map.ToleratedFailurePercentage',
      'so many of a hundred may fail',
      once({ ToleratedFailurePercentage: 25 }),
      items,
      '[2,3,4]',
    ],
    ['Map.ToleratedFailurePercentage', 'no more', once({ ToleratedFailurePercentage: 24 }), items, exceeded],
    [
      'Map.ToleratedFailurePercentagePath',
      'so many of a hundred may fail',
      once({ ToleratedFailurePercentagePath: '$.n' }),
      items,
      '[2,3,4]',
    ],
    [
      'Map.ToleratedFailurePercentagePath',
      'no more',
      once({ ToleratedFailurePercentagePath: '$.none' }),
      items,
      exceeded,
    ],
  ],
  (payload) => (payload === 1 ? { error: 'E' } : { ok: payload }),
);
