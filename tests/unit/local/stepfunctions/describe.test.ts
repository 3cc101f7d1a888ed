import { expect, test } from 'vitest';
import { aStatesPart, machineOf } from '../../../builders/a-states-part.ts';
import { modelProblems } from '../../../builders/api-model.ts';

// https://docs.aws.amazon.com/step-functions/latest/apireference/API_DescribeStateMachine.html: variableReferences is "A map of
// state name to a list of variables referenced by that state. States that do not use variable references will not be shown".

const inner = (name: string, more: object) => machineOf({ [name]: { Type: 'Pass', End: true, ...more } });

test('each state is shown with the variables that it reads, in both query languages and at any depth', async () => {
  const states = aStatesPart();
  const definition = machineOf({
    Set: { Type: 'Pass', Assign: { n: 1, list: [1] }, Next: 'Path' },
    Path: {
      Type: 'Pass',
      Parameters: { 'a.$': '$n', 'b.$': "States.Format('{} {}', $list[0], $.n)", c: '$n' },
      Next: 'Expression',
    },
    Expression: {
      Type: 'Pass',
      QueryLanguage: 'JSONata',
      Output: '{% ($m := $n + 1; $sum($list) + $m) %}',
      Next: 'Split',
    },
    Split: {
      Type: 'Parallel',
      Branches: [inner('In', { InputPath: '$list' }), inner('Out', { Parameters: { n: 1 } })],
      End: true,
    },
  });
  const stateMachineArn = await states.create(definition);
  const executionArn = await states.start(stateMachineArn);
  const variableReferences = { Path: ['n', 'list'], Expression: ['n', 'list'], In: ['list'] };
  for (const [operation, request] of [
    ['DescribeStateMachine', { stateMachineArn }],
    ['DescribeStateMachineForExecution', { executionArn }],
  ] as const) {
    const answer = await states.call(operation, request);
    expect(answer).toMatchObject({ variableReferences });
    expect(modelProblems(`${operation}Output`, answer)).toEqual([]);
  }
});

test('a machine without variables says nothing of them', async () => {
  const states = aStatesPart();
  const stateMachineArn = await states.create(inner('A', { Parameters: { 'n.$': '$.n' } }));
  expect(await states.call('DescribeStateMachine', { stateMachineArn })).not.toHaveProperty('variableReferences');
});

test('an execution keeps the revision that it began with, over a snapshot too', async () => {
  const states = aStatesPart();
  const hold = (seconds: number) => machineOf({ Hold: { Type: 'Wait', Seconds: seconds, End: true } });
  const stateMachineArn = await states.create(hold(100));
  const executionArn = await states.start(stateMachineArn);
  const before = await states.call('DescribeStateMachineForExecution', { executionArn });
  await states.clock.advance(1_000);
  const update = { stateMachineArn, definition: JSON.stringify(hold(200)) };
  expect(await states.call('UpdateStateMachine', update)).not.toMatchObject({ revisionId: before.revisionId });
  const again = aStatesPart({ isResumed: false });
  for (const item of states.part.items()) again.part.restore(JSON.parse(JSON.stringify(item)));
  for (const each of [states, again]) {
    expect(await each.call('DescribeStateMachineForExecution', { executionArn })).toEqual(before);
  }
});
