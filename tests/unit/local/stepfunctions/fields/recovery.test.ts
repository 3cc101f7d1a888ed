import { expect, test } from 'vitest';
import { effectTests, fieldTests, findingsOf, machineWith } from '../../../../builders/a-field.ts';
import { functionArn } from '../../../../builders/a-states-part.ts';
import { type Answer, outcomeOf } from '../../../../builders/an-outcome.ts';

// https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html
const RECOVERING = ['Task', 'Parallel', 'Map'];
const TEXT = 'Expected value of type [STRING]';
const INTEGER = 'Expected value of type Integer';
const ALONE = 'States.ALL must appear alone and at end of list';

for (const field of ['Retry', 'Catch']) {
  const next = field === 'Catch' ? { Next: 'Done' } : {};
  fieldTests(field, {
    owners: RECOVERING,
    accepts: [
      [],
      [
        { ErrorEquals: ['A', 'States.Timeout'], ...next },
        { ErrorEquals: ['States.ALL'], ...next },
      ],
    ],
    refuses: [
      [{}, 'Expected value of type [ARRAY]'],
      [['E'], 'Expected value of type [OBJECT]', `${field}[0]`],
      [[{ ...next }], 'These fields are required: [ErrorEquals]', `${field}[0]`],
      [[{ ErrorEquals: ['E'], ...next, Reason: 'r' }], "Field 'Reason' is not supported", `${field}[0]`],
    ],
  });
  test.each(['Pass', 'Choice', 'Wait', 'Succeed', 'Fail'])(`a %s has no ${field}`, (type) => {
    const found = findingsOf(machineWith(type, { [field]: [] }));
    expect(found).toEqual([`Field '${field}' is not supported at /States/S`]);
  });
  fieldTests('ErrorEquals', {
    owners: [field === 'Catch' ? 'Catcher' : 'Retrier'],
    accepts: [['E'], ['States.ALL'], ['States.Timeout', 'States.TaskFailed'], ['']],
    refuses: [
      ['E', 'Expected value of type [ARRAY]'],
      [[], 'Value cannot be empty'],
      [[1], TEXT, 'ErrorEquals[0]'],
      [['E', 'States.ALL'], ALONE, 'ErrorEquals[1]'],
    ],
  });
  test(`field: ${field === 'Catch' ? 'Catcher' : 'Retrier'}.ErrorEquals refuse: States.ALL before others`, () => {
    const list = [
      { ErrorEquals: ['States.ALL'], ...next },
      { ErrorEquals: ['E'], ...next },
    ];
    expect(findingsOf(machineWith('Task', { [field]: list }))).toEqual([
      `${ALONE} at /States/S/${field}[0]/ErrorEquals[0]`,
    ]);
  });
}

fieldTests('IntervalSeconds', {
  owners: ['Retrier'],
  accepts: [0, 1, 99_999_999],
  refuses: [
    ['1', INTEGER],
    [-1, 'Minimum value is 0'],
    [100_000_000, 'Maximum value is 99999999'],
  ],
});
fieldTests('MaxAttempts', {
  owners: ['Retrier'],
  accepts: [0, 1, 99_999_999],
  refuses: [
    [1.5, INTEGER],
    [-1, 'Minimum value is 0'],
    [100_000_000, 'Maximum value is 99999999'],
  ],
});
fieldTests('BackoffRate', {
  owners: ['Retrier'],
  accepts: [1, 1.5, 10],
  refuses: [
    ['2', 'Expected value of type Number'],
    [0.9, 'Minimum value is 1'],
  ],
});
fieldTests('MaxDelaySeconds', {
  owners: ['Retrier'],
  accepts: [1, 31_622_400],
  refuses: [
    [1.5, INTEGER],
    [0, 'Minimum value is 1'],
    [31_622_401, 'Maximum value is 31622400'],
  ],
});
fieldTests('JitterStrategy', {
  owners: ['Retrier'],
  accepts: ['FULL', 'NONE'],
  refuses: [
    [true, TEXT],
    ['HALF', 'Value should be one of the following: [NONE, FULL]'],
  ],
});
fieldTests('Next', {
  owners: ['Catcher'],
  accepts: ['Done'],
  refuses: [
    [undefined, 'These fields are required: [Next]', 'object'],
    [1, TEXT],
    ['Nowhere', "Missing 'Next' target: Nowhere"],
  ],
});

