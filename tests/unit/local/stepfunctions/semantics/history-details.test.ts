import { describe, expect, test } from 'vitest';
import { functionArn, machineOf } from '../../../../builders/a-states-part.ts';
import { type Answer, guide, outcomeOf } from '../../../../builders/an-outcome.ts';

const call = { Type: 'Task', Resource: functionArn('f'), End: true };
const fails: Answer = () => ({ error: 'E', cause: 'c' });

describe(guide('concepts-state-machine-history'), () => {
  const detailsOf = async (definition: object, input: unknown, answer?: Answer, withinS = 30) => {
    const outcome = await outcomeOf(definition, input, { ...(answer && { answer }), withinS });
    return (await outcome.history()).map(
      ({ id: _id, previousEventId: _previous, timestamp: _timestamp, ...rest }) => rest,
    );
  };
  const whole = { truncated: false };

  test('a function: resource, input, limits, output', async () => {
    const fields = { Parameters: { 'p.$': '$.a' }, TimeoutSeconds: 9, HeartbeatSeconds: 3 };
    const events = await detailsOf(machineOf({ T: { ...call, ...fields } }), { a: 1 }, () => ({ ok: { b: 2 } }));
    expect(events.slice(0, 6)).toEqual([
      {
        type: 'ExecutionStarted',
        executionStartedEventDetails: {
          input: '{"a":1}',
          inputDetails: whole,
          roleArn: 'arn:aws:iam::111111111111:role/r',
        },
      },
      { type: 'TaskStateEntered', stateEnteredEventDetails: { name: 'T', input: '{"a":1}', inputDetails: whole } },
      {
        type: 'LambdaFunctionScheduled',
        lambdaFunctionScheduledEventDetails: {
          resource: functionArn('f'),
          input: '{"p":1}',
          inputDetails: whole,
          timeoutInSeconds: 9,
          heartbeatInSeconds: 3,
        },
      },
      { type: 'LambdaFunctionStarted' },
      {
        type: 'LambdaFunctionSucceeded',
        lambdaFunctionSucceededEventDetails: { output: '{"b":2}', outputDetails: whole },
      },
      { type: 'TaskStateExited', stateExitedEventDetails: { name: 'T', output: '{"b":2}', outputDetails: whole } },
    ]);
    expect(events[6]).toEqual({
      type: 'ExecutionSucceeded',
      executionSucceededEventDetails: { output: '{"b":2}', outputDetails: whole },
    });
  });

  test('a failure: error and cause, and nothing that was not given', async () => {
    const fail = (fields: object) => machineOf({ F: { Type: 'Fail', ...fields } });
    const last = async (definition: object) => (await detailsOf(definition, {})).at(-1);
    const type = 'ExecutionFailed';
    expect(await last(fail({ Error: 'E', Cause: 'c' }))).toEqual({
      type,
      executionFailedEventDetails: { error: 'E', cause: 'c' },
    });
    expect(await last(fail({ Error: 'E' }))).toEqual({ type, executionFailedEventDetails: { error: 'E' } });
    expect(await last(fail({ Cause: 'c' }))).toEqual({ type, executionFailedEventDetails: { cause: 'c' } });
    expect(await last(fail({}))).toEqual({ type, executionFailedEventDetails: {} });
  });

  test('a timeout has an error and no cause', async () => {
    const events = await detailsOf(machineOf({ T: { ...call, TimeoutSeconds: 1 } }), {}, () => 'silent');
    expect(events.slice(-2)).toEqual([
      { type: 'LambdaFunctionTimedOut', lambdaFunctionTimedOutEventDetails: { error: 'States.Timeout' } },
      { type: 'ExecutionFailed', executionFailedEventDetails: { error: 'States.Timeout' } },
    ]);
  });

  test('a service: type, action, region, parameters', async () => {
    const parameters = { FunctionName: 'f', Payload: { a: 1 } };
    const state = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Parameters: parameters, End: true };
    const events = await detailsOf(machineOf({ T: state }), {}, fails);
    const names = { resourceType: 'lambda', resource: 'invoke' };
    expect(events.slice(2, 5)).toEqual([
      {
        type: 'TaskScheduled',
        taskScheduledEventDetails: { ...names, region: 'us-east-1', parameters: JSON.stringify(parameters) },
      },
      { type: 'TaskStarted', taskStartedEventDetails: names },
      {
        type: 'TaskFailed',
        taskFailedEventDetails: { ...names, error: 'E', cause: '{"errorMessage":"c","errorType":"E"}' },
      },
    ]);
  });
});
