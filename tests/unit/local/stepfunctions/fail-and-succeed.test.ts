import { expect, test } from 'vitest';
import { aStatesPart, machineOf } from '../../../builders/a-states-part.ts';

test('Fail names error and cause', async () => {
  const states = aStatesPart();
  const arn = await states.run(
    machineOf({ Stop: { Type: 'Fail', Error: 'Bad', CausePath: "States.Format('run {}', $.r)" } }),
    { r: 7 },
  );
  expect(await states.describe(arn)).toMatchObject({ status: 'FAILED', error: 'Bad', cause: 'run 7' });
  const events = await states.history(arn);
  expect(events.map(({ type }) => type)).toEqual(['ExecutionStarted', 'FailStateEntered', 'ExecutionFailed']);
  expect(events[2]).toMatchObject({ executionFailedEventDetails: { error: 'Bad', cause: 'run 7' } });
});

test('Fail without error or cause has none', async () => {
  const states = aStatesPart();
  const { status, error, cause } = await states.describe(await states.run(machineOf({ Stop: { Type: 'Fail' } })));
  expect({ status, error, cause }).toEqual({ status: 'FAILED', error: undefined, cause: undefined });
});

test('Succeed ends the execution with what it selects', async () => {
  const states = aStatesPart();
  const arn = await states.run(machineOf({ Done: { Type: 'Succeed', InputPath: '$.a', OutputPath: '$.b' } }), {
    a: { b: 1 },
  });
  expect(await states.output(arn)).toBe(1);
  expect((await states.history(arn)).map(({ type }) => type)).toEqual([
    'ExecutionStarted',
    'SucceedStateEntered',
    'SucceedStateExited',
    'ExecutionSucceeded',
  ]);
});
