import { expect, test } from 'vitest';
import { functionArn, machineOf } from '../../../../builders/a-states-part.ts';
import { aVersionedMachine, revision } from '../../../../builders/a-versioned-machine.ts';

test('executions are listed under the version and the alias that started them', async () => {
  const { states, machine, alias } = await aVersionedMachine(2);
  const live = await alias('live', [2, 100]);
  await states.start(machine, {}, 'plain');
  await states.start(`${machine}:1`, {}, 'first');
  await states.start(`${machine}:2`, {}, 'second');
  await states.start(live, {}, 'aliased');
  const names = async (stateMachineArn: string): Promise<string[]> => {
    const answer = await states.call('ListExecutions', { stateMachineArn });
    return (
      JSON.stringify(answer)
        .match(/(?<="name":")\w+/g)
        ?.sort() ?? []
    );
  };
  expect(await names(machine)).toEqual(['aliased', 'first', 'plain', 'second']);
  expect(await names(`${machine}:1`)).toEqual(['first']);
  expect(await names(`${machine}:2`)).toEqual(['aliased', 'second']);
  expect(await names(live)).toEqual(['aliased']);
  const { executions } = await states.call('ListExecutions', { stateMachineArn: live });
  expect(executions).toMatchObject([{ stateMachineVersionArn: `${machine}:2`, stateMachineAliasArn: live }]);
});

test('an execution that was started by the machine’s own ARN knows no version, also if it runs one', async () => {
  const { states, machine } = await aVersionedMachine();
  const described = await states.describe(await states.start(machine));
  expect(described.stateMachineVersionArn).toBeUndefined();
  expect(described.stateMachineAliasArn).toBeUndefined();
});

test('a version and its machine have their names of executions in common', async () => {
  const { states, machine } = await aVersionedMachine();
  await states.start(machine, { a: 1 }, 'one');
  await expect(states.start(`${machine}:1`, { a: 2 }, 'one')).rejects.toMatchObject({ code: 'ExecutionAlreadyExists' });
});

test('an alias chooses the same version whenever the same name is started', async () => {
  const outputs = await Promise.all(
    [1, 2].map(async () => {
      const { states, alias } = await aVersionedMachine(2);
      const live = await alias('live', [1, 50], [2, 50]);
      const names = Array.from({ length: 20 }, (_, at) => `e${at}`);
      return Promise.all(names.map(async (name) => states.output(await states.start(live, {}, name))));
    }),
  );
  expect(outputs[0]).toEqual(outputs[1]);
  expect(new Set(outputs[0]).size).toBe(2);
});

test('a state machine starts another one by its alias, and waits for it', async () => {
  const { states, alias } = await aVersionedMachine(2);
  const live = await alias('live', [1, 100]);
  const arn = await states.run(
    machineOf({
      Start: {
        Type: 'Task',
        Resource: 'arn:aws:states:::states:startExecution.sync:2',
        Parameters: { StateMachineArn: live, Name: 'child' },
        End: true,
      },
    }),
  );
  expect(await states.output(arn)).toMatchObject({ Output: 1, Name: 'child', Status: 'SUCCEEDED' });
});

test('a machine that is created anew counts its versions from one, and what ran before keeps its own', async () => {
  const { states, machine } = await aVersionedMachine(0);
  const definition = JSON.stringify(machineOf({ Ask: { Type: 'Task', Resource: functionArn('f'), End: true } }));
  await states.call('UpdateStateMachine', { stateMachineArn: machine, definition, publish: true });
  const executionArn = await states.start(`${machine}:1`);
  await states.call('DeleteStateMachine', { stateMachineArn: machine });
  states.invocations[0]?.succeed('old');
  await states.settle();
  await states.create(revision(7), 'm');
  const published = await states.call('PublishStateMachineVersion', { stateMachineArn: machine });
  expect(published).toMatchObject({ stateMachineVersionArn: `${machine}:1` });
  expect(await states.output(await states.start(`${machine}:1`))).toBe(7);
  expect(await states.output(executionArn)).toBe('old');
});
