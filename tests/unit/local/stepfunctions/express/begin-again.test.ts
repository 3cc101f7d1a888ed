import { expect, test } from 'vitest';
import { itemsOf } from '../../../../builders/a-restart.ts';
import { aStatesPart, functionArn, machineOf } from '../../../../builders/a-states-part.ts';
import { createExpress, startSync } from '../../../../builders/an-express-machine.ts';
import { memoryJournal } from '../../../../builders/memory-journal.ts';

const pass = machineOf({ A: { Type: 'Pass', End: true } });
const asking = machineOf({ Ask: { Type: 'Task', Resource: functionArn('f'), End: true } });

test('an express execution begins again after a restart, from its beginning, and ends once', async () => {
  const before = aStatesPart();
  const machine = await createExpress(
    before,
    machineOf({
      First: { Type: 'Task', Resource: functionArn('f'), Next: 'Second' },
      Second: { Type: 'Task', Resource: functionArn('g'), End: true },
    }),
  );
  await before.start(machine, { a: 1 }, 'one');
  await before.start(machine, { a: 2 }, 'two');
  await before.settle();
  for (const call of [...before.invocations]) call.succeed({});
  await before.settle();
  before.invocations[2]?.succeed({});
  await before.settle();
  before.part.close();
  const after = aStatesPart({ journal: before.journal, clock: before.clock });
  await after.settle();
  expect(after.invocations).toMatchObject([{ functionName: expect.stringContaining('f'), payload: { a: 2 } }]);
  expect(after.invocations[0]?.invocationId).toBe(before.invocations[1]?.invocationId);
  after.invocations[0]?.succeed({});
  await after.settle();
  after.invocations[1]?.succeed({});
  await after.settle();
  expect(after.part.stats().running).toBe(0);
  const third = aStatesPart({ journal: before.journal, clock: before.clock });
  expect(third.part.stats()).toMatchObject({ running: 0, known: 0 });
});

test('a snapshot keeps how an express execution began, with the version and the alias that started it', async () => {
  const states = aStatesPart();
  const machine = await createExpress(states, asking);
  const { stateMachineVersionArn } = await states.call('PublishStateMachineVersion', { stateMachineArn: machine });
  const routingConfiguration = [{ stateMachineVersionArn, weight: 100 }];
  await states.call('CreateStateMachineAlias', { name: 'live', routingConfiguration });
  const traceHeader = 'Root=1-5759e988-bd862e3fe1be46a994272793';
  await states.call('StartExecution', { stateMachineArn: `${machine}:live`, input: '{"a":1}', traceHeader });
  const running = startSync(states, machine);
  running.catch(() => undefined);
  await states.call('UpdateStateMachine', { stateMachineArn: machine, definition: JSON.stringify(pass) });
  await states.settle();
  const records = states.journal.records().map(({ record }) => record);
  const replayed = aStatesPart({ journal: memoryJournal(records), isResumed: false });
  expect(itemsOf(replayed)).toEqual(itemsOf(states));
  const restored = aStatesPart({ journal: memoryJournal(), isFolded: false });
  for (const item of [itemsOf(states)].flat()) restored.part.restore(item);
  expect(itemsOf(restored)).toEqual(itemsOf(states));
  restored.part.resume();
  await restored.settle();
  expect(restored.invocations).toMatchObject([{ payload: { a: 1 } }]);
});

test('an express execution starts a standard one, once, also when it begins again', async () => {
  const before = aStatesPart();
  const inner = await before.create(pass, 'inner');
  const machine = await createExpress(
    before,
    machineOf({
      Start: {
        Type: 'Task',
        Resource: 'arn:aws:states:::states:startExecution',
        Parameters: { StateMachineArn: inner },
        Next: 'Ask',
      },
      Ask: { Type: 'Task', Resource: functionArn('f'), End: true },
    }),
  );
  await before.start(machine);
  await before.settle();
  expect(before.invocations).toHaveLength(1);
  before.part.close();
  const after = aStatesPart({ journal: before.journal, clock: before.clock });
  await after.settle();
  expect(after.invocations).toHaveLength(1);
  const { executions } = await after.call('ListExecutions', { stateMachineArn: inner });
  expect(executions).toHaveLength(1);
});

test('an end that the journal refuses is noted when there is room again', async () => {
  const states = aStatesPart();
  await states.start(await createExpress(states, asking));
  await states.settle();
  states.journal.refuse(true);
  states.invocations[0]?.succeed({});
  await states.settle();
  states.journal.refuse(false);
  await states.clock.advance(1000);
  expect(states.journal.records().at(-1)).toMatchObject({ record: { kind: 'expressEnded' } });
});
