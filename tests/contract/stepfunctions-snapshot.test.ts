import { expect, test, vi } from 'vitest';
import { type Engine, openEngine } from '../../local/engine/engine.ts';
import { machineOf } from '../builders/a-states-part.ts';
import { account, aFolder } from '../builders/an-engine.ts';

const options = { account, segmentBytes: 30_000, invoke: () => new Promise<never>(() => undefined) };
const machineArn = (name: string) => `arn:aws:states:us-east-1:${account}:stateMachine:${name}`;

const create = (engine: Engine, name: string, definition: object) =>
  engine.call('sfn', 'CreateStateMachine', {
    name,
    roleArn: 'arn:aws:iam::111111111111:role/r',
    definition: JSON.stringify(definition),
  });

const start = (engine: Engine, machine: string, name: string, input: object) =>
  engine.call('sfn', 'StartExecution', { stateMachineArn: machineArn(machine), name, input: JSON.stringify(input) });

const look = async (engine: Engine, machine: string, name: string) => {
  const executionArn = `${machineArn(machine).replace('stateMachine', 'execution')}:${name}`;
  const description = await engine.call('sfn', 'DescribeExecution', { executionArn });
  const history = await engine.call('sfn', 'GetExecutionHistory', { executionArn });
  const machineOfIt = await engine.call('sfn', 'DescribeStateMachineForExecution', { executionArn });
  return { description, history, machineOfIt };
};

test('what a snapshot holds is what the journal held: executions, waits and histories', async () => {
  const folder = await aFolder();
  const first = await openEngine({ folder, ...options });
  await create(
    first,
    'pass',
    machineOf({ A: { Type: 'Pass', ResultPath: '$.r', Result: 1, Next: 'B' }, B: { Type: 'Succeed' } }),
  );
  await create(first, 'hold', machineOf({ A: { Type: 'Wait', Seconds: 3600, End: true } }));
  for (let at = 0; at < 100; at++) {
    await start(first, 'pass', `p${at}`, { text: 'x'.repeat(at * 30) });
    await start(first, 'hold', `h${at}`, { at });
  }
  // What runs keeps the revision that it began with.
  const definition = JSON.stringify(machineOf({ A: { Type: 'Succeed' } }));
  await first.call('sfn', 'UpdateStateMachine', { stateMachineArn: machineArn('hold'), definition });
  const written = { isRunning: false, snapshot: expect.toSatisfy((snapshot: number) => snapshot > 1) };
  await vi.waitFor(() => expect(first.stats().compaction).toMatchObject(written), 15_000);
  const names = ['p0', 'p50', 'p99', 'h0', 'h99'];
  const all = (engine: Engine) =>
    Promise.all(names.map((name) => look(engine, name.startsWith('p') ? 'pass' : 'hold', name)));
  const before = await all(first);
  await first.close();
  const second = await openEngine({ folder, ...options });
  expect(second.stats().recovery.snapshot).toBeGreaterThan(1);
  expect(second.stats().executions).toEqual({ running: 100, known: 200, timers: 100 });
  expect(await all(second)).toEqual(before);
  await second.close();
}, 30_000);
