import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anyMachine } from '../../../builders/a-machine.ts';
import {
  aStatesPart,
  functionArn,
  type HistoryEvent,
  machineOf,
  type TestStates,
} from '../../../builders/a-states-part.ts';
import { eventTypes, modelProblems } from '../../../builders/api-model.ts';

// https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetExecutionHistory.html and API_HistoryEvent.html; the
// shapes are those of AWS's own API model.

const task = (resource: string, more: object = {}) => ({
  Type: 'Task',
  Resource: resource,
  Parameters: { FunctionName: 'f', Payload: 1, QueueUrl: 'q', MessageBody: 'b' },
  End: true,
  ...more,
});
const invoke = 'arn:aws:states:::lambda:invoke';
const inner = machineOf({ In: { Type: 'Pass', End: true } });
const other = machineOf({ Other: { Type: 'Pass', End: true } });
const broken = machineOf({ Bad: { Type: 'Fail', Error: 'E', Cause: 'C' } });
const held = machineOf({ Hold: { Type: 'Wait', Seconds: 100, End: true } });
const distributed = { ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' }, ...inner };

type Act = (states: TestStates, executionArn: string) => Promise<void>;

const advance: Act = async (states) => states.clock.advance(200_000);
const stop: Act = async (states, executionArn) => void (await states.call('StopExecution', { executionArn }));
const answer =
  (how: 'succeed' | 'fail'): Act =>
  async (states) => {
    for (const call of states.invocations)
      if (how === 'succeed') call.succeed({ ok: 1 });
      else call.fail('E', 'so');
    await states.settle();
  };

/** Machines which, together, show every type of event that this engine has. */
const scenes: readonly (readonly [what: string, definition: object, act?: Act])[] = [
  [
    'plain states',
    machineOf({
      A: { Type: 'Pass', Assign: { v: { n: 1 } }, Next: 'B' },
      B: { Type: 'Choice', Choices: [{ Variable: '$', IsPresent: true, Next: 'C' }] },
      C: { Type: 'Wait', Seconds: 1, Next: 'D' },
      D: { Type: 'Succeed' },
    }),
    advance,
  ],
  ['a function that answers', machineOf({ A: task(functionArn('f'), { TimeoutSeconds: 9 }) }), answer('succeed')],
  ['a function that fails', machineOf({ A: task(functionArn('f')) }), answer('fail')],
  ['a function that is late', machineOf({ A: task(functionArn('f'), { TimeoutSeconds: 9 }) }), advance],
  [
    'an integration that answers',
    machineOf({ A: task(invoke, { HeartbeatSeconds: 5, TimeoutSeconds: 9 }) }),
    answer('succeed'),
  ],
  ['an integration that fails', machineOf({ A: task(invoke) }), answer('fail')],
  ['an integration that is late', machineOf({ A: task(invoke, { TimeoutSeconds: 9 }) }), advance],
  ['a callback', machineOf({ A: task(`${invoke}.waitForTaskToken`) }), answer('succeed')],
  ['a Parallel state', machineOf({ A: { Type: 'Parallel', Branches: [inner, other], End: true } })],
  ['a Parallel state that fails', machineOf({ A: { Type: 'Parallel', Branches: [held, broken], End: true } })],
  ['a Map', machineOf({ A: { Type: 'Map', ItemProcessor: inner, End: true } })],
  ['a Map that fails', machineOf({ A: { Type: 'Map', ItemProcessor: broken, End: true } })],
  [
    'a Map that fails with others at work',
    machineOf({
      A: {
        Type: 'Map',
        ItemProcessor: machineOf({
          Is: { Type: 'Choice', Choices: [{ Variable: '$', NumericEquals: 2, Next: 'Bad' }], Default: 'Work' },
          Bad: { Type: 'Fail', Error: 'E' },
          Work: { Type: 'Choice', Choices: [{ Variable: '$', NumericEquals: 0, Next: 'Hold' }], Default: 'Do' },
          Hold: { Type: 'Wait', Seconds: 9, End: true },
          Do: task(functionArn('f')),
        }),
        End: true,
      },
    }),
  ],
  [
    'groups in groups',
    machineOf({
      A: {
        Type: 'Parallel',
        Branches: [
          machineOf({ P: { Type: 'Parallel', Branches: [held], End: true } }),
          machineOf({
            M: {
              Type: 'Map',
              ItemProcessor: { StartAt: 'H2', States: { H2: { Type: 'Wait', Seconds: 100, End: true } } },
              End: true,
            },
          }),
          machineOf({ W: { Type: 'Wait', Seconds: 1, Next: 'X' }, X: { Type: 'Fail' } }),
        ],
        End: true,
      },
    }),
    advance,
  ],
  [
    'a distributed Map',
    machineOf({ A: { Type: 'Map', ItemProcessor: distributed, End: true } }),
    async (states) => states.settle(),
  ],
  [
    'a distributed Map that fails',
    machineOf({ A: { Type: 'Map', ItemProcessor: { ...distributed, ...broken }, End: true } }),
    async (states) => states.settle(),
  ],
  [
    'a distributed Map that is aborted',
    machineOf({
      A: {
        Type: 'Parallel',
        Branches: [
          machineOf({ M: { Type: 'Map', ItemProcessor: { ...distributed, ...held }, End: true } }),
          machineOf({ W: { Type: 'Wait', Seconds: 1, Next: 'X' }, X: { Type: 'Fail' } }),
        ],
        End: true,
      },
    }),
    advance,
  ],
  [
    'an expression that fails',
    { QueryLanguage: 'JSONata', ...machineOf({ A: { Type: 'Pass', Output: '{% $states.input.none %}', End: true } }) },
    async (states) => states.settle(),
  ],
  ['an execution that is stopped', held, stop],
  ['an execution that is late', { ...held, TimeoutSeconds: 5 }, advance],
];

const historyOf = async (states: TestStates, definition: object, act?: Act): Promise<HistoryEvent[]> => {
  const executionArn = await states.run(definition, [0, 1, 2]);
  await act?.(states, executionArn);
  await states.settle();
  const all: HistoryEvent[] = await states.history(executionArn);
  for (const includeExecutionData of [true, false]) {
    const page = await states.call('GetExecutionHistory', { executionArn, maxResults: 1000, includeExecutionData });
    expect(modelProblems('GetExecutionHistoryOutput', page)).toEqual([]);
  }
  return all;
};

test.each(scenes.map(([what, definition, act]) => ({ what, definition, act })))(
  'each event of $what has the details that AWS’s model asks for',
  async ({ definition, act }) => {
    expect((await historyOf(aStatesPart(), definition, act)).length).toBeGreaterThan(2);
  },
);

/** Nothing of this engine makes them: it has no activities and no redrive, and a task of it is scheduled and started at once. */
const never = [
  ...['ActivityFailed', 'ActivityScheduleFailed', 'ActivityScheduled', 'ActivityStarted', 'ActivitySucceeded'],
  ...['ActivityTimedOut', 'ExecutionRedriven', 'MapRunRedriven'],
  ...['LambdaFunctionScheduleFailed', 'LambdaFunctionStartFailed', 'TaskStartFailed', 'TaskSubmitFailed'],
];
test('every type of event that AWS has is shown here, or said to be none of ours', async () => {
  const shown = new Set<string>();
  for (const [, definition, act] of scenes) {
    for (const { type } of await historyOf(aStatesPart(), definition, act)) shown.add(type);
  }
  expect(eventTypes.filter((type) => !shown.has(type) && !never.includes(type))).toEqual([]);
  expect([...shown].filter((type) => !eventTypes.includes(type) || never.includes(type))).toEqual([]);
});

test('variables that a state sets are told as JSON text where it is left', async () => {
  const states = aStatesPart();
  const definition = machineOf({
    A: { Type: 'Pass', Assign: { v: { n: 1 }, w: 'x' }, Next: 'B' },
    B: { Type: 'Succeed' },
  });
  const executionArn = await states.run(definition);
  const exits = (await states.history(executionArn)).flatMap(({ stateExitedEventDetails: details }) => details ?? []);
  expect(exits).toEqual([
    {
      name: 'A',
      output: '{}',
      outputDetails: { truncated: false },
      assignedVariables: { v: '{"n":1}', w: '"x"' },
      assignedVariablesDetails: { truncated: false },
    },
    { name: 'B', output: '{}', outputDetails: { truncated: false } },
  ]);
});

// API_HistoryEventExecutionDataDetails: truncated is "Always false for API calls".
test('without its data an event keeps everything else', async () => {
  const states = aStatesPart();
  const executionArn = await states.run(
    machineOf({ A: { ...task(invoke), Parameters: { FunctionName: 'f', Payload: 'secret' } } }),
    {
      secret: 1,
    },
  );
  states.invocations[0]?.succeed('secret');
  await states.settle();
  const bare = await states.call('GetExecutionHistory', { executionArn, includeExecutionData: false });
  expect(JSON.stringify(bare)).not.toContain('secret');
  expect(JSON.stringify(bare)).not.toContain('"truncated":true');
  const whole = await states.history(executionArn);
  expect(bare.events).toMatchObject(whole.map(({ id, type, previousEventId }) => ({ id, type, previousEventId })));
});

test('pages, forwards or backwards, are the whole history without gap or repeat', async () => {
  await fc.assert(
    fc.asyncProperty(anyMachine, fc.integer({ min: 1, max: 6 }), fc.boolean(), async (definition, parts, isReverse) => {
      const states = aStatesPart();
      const executionArn = await states.run(definition, { a: 1, l: [1, 2] });
      await states.clock.advance(3_000);
      await states.call('StopExecution', { executionArn });
      const all = await states.history(executionArn);
      // Every page plays the execution again, so a history of 25,000 events is not read in pages of one.
      const request = {
        executionArn,
        maxResults: Math.min(1000, Math.ceil(all.length / parts)),
        reverseOrder: isReverse,
      };
      const events: unknown[] = [];
      for (let nextToken: unknown, isFirst = true; isFirst || nextToken !== undefined; isFirst = false) {
        const page = await states.call('GetExecutionHistory', { ...request, nextToken });
        expect(modelProblems('GetExecutionHistoryOutput', page)).toEqual([]);
        if (Array.isArray(page.events)) events.push(...page.events);
        nextToken = page.nextToken;
      }
      expect(events).toEqual(isReverse ? all.reverse() : all);
    }),
    { numRuns: 15 },
  );
});

test.each([
  [
    'an unknown execution',
    { executionArn: 'arn:aws:states:us-east-1:111111111111:execution:m:none' },
    'ExecutionDoesNotExist',
  ],
  ['no ARN', { executionArn: 'm' }, 'InvalidArn'],
  ['a token of another kind', { nextToken: 'x' }, 'InvalidToken'],
  ['too large a page', { maxResults: 1001 }, 'ValidationException'],
])('%s is refused', async (_what, request, code) => {
  const states = aStatesPart();
  const executionArn = await states.run(inner);
  await expect(states.call('GetExecutionHistory', { executionArn, ...request })).rejects.toMatchObject({ code });
});

test.each(['DescribeExecution', 'DescribeStateMachineForExecution'])(
  '%s answers as AWS’s model has it',
  async (operation) => {
    const states = aStatesPart();
    for (const definition of [inner, broken, held]) {
      const executionArn = await states.run(definition, { a: 1 });
      expect(modelProblems(`${operation}Output`, await states.call(operation, { executionArn }))).toEqual([]);
    }
  },
);
