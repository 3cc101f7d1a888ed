import { expect, test } from 'vitest';
import { effectTests, fieldTests, findingsOf, machineWith } from '../../../../builders/a-field.ts';
import { outcomeOf } from '../../../../builders/an-outcome.ts';

// https://docs.aws.amazon.com/step-functions/latest/dg/state-wait.html
// https://docs.aws.amazon.com/step-functions/latest/dg/state-fail.html
const TEXT = 'Expected value of type [STRING]';
const INTEGER = 'Expected value of type Integer';
const PATH = 'Value must be a valid JSONPath.';
const ONE_OF = '[SecondsPath, Seconds, TimestampPath, Timestamp]';
const NO_TIMESTAMP = 'String does not match RFC3339 timestamp';

fieldTests('Seconds', {
  owners: ['Wait'],
  accepts: [0, 1, 99_999_999],
  refuses: [
    ['1', INTEGER],
    [1.5, INTEGER],
    [null, INTEGER],
    [-1, 'Minimum value is 0'],
    [100_000_000, 'Maximum value is 99999999'],
    [undefined, `This object should have only one of the following fields: ${ONE_OF}`, 'object'],
  ],
});

fieldTests('Timestamp', {
  owners: ['Wait'],
  accepts: ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.123Z', '2026-01-01T00:00:00+01:00'],
  refuses: [
    [1, TEXT],
    ['tomorrow', NO_TIMESTAMP],
    ['2026-01-01', NO_TIMESTAMP],
    ['2026-01-01 00:00:00Z', NO_TIMESTAMP],
    ['2026-01-01t00:00:00Z', NO_TIMESTAMP],
    ['2026-01-01T00:00:00z', NO_TIMESTAMP],
    ['2026-01-01T00:00:00', NO_TIMESTAMP],
    ['2026-13-01T00:00:00Z', NO_TIMESTAMP],
  ],
});

for (const field of ['SecondsPath', 'TimestampPath']) {
  fieldTests(field, {
    owners: ['Wait'],
    only: 'JSONPath',
    accepts: ['$.v', '$.a.b[0]', '$$.Execution.StartTime'],
    refuses: [
      [1, TEXT],
      ['v', PATH],
      ['$..v', 'Value is not a Reference Path'],
    ],
  });
}

test.each([
  ['Seconds', { Seconds: 1, SecondsPath: '$.v' }],
  ['Timestamp', { Timestamp: '2026-01-01T00:00:00Z', Seconds: 1 }],
  ['SecondsPath', { SecondsPath: '$.v', TimestampPath: '$.v' }],
  ['TimestampPath', { Timestamp: '2026-01-01T00:00:00Z', TimestampPath: '$.v' }],
])('field: Wait.%s refuse: with another', (_field, fields) => {
  const definition = { StartAt: 'S', States: { S: { Type: 'Wait', ...fields, End: true } } };
  expect(findingsOf(definition)).toEqual([`There should only be one of the following fields: ${ONE_OF} at /States/S`]);
});

for (const field of ['Error', 'Cause']) {
  fieldTests(field, {
    owners: ['Fail'],
    accepts: ['', 'Broken', 'States.Custom'],
    refuses: [
      [1, TEXT],
      [null, TEXT],
      [{}, TEXT],
    ],
  });
  fieldTests(`${field}Path`, {
    owners: ['Fail'],
    only: 'JSONPath',
    accepts: ['$.v', '$$.State.Name', "States.Format('{}', $.v)"],
    refuses: [
      [1, TEXT],
      ['v', 'Value must be a valid JSONPath or a valid intrinsic function call'],
      ['States.Nothing()', 'Value must be a valid JSONPath or a valid intrinsic function call'],
    ],
  });
  test(`field: Fail.${field}Path refuse: with ${field}`, () => {
    const found = findingsOf(machineWith('Fail', { [field]: 'v', [`${field}Path`]: '$.v' }));
    expect(found).toEqual([`There should only be one of the following fields: [${field}, ${field}Path] at /States/S`]);
  });
}

test.each<[field: string, fields: object, input: object, endsAtS: number]>([
  ['Seconds', { Seconds: 3 }, {}, 3],
  ['SecondsPath', { SecondsPath: '$.v' }, { v: 4 }, 4],
])('field: Wait.%s effect: the execution goes on after it', async (_field, fields, input, endsAtS) => {
  const { endedAtS, text } = await outcomeOf(machineWith('Wait', { ...fields }), input, { withinS: 9 });
  expect([endedAtS, text]).toEqual([endsAtS, JSON.stringify(input)]);
});

effectTests([
  [
    'Wait.Timestamp',
    'a moment that is over is no wait',
    machineWith('Wait', { Timestamp: '2000-01-01T00:00:00Z' }),
    1,
    '1',
  ],
  [
    'Wait.TimestampPath',
    'a moment that is over is no wait',
    machineWith('Wait', { TimestampPath: '$' }),
    '2000-01-01T00:00:00Z',
    '"2000-01-01T00:00:00Z"',
  ],
  ['Fail.Error', 'is the error of the execution', machineWith('Fail', { Error: 'Broken' }), {}, 'Broken'],
  [
    'Fail.Cause',
    'is the cause of the execution',
    machineWith('Fail', { Error: 'Broken', Cause: 'for a reason' }),
    {},
    'Broken: for a reason',
  ],
  ['Fail.ErrorPath', 'reads the error', machineWith('Fail', { ErrorPath: '$.v' }), { v: 'Broken' }, 'Broken'],
  [
    'Fail.CausePath',
    'reads the cause',
    machineWith('Fail', { Error: 'Broken', CausePath: "States.Format('{}!', $.v)" }),
    { v: 'why' },
    'Broken: why!',
  ],
]);
