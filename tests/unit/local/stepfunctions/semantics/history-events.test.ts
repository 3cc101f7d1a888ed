import { describe, expect, test } from 'vitest';
import { functionArn, machineOf } from '../../../../builders/a-states-part.ts';
import { type Answer, outcomeOf } from '../../../../builders/an-outcome.ts';

/** One line an event: `id<previous type name`. The order and the links are those of recordings of AWS. */
const lines = async (definition: object, input: unknown = {}, answer?: Answer, withinS = 30): Promise<string[]> => {
  const outcome = await outcomeOf(definition, input, { ...(answer && { answer }), withinS });
  return (await outcome.history()).map((event) => {
    const { id, previousEventId, type, timestamp: _timestamp, ...details } = event;
    const text = JSON.stringify(details);
    const name = /"name":"(\w+)"/.exec(text)?.[1];
    const index = /"index":(\d+)/.exec(text)?.[1];
    return [`${id}<${previousEventId}`, type, index === undefined ? name : `${name}[${index}]`]
      .filter(Boolean)
      .join(' ');
  });
};

const item = (state: object) => machineOf({ I: state });
const map = (state: object, fields: object = {}) => ({ Type: 'Map', ItemProcessor: item(state), ...fields, End: true });
const pass = { Type: 'Pass', End: true };
const call = { Type: 'Task', Resource: functionArn('f'), End: true };
const fails: Answer = () => ({ error: 'E', cause: 'c' });