/** What a function tells about its failure, as Lambda words it. */
const CAUSE = '{"errorMessage":"c","errorType":"E"}';
const told = { Error: 'E', Cause: CAUSE };
const caught = [{ ErrorEquals: ['States.ALL'], ResultPath: '$.e', Next: 'Done' }];
const failing = { Resource: functionArn('f'), Catch: caught };
const callsFunction = { Resource: 'arn:aws:states:::lambda:invoke', Parameters: { FunctionName: 'f' } };
const work = { StartAt: 'W', States: { W: { Type: 'Task', Resource: functionArn('f'), End: true } } };
const error = { error: 'E', cause: 'c' };
effectTests(
  [
    ['Task.Catch', 'goes on elsewhere', machineWith('Task', failing), {}, JSON.stringify({ e: told })],
    [
      'Parallel.Catch',
      'goes on elsewhere',
      machineWith('Parallel', { Branches: [work], Catch: caught }),
      {},
      JSON.stringify({ e: told }),
    ],
    [
      'Map.Catch',
      'goes on elsewhere',
      machineWith('Map', { ItemProcessor: work, ItemsPath: '$.l', Catch: caught }),
      { l: [1] },
      JSON.stringify({ l: [1], e: told }),
    ],
    [
      'Catcher.ErrorEquals',
      'another error is not caught',
      machineWith('Task', { Catch: [{ ErrorEquals: ['F'], Next: 'Done' }] }),
      {},
      `E: ${CAUSE}`,
    ],
    [
      'Catcher.Next',
      'is where it goes on',
      machineWith('Task', { Catch: [{ ErrorEquals: ['E'], Next: 'Done' }] }),
      {},
      JSON.stringify(told),
    ],
    [
      'Catcher.ResultPath',
      'puts the error into the input',
      machineWith('Task', failing),
      { a: 1 },
      JSON.stringify({ a: 1, e: told }),
    ],
    [
      'Task.Resource',
      'lambda:invoke fails with the error of the function',
      machineWith('Task', callsFunction),
      {},
      `E: ${CAUSE}`,
    ],
  ],
  () => error,
);

/** Fails so many times with E, then succeeds. */
const failsFirst =
  (times: number): Answer =>
  (_payload, call) =>
    call < times ? { error: 'E', cause: 'c' } : { ok: 'done' };

const retried = (retrier: object) => machineWith('Task', { Retry: [{ ErrorEquals: ['E'], ...retrier }] });
const gapsOf = async (retrier: object, failures: number): Promise<number[]> => {
  const { calledAtS } = await outcomeOf(retried(retrier), {}, { answer: failsFirst(failures), withinS: 300 });
  return calledAtS.slice(1).map((atS, call) => atS - (calledAtS[call] ?? 0));
};

test.each<[field: string, what: string, retrier: object, failures: number, gapsS: number[]]>([
  ['Retrier.IntervalSeconds', 'is the wait before the first retry', { IntervalSeconds: 5 }, 1, [5]],
  ['Retrier.IntervalSeconds', 'is 1 s if it is not given', {}, 1, [1]],
  ['Retrier.BackoffRate', 'multiplies each wait', { BackoffRate: 3 }, 3, [1, 3, 9]],
  ['Retrier.BackoffRate', 'is 2 if it is not given', {}, 3, [1, 2, 4]],
  ['Retrier.MaxAttempts', 'is the number of retries', { MaxAttempts: 2 }, 9, [1, 2]],
  ['Retrier.MaxAttempts', 'is 3 if it is not given', {}, 9, [1, 2, 4]],
  ['Retrier.MaxAttempts', '0 is no retry', { MaxAttempts: 0 }, 9, []],
  ['Retrier.MaxDelaySeconds', 'is the longest wait', { MaxDelaySeconds: 2 }, 3, [1, 2, 2]],
  ['Retrier.JitterStrategy', 'NONE keeps the waits', { JitterStrategy: 'NONE' }, 3, [1, 2, 4]],
  ['Retrier.ErrorEquals', 'another error is not retried', { ErrorEquals: ['F'] }, 9, []],
  ['Retrier.ErrorEquals', 'States.ALL is every error', { ErrorEquals: ['States.ALL'] }, 1, [1]],
])('field: %s effect: %s', async (_field, _what, retrier, failures, gapsS) => {
  expect(await gapsOf(retrier, failures)).toEqual(gapsS);
});

test('field: Retrier.JitterStrategy effect: FULL waits no longer than NONE, and not always the same', async () => {
  const gapsS = await gapsOf({ JitterStrategy: 'FULL', IntervalSeconds: 60, BackoffRate: 1, MaxAttempts: 6 }, 6);
  expect(Math.max(...gapsS)).toBeLessThanOrEqual(61);
  expect(new Set(gapsS).size).toBeGreaterThan(1);
});

effectTests(
  [
    ['Task.Retry', 'tries again', machineWith('Task', { Retry: [{ ErrorEquals: ['E'] }] }), {}, '"done"'],
    [
      'Parallel.Retry',
      'runs all branches again',
      machineWith('Parallel', { Branches: [work], Retry: [{ ErrorEquals: ['E'] }] }),
      {},
      '["done"]',
    ],
    [
      'Map.Retry',
      'runs all items again',
      machineWith('Map', { ItemProcessor: work, Retry: [{ ErrorEquals: ['E'] }] }),
      [1],
      '["done"]',
    ],
  ],
  failsFirst(1),
);
