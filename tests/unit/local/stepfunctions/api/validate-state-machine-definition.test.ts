import { expect, test } from 'vitest';
import { aStatesPart, machineOf } from '../../../../builders/a-states-part.ts';
import { modelProblems } from '../../../../builders/api-model.ts';

const validate = (input: object): Promise<Record<string, unknown>> =>
  aStatesPart().call('ValidateStateMachineDefinition', input);
const good = JSON.stringify(machineOf({ A: { Type: 'Pass', End: true } }));
const bad = JSON.stringify(machineOf({ A: { Type: 'Pass', Next: 'B' }, C: { Type: 'Nap' } }));
const warned = JSON.stringify(machineOf({ A: { Type: 'Pass', Result: '$.looks.like.a.path', End: true } }));
const callback = JSON.stringify(
  machineOf({
    A: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Parameters: { FunctionName: 'f' },
      End: true,
    },
  }),
);

test('api: ValidateStateMachineDefinition.definition accept: a machine of the language', async () => {
  const answer = await validate({ definition: good });
  expect(answer).toEqual({ result: 'OK', diagnostics: [], truncated: false });
  expect(modelProblems('ValidateStateMachineDefinitionOutput', answer)).toEqual([]);
});

test.each([
  ['nothing', undefined],
  ['an empty text', ''],
  ['more than a megabyte', 'x'.repeat(1_048_577)],
])('api: ValidateStateMachineDefinition.definition refuse: %s', async (_what, definition) => {
  await expect(validate({ definition })).rejects.toMatchObject({ code: 'ValidationException' });
});

test('api: ValidateStateMachineDefinition.definition effect: what is wrong with it is told, with its place', async () => {
  const answer = await validate({ definition: bad });
  expect(answer).toMatchObject({
    result: 'FAIL',
    diagnostics: expect.arrayContaining([
      { severity: 'ERROR', code: 'MISSING_TRANSITION_TARGET', message: expect.any(String), location: '/States/A/Next' },
    ]),
  });
  expect(modelProblems('ValidateStateMachineDefinitionOutput', answer)).toEqual([]);
});

test.each(['STANDARD', 'EXPRESS'])('api: ValidateStateMachineDefinition.type accept: %s', async (type) => {
  expect(await validate({ definition: good, type })).toMatchObject({ result: 'OK' });
});

test('api: ValidateStateMachineDefinition.type refuse: one that there is not', async () => {
  await expect(validate({ definition: good, type: 'SLOW' })).rejects.toMatchObject({ code: 'ValidationException' });
});

test('api: ValidateStateMachineDefinition.type effect: an express machine may do less', async () => {
  expect(await validate({ definition: callback })).toMatchObject({ result: 'OK' });
  expect(await validate({ definition: callback, type: 'EXPRESS' })).toMatchObject({ result: 'FAIL' });
});

test.each(['ERROR', 'WARNING'])('api: ValidateStateMachineDefinition.severity accept: %s', async (severity) => {
  expect(await validate({ definition: good, severity })).toMatchObject({ result: 'OK' });
});

test('api: ValidateStateMachineDefinition.severity refuse: another word', async () => {
  await expect(validate({ definition: good, severity: 'INFO' })).rejects.toMatchObject({ code: 'ValidationException' });
});

test('api: ValidateStateMachineDefinition.severity effect: warnings are told to those who ask', async () => {
  expect(await validate({ definition: warned })).toMatchObject({ result: 'OK', diagnostics: [] });
  expect(await validate({ definition: warned, severity: 'WARNING' })).toMatchObject({
    result: 'OK',
    diagnostics: [{ severity: 'WARNING' }],
  });
});

test.each([0, 1, 100])('api: ValidateStateMachineDefinition.maxResults accept: %i', async (maxResults) => {
  expect(await validate({ definition: bad, maxResults })).toMatchObject({ result: 'FAIL' });
});

test.each([-1, 101, 0.5])('api: ValidateStateMachineDefinition.maxResults refuse: %d', async (maxResults) => {
  await expect(validate({ definition: bad, maxResults })).rejects.toMatchObject({ code: 'ValidationException' });
});

test('api: ValidateStateMachineDefinition.maxResults effect: so many are told, and whether there are more', async () => {
  const answer = await validate({ definition: bad, maxResults: 1 });
  expect(answer.diagnostics).toHaveLength(1);
  expect(answer.truncated).toBe(true);
});
