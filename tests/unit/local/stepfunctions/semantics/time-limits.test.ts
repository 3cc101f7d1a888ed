import { describe, expect, test } from 'vitest';
import { aStatesPart, functionArn, machineOf } from '../../../../builders/a-states-part.ts';
import { type Answer, guide, inState, outcomeOf } from '../../../../builders/an-outcome.ts';

const silent: Answer = () => 'silent';
const task = (fields: object) => machineOf({ T: { Type: 'Task', Resource: functionArn('f'), ...fields, End: true } });

describe(guide('state-task'), () => {
  test.each<[fields: object, input: unknown, text: string, endedAtS: number]>([
    [{ TimeoutSeconds: 5 }, {}, 'States.Timeout', 5],
    [{ TimeoutSecondsPath: '$.t' }, { t: 3 }, 'States.Timeout', 3],
    [{ TimeoutSecondsPath: '$.a.t[1]' }, { a: { t: [1, 4] } }, 'States.Timeout', 4],
    [{ HeartbeatSeconds: 2, TimeoutSeconds: 9 }, {}, 'States.HeartbeatTimeout', 2],
    [{ HeartbeatSecondsPath: '$.h', TimeoutSeconds: 9 }, { h: 6 }, 'States.HeartbeatTimeout', 6],
    [{ HeartbeatSecondsPath: '$.h', TimeoutSecondsPath: '$.t' }, { h: 2, t: 8 }, 'States.HeartbeatTimeout', 2],
    [{ HeartbeatSeconds: 7 }, {}, 'States.HeartbeatTimeout', 7],
    [{}, {}, 'RUNNING', 60],
  ])('%j of %j ends with %s after %i s', async (fields, input, text, endedAtS) => {
    const outcome = await outcomeOf(task(fields), input, { answer: silent, withinS: 60 });
    expect([outcome.text, outcome.endedAtS]).toEqual([text, endedAtS]);
  });

  test.each<[fields: object, input: unknown]>([
    [{ TimeoutSecondsPath: '$.t' }, {}],
    [{ TimeoutSecondsPath: '$.t' }, { t: 'ten' }],
    [{ TimeoutSecondsPath: '$.t' }, { t: 0 }],
    [{ TimeoutSecondsPath: '$.t' }, { t: -5 }],
    [{ TimeoutSecondsPath: '$.t' }, { t: 1.5 }],
    [{ HeartbeatSecondsPath: '$.t' }, { t: null }],
    [{ HeartbeatSecondsPath: '$.t' }, { t: [1] }],
  ])('%j of %j is no number of seconds', async (fields, input) => {
    const { text, payloads } = await outcomeOf(task(fields), input, { answer: silent });
    expect(text.startsWith(`States.Runtime: ${inState('T', '')}`)).toBe(true);
    expect(payloads).toEqual([]);
  });

  test.each<[fields: object]>([
    [{ TimeoutSeconds: 0 }],
    [{ TimeoutSeconds: -1 }],
    [{ TimeoutSeconds: 1.5 }],
    [{ TimeoutSeconds: '5' }],
    [{ TimeoutSeconds: 100_000_000 }],
    [{ HeartbeatSeconds: 0 }],
    [{ HeartbeatSeconds: '5' }],
    [{ TimeoutSeconds: 5, TimeoutSecondsPath: '$.t' }],
    [{ HeartbeatSeconds: 5, HeartbeatSecondsPath: '$.t' }],
    [{ TimeoutSecondsPath: 5 }],
    [{ TimeoutSecondsPath: 't' }],
  ])('%j is refused with the definition', async (fields) => {
    expect((await outcomeOf(task(fields))).text).toMatch(/^refused: Invalid State Machine Definition/);
  });

  test('a retry is given the whole time again', async () => {
    const retry = [{ ErrorEquals: ['States.Timeout'], MaxAttempts: 1, IntervalSeconds: 2 }];
    const outcome = await outcomeOf(task({ TimeoutSeconds: 5, Retry: retry }), {}, { answer: silent, withinS: 60 });
    expect([outcome.text, outcome.calledAtS, outcome.endedAtS]).toEqual(['States.Timeout', [0, 7], 12]);
  });

  test.each(['States.Timeout', 'States.ALL'])('%s is tried for a heartbeat that did not come', async (name) => {
    const retry = [{ ErrorEquals: [name], MaxAttempts: 1 }];
    const fields = { HeartbeatSeconds: 1, TimeoutSeconds: 9, Retry: retry };
    const { calledAtS } = await outcomeOf(task(fields), {}, { answer: silent, withinS: 60 });
    expect(calledAtS).toEqual([0, 2]);
  });

  test('heartbeats hold a task up to its timeout, and not longer', async () => {
    const states = aStatesPart();
    const arn = await states.run(
      machineOf({
        T: {
          Type: 'Task',
          Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
          Parameters: { FunctionName: 'f', Payload: { 't.$': '$$.Task.Token' } },
          HeartbeatSeconds: 3,
          TimeoutSeconds: 7,
          End: true,
        },
      }),
    );
    const { t: taskToken } = JSON.parse(JSON.stringify(states.invocations[0]?.payload));
    for (let second = 1; second <= 6; second++) {
      await states.clock.advance(1000);
      await states.call('SendTaskHeartbeat', { taskToken });
    }
    expect(await states.describe(arn)).toMatchObject({ status: 'RUNNING' });
    await states.clock.advance(1000);
    expect(await states.describe(arn)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    await expect(states.call('SendTaskHeartbeat', { taskToken })).rejects.toMatchObject({ code: 'TaskTimedOut' });
  });
});

describe(guide('statemachine-structure'), () => {
  const waiting = { Type: 'Wait', Seconds: 100, End: true };
  const limited = (timeoutS: unknown, state: object = waiting) => ({
    ...machineOf({ S: state }),
    TimeoutSeconds: timeoutS,
  });

  test.each<[what: string, state: object]>([
    ['a wait', waiting],
    ['a task', { Type: 'Task', Resource: functionArn('f'), End: true }],
    ['a parallel', { Type: 'Parallel', Branches: [machineOf({ W: waiting })], End: true }],
    ['a map', { Type: 'Map', ItemsPath: '$.l', ItemProcessor: machineOf({ W: waiting }), End: true }],
    [
      'a retry',
      {
        Type: 'Parallel',
        Branches: [machineOf({ F: { Type: 'Fail' } })],
        Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 100 }],
        End: true,
      },
    ],
  ])('%s ends when the execution has run so long', async (_what, state) => {
    const outcome = await outcomeOf(limited(10, state), { l: [1] }, { answer: silent, withinS: 60 });
    expect([outcome.text, outcome.endedAtS]).toEqual(['TIMED_OUT', 10]);
    const last = (await outcome.history()).at(-1);
    // The only place that names the error; it follows no event.
    expect(last).toMatchObject({
      type: 'ExecutionTimedOut',
      previousEventId: 0,
      executionTimedOutEventDetails: { error: 'States.Timeout' },
    });
    expect(outcome.described).not.toHaveProperty('error');
  });

  test('no catcher helps against it', async () => {
    const state = {
      Type: 'Parallel',
      Branches: [machineOf({ W: waiting })],
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'E' }],
      End: true,
    };
    const machine = { ...machineOf({ S: state, E: { Type: 'Succeed' } }), TimeoutSeconds: 2 };
    expect((await outcomeOf(machine, {}, { withinS: 10 })).text).toBe('TIMED_OUT');
  });

  test.each([0, -1, 1.5, '5', 100_000_000, null])('a limit of %j is refused', async (timeoutS) => {
    expect((await outcomeOf(limited(timeoutS))).text).toMatch(/^refused: /);
  });
});