describe('https://docs.aws.amazon.com/step-functions/latest/apireference/API_HistoryEvent.html', () => {
  test.each<[what: string, definition: object, input: unknown, answer: Answer | undefined, events: string[]]>([
    [
      'a pass',
      machineOf({ P: pass }),
      {},
      undefined,
      ['1<0 ExecutionStarted', '2<0 PassStateEntered P', '3<2 PassStateExited P', '4<3 ExecutionSucceeded'],
    ],
    [
      'a fail',
      machineOf({ F: { Type: 'Fail', Error: 'E' } }),
      {},
      undefined,
      ['1<0 ExecutionStarted', '2<0 FailStateEntered F', '3<2 ExecutionFailed'],
    ],
    [
      'a wait',
      machineOf({ W: { Type: 'Wait', Seconds: 1, End: true } }),
      {},
      undefined,
      ['1<0 ExecutionStarted', '2<0 WaitStateEntered W', '3<2 WaitStateExited W', '4<3 ExecutionSucceeded'],
    ],
    [
      'a choice',
      machineOf({
        C: { Type: 'Choice', Choices: [{ Variable: '$', IsPresent: true, Next: 'S' }] },
        S: { Type: 'Succeed' },
      }),
      {},
      undefined,
      [
        ...['1<0 ExecutionStarted', '2<0 ChoiceStateEntered C', '3<2 ChoiceStateExited C'],
        ...['4<3 SucceedStateEntered S', '5<4 SucceedStateExited S', '6<5 ExecutionSucceeded'],
      ],
    ],
    [
      'a function',
      machineOf({ T: call }),
      {},
      undefined,
      [
        ...[
          '1<0 ExecutionStarted',
          '2<0 TaskStateEntered T',
          '3<2 LambdaFunctionScheduled',
          '4<3 LambdaFunctionStarted',
        ],
        ...['5<4 LambdaFunctionSucceeded', '6<5 TaskStateExited T', '7<6 ExecutionSucceeded'],
      ],
    ],
    [
      'a function that fails',
      machineOf({ T: call }),
      {},
      fails,
      [
        ...[
          '1<0 ExecutionStarted',
          '2<0 TaskStateEntered T',
          '3<2 LambdaFunctionScheduled',
          '4<3 LambdaFunctionStarted',
        ],
        ...['5<4 LambdaFunctionFailed', '6<5 ExecutionFailed'],
      ],
    ],
    [
      'a function that fails and is tried again',
      machineOf({ T: { ...call, Retry: [{ ErrorEquals: ['E'], MaxAttempts: 1 }] } }),
      {},
      fails,
      [
        ...[
          '1<0 ExecutionStarted',
          '2<0 TaskStateEntered T',
          '3<2 LambdaFunctionScheduled',
          '4<3 LambdaFunctionStarted',
        ],
        ...['5<4 LambdaFunctionFailed', '6<5 LambdaFunctionScheduled', '7<6 LambdaFunctionStarted'],
        ...['8<7 LambdaFunctionFailed', '9<8 ExecutionFailed'],
      ],
    ],
    [
      'a function that fails and is caught',
      machineOf({ T: { ...call, Catch: [{ ErrorEquals: ['E'], Next: 'P' }] }, P: pass }),
      {},
      fails,
      [
        ...[
          '1<0 ExecutionStarted',
          '2<0 TaskStateEntered T',
          '3<2 LambdaFunctionScheduled',
          '4<3 LambdaFunctionStarted',
        ],
        ...['5<4 LambdaFunctionFailed', '6<5 TaskStateExited T'],
        ...['7<6 PassStateEntered P', '8<7 PassStateExited P', '9<8 ExecutionSucceeded'],
      ],
    ],
    [
      'a function that times out',
      machineOf({ T: { ...call, TimeoutSeconds: 5 } }),
      {},
      () => 'silent',
      [
        ...[
          '1<0 ExecutionStarted',
          '2<0 TaskStateEntered T',
          '3<2 LambdaFunctionScheduled',
          '4<3 LambdaFunctionStarted',
        ],
        ...['5<4 LambdaFunctionTimedOut', '6<5 ExecutionFailed'],
      ],
    ],
    [
      'an integrated service',
      machineOf({
        T: { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Parameters: { FunctionName: 'f' }, End: true },
      }),
      {},
      undefined,
      [
        ...['1<0 ExecutionStarted', '2<0 TaskStateEntered T', '3<2 TaskScheduled', '4<3 TaskStarted'],
        ...['5<4 TaskSucceeded', '6<5 TaskStateExited T', '7<6 ExecutionSucceeded'],
      ],
    ],
    [
      // The links skip what tells of an item's or a state's success, but for the last item.
      'a map of one item at a time',
      machineOf({ M: map(pass, { MaxConcurrency: 1 }) }),
      ['a', 'b'],
      undefined,
      [
        ...['1<0 ExecutionStarted', '2<0 MapStateEntered M', '3<2 MapStateStarted'],
        ...['4<3 MapIterationStarted M[0]', '5<4 PassStateEntered I', '6<5 PassStateExited I'],
        ...['7<6 MapIterationSucceeded M[0]', '8<6 MapIterationStarted M[1]', '9<8 PassStateEntered I'],
        ...['10<9 PassStateExited I', '11<10 MapIterationSucceeded M[1]'],
        ...['12<11 MapStateSucceeded', '13<11 MapStateExited M', '14<13 ExecutionSucceeded'],
      ],
    ],
    [
      'a map of all items at once',
      machineOf({ M: map(call) }),
      ['a', 'b'],
      () => 'silent',
      [
        ...['1<0 ExecutionStarted', '2<0 MapStateEntered M', '3<2 MapStateStarted'],
        ...['4<3 MapIterationStarted M[0]', '5<3 MapIterationStarted M[1]'],
        ...['6<4 TaskStateEntered I', '7<6 LambdaFunctionScheduled', '8<7 LambdaFunctionStarted'],
        ...['9<5 TaskStateEntered I', '10<9 LambdaFunctionScheduled', '11<10 LambdaFunctionStarted'],
      ],
    ],
    [
      'an empty map',
      machineOf({ M: map(pass) }),
      [],
      undefined,
      [
        ...['1<0 ExecutionStarted', '2<0 MapStateEntered M', '3<2 MapStateStarted'],
        ...['4<3 MapStateSucceeded', '5<3 MapStateExited M', '6<5 ExecutionSucceeded'],
      ],
    ],
    [
      'a map whose item fails and that catches',
      machineOf({ M: { ...map({ Type: 'Fail', Error: 'E' }), Catch: [{ ErrorEquals: ['E'], Next: 'P' }] }, P: pass }),
      [1],
      undefined,
      [
        ...['1<0 ExecutionStarted', '2<0 MapStateEntered M', '3<2 MapStateStarted', '4<3 MapIterationStarted M[0]'],
        ...['5<4 FailStateEntered I', '6<5 MapIterationFailed M[0]', '7<5 MapStateFailed', '8<7 MapStateExited M'],
        ...['9<8 PassStateEntered P', '10<9 PassStateExited P', '11<10 ExecutionSucceeded'],
      ],
    ],
    [
      'a map of which one task times out while another is at work',
      machineOf({ M: map({ ...call, TimeoutSecondsPath: '$' }) }),
      [1, 9],
      () => 'silent',
      [
        ...['1<0 ExecutionStarted', '2<0 MapStateEntered M', '3<2 MapStateStarted'],
        ...['4<3 MapIterationStarted M[0]', '5<3 MapIterationStarted M[1]'],
        ...['6<4 TaskStateEntered I', '7<6 LambdaFunctionScheduled', '8<7 LambdaFunctionStarted'],
        ...['9<5 TaskStateEntered I', '10<9 LambdaFunctionScheduled', '11<10 LambdaFunctionStarted'],
        ...['12<8 LambdaFunctionTimedOut', '13<12 MapIterationFailed M[0]'],
        ...[
          '14<12 TaskStateAborted',
          '15<12 MapIterationAborted M[1]',
          '16<12 MapStateFailed',
          '17<16 ExecutionFailed',
        ],
      ],
    ],
    [
      'a parallel',
      machineOf({ P: { Type: 'Parallel', Branches: [machineOf({ A: pass }), machineOf({ B: pass })], End: true } }),
      {},
      undefined,
      [
        ...['1<0 ExecutionStarted', '2<0 ParallelStateEntered P', '3<2 ParallelStateStarted'],
        ...['4<3 PassStateEntered A', '5<4 PassStateExited A', '6<3 PassStateEntered B', '7<6 PassStateExited B'],
        ...['8<7 ParallelStateSucceeded', '9<7 ParallelStateExited P', '10<9 ExecutionSucceeded'],
      ],
    ],
  ])('the events of %s', async (_what, definition, input, answer, events) => {
    expect(await lines(definition, input, answer)).toEqual(events);
  });
});
