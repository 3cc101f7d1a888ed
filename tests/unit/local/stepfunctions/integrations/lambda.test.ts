import { describe, expect, test } from 'vitest';
import type { InvocationAnswer, InvokeFunction } from '../../../../../local/engine/part.ts';
import { aStatesPart, machineOf } from '../../../../builders/a-states-part.ts';

type Invocation = Parameters<InvokeFunction>[0];

const aTask = (Parameters: object, more: object = {}) =>
  machineOf({ T: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Parameters, End: true, ...more } });

const answering = (...answers: InvocationAnswer[]) => {
  const asked: Invocation[] = [];
  const invoke: InvokeFunction = async (request) => {
    asked.push(request);
    return answers[Math.min(asked.length, answers.length) - 1] ?? { ok: true, payload: null };
  };
  return { asked, invoke, states: aStatesPart({ invoke }) };
};

describe('a function', () => {
  test.each([
    ['f', 'f', undefined],
    ['f:live', 'f', 'live'],
    ['f:$LATEST', 'f', '$LATEST'],
    ['111111111111:function:f', 'f', undefined],
    ['111111111111:function:f:7', 'f', '7'],
    ['arn:aws:lambda:us-east-1:111111111111:function:f', 'f', undefined],
    ['arn:aws:lambda:us-east-1:111111111111:function:f:live', 'f', 'live'],
  ])('can be named %s', async (FunctionName, functionName, qualifier) => {
    const { asked, states } = answering();
    await states.run(aTask({ FunctionName }));
    expect(asked[0]).toMatchObject({ functionName });
    expect(asked[0]?.qualifier).toBe(qualifier);
  });

  test.each([
    [{ FunctionName: 'not a name' }, 'Lambda.AWSLambdaException', 'functionName'],
    [{ FunctionName: 'f', Qualifier: 'a b' }, 'Lambda.AWSLambdaException', 'qualifier'],
    [{ FunctionName: 'f:1', Qualifier: '2' }, 'Lambda.InvalidParameterValueException', 'does not match'],
    [{ FunctionName: 'f', InvocationType: 'Later' }, 'Lambda.AWSLambdaException', 'RequestResponse, Event, DryRun'],
    [{ FunctionName: 'f', LogType: 'All' }, 'Lambda.AWSLambdaException', 'None, Tail'],
  ])('is not run as %j', async (parameters, error, words) => {
    const { asked, states } = answering();
    const arn = await states.run(aTask(parameters));
    expect(await states.describe(arn)).toMatchObject({
      status: 'FAILED',
      error,
      cause: expect.stringContaining(words),
    });
    expect(asked).toEqual([]);
  });

  test('is asked for a version, a kind of run, a context and its log', async () => {
    const { asked, states } = answering({ ok: true, payload: { b: 2 }, executedVersion: '7', logResult: 'bG9n' });
    const parameters = { FunctionName: 'f', Qualifier: 'live', ClientContext: 'e30=', LogType: 'Tail', Payload: [1] };
    const arn = await states.run(aTask({ ...parameters, InvocationType: 'RequestResponse' }));
    expect(asked[0]).toMatchObject({
      ...{ qualifier: 'live', clientContext: 'e30=', logType: 'Tail', invocationType: 'RequestResponse' },
      payload: [1],
    });
    expect(await states.output(arn)).toMatchObject({
      ...{ ExecutedVersion: '7', LogResult: 'bG9n', Payload: { b: 2 }, StatusCode: 200 },
    });
  });

  test('that is run for an event, or not at all, has no result', async () => {
    for (const [InvocationType, StatusCode] of [
      ['Event', 202],
      ['DryRun', 204],
    ] as const) {
      const { states } = answering({ ok: true, payload: '' });
      const arn = await states.run(aTask({ FunctionName: 'f', InvocationType }));
      const output = await states.output(arn);
      expect(output).toMatchObject({ Payload: '', StatusCode });
      expect(output).not.toHaveProperty('ExecutedVersion');
    }
  });

  test('has the cause that Lambda gave, word for word', async () => {
    const cause = '{"errorMessage": "no hits", "errorType":"PayloadFault"}';
    const { states } = answering({ ok: false, errorType: 'PayloadFault', errorMessage: 'no hits', cause });
    const arn = await states.run(aTask({ FunctionName: 'f' }));
    expect(await states.describe(arn)).toMatchObject({ error: 'PayloadFault', cause });
  });

  test('that is throttled is tried again by the name of the throttle alone', async () => {
    const throttled = {
      ok: false,
      errorType: 'Lambda.TooManyRequestsException',
      errorMessage: 'Rate Exceeded.',
    } as const;
    const { asked, states } = answering(throttled, throttled, { ok: true, payload: 1 });
    const Retry = [{ ErrorEquals: ['Lambda.TooManyRequestsException'], IntervalSeconds: 1, BackoffRate: 2 }];
    const arn = await states.run(aTask({ FunctionName: 'f' }, { Retry }));
    for (let second = 0; second < 4; second++) {
      await states.clock.advance(1_000);
      await states.settle();
    }
    expect(await states.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
    expect(asked).toHaveLength(3);
    const without = answering(throttled);
    await without.states.run(aTask({ FunctionName: 'f' }));
    expect(without.asked).toHaveLength(1);
  });

  test.each(['States.TaskFailed', 'States.ALL', 'Lambda.Unknown'])(
    'that ends without a type is caught as %s',
    async (name) => {
      const { states } = answering({ ok: false, errorType: 'Lambda.Unknown', errorMessage: '' });
      const task = {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke',
        Parameters: { FunctionName: 'f' },
        End: true,
      };
      const Catch = [{ ErrorEquals: [name], Next: 'Caught' }];
      const arn = await states.run(machineOf({ T: { ...task, Catch }, Caught: { Type: 'Succeed' } }));
      expect(await states.describe(arn)).toMatchObject({ status: 'SUCCEEDED' });
    },
  );

  test('by its own ARN is asked for the version in it', async () => {
    const { asked, states } = answering({ ok: true, payload: 5, executedVersion: '7' });
    const Resource = 'arn:aws:lambda:us-east-1:111111111111:function:f:7';
    const arn = await states.run(machineOf({ T: { Type: 'Task', Resource, End: true } }));
    expect(asked[0]).toMatchObject({ functionName: 'f', qualifier: '7' });
    expect(await states.output(arn)).toBe(5);
  });
});

const later = { Type: 'Wait', Seconds: 1000, End: true };

test('what Lambda said beside a result is still there after a restart', async () => {
  const { states } = answering({ ok: true, payload: 1, executedVersion: '7' });
  const Parameters = { FunctionName: 'f', Qualifier: '7' };
  const task = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Parameters, Next: 'Later' };
  const arn = await states.run(machineOf({ T: task, Later: later }));
  const before = await states.history(arn);
  const again = aStatesPart({ journal: states.journal, clock: states.clock });
  await again.clock.advance(1_000_000);
  await again.settle();
  expect(await again.output(arn)).toMatchObject({ ExecutedVersion: '7', Payload: 1 });
  expect((await again.history(arn)).slice(0, before.length)).toEqual(before);
});

test.each(['journal', 'snapshot'])(
  'a run that had not answered is asked for again as it was, from the %s',
  async (from) => {
    const silent = aStatesPart({ invoke: () => new Promise(() => undefined) });
    const asksFor = {
      functionName: 'f',
      qualifier: '7',
      invocationType: 'Event',
      clientContext: 'e30=',
      logType: 'Tail',
    };
    const parameters = {
      FunctionName: 'f',
      Qualifier: '7',
      InvocationType: 'Event',
      ClientContext: 'e30=',
      LogType: 'Tail',
    };
    await silent.run(aTask(parameters));
    const { asked, invoke } = answering({ ok: true, payload: '' });
    const { journal, clock } = silent;
    const again = aStatesPart({ journal, clock, invoke, isFolded: from === 'journal' });
    if (from === 'snapshot') {
      for (const item of silent.part.items()) again.part.restore(JSON.parse(JSON.stringify(item)));
      again.part.resume();
    }
    await again.settle();
    expect(asked).toMatchObject([asksFor]);
  },
);
