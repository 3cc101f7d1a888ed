import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { Engine } from '../../../../../local/engine/engine.ts';
import { aDistributedMap } from '../../../../builders/a-distributed-map.ts';
import { functionArn, machineOf } from '../../../../builders/a-states-part.ts';
import { aFolder, anEngine } from '../../../../builders/an-engine.ts';
import { portraitOf } from '../../../../builders/engine-portrait.ts';

const task = { Type: 'Task', Resource: functionArn('f'), End: true };
const branch = (name: string): object => ({ StartAt: name, States: { [name]: task } });
const MACHINES = {
  parallel: machineOf({ P: { Type: 'Parallel', Branches: [branch('A'), branch('B')], End: true } }),
  map: machineOf({ M: { Type: 'Map', ItemProcessor: branch('T'), End: true } }),
  distributed: aDistributedMap({ Type: 'Task', Resource: functionArn('f') }, { MaxConcurrency: 1 }),
};

const sfn = async (engine: Engine, operation: string, input: object): Promise<Record<string, unknown>> =>
  Object(await engine.call('sfn', operation, input));

const whenEnded = async (engine: Engine, executionArn: string): Promise<Record<string, unknown>> => {
  for (;;) {
    const described = await sfn(engine, 'DescribeExecution', { executionArn });
    if (described.status !== 'RUNNING') return described;
    await new Promise((resolve) => setImmediate(resolve));
  }
};

test('what failed in one engine is redriven in the next one, and is the same after compaction', async () => {
  const folder = await aFolder();
  const small = { folder, segmentBytes: 3000, retention: { maxBytes: 10_000_000 } };
  const first = await anEngine(small);
  const arns: string[] = [];
  for (const [name, definition] of Object.entries(MACHINES)) {
    const machine = { name, definition: JSON.stringify(definition), roleArn: 'arn:aws:iam::111111111111:role/r' };
    const { stateMachineArn } = await sfn(first, 'CreateStateMachine', machine);
    const { executionArn } = await sfn(first, 'StartExecution', { stateMachineArn, name: 'e', input: '[1,2,3]' });
    arns.push(String(executionArn));
    expect(await whenEnded(first, String(executionArn))).toMatchObject({ status: 'FAILED' });
  }
  await first.close();

  const second = await anEngine({ ...small, invoke: async ({ payload }) => ({ ok: true, payload }) });
  for (const executionArn of arns) await sfn(second, 'RedriveExecution', { executionArn });
  for (const executionArn of arns) {
    expect(await whenEnded(second, executionArn)).toMatchObject({ status: 'SUCCEEDED', redriveCount: 1 });
  }
  const stateMachineArn = arns[0]?.replace(/:execution:(.*):e$/, ':stateMachine:$1');
  while (second.stats().compaction.snapshot === 0) {
    if (second.stats().compaction.isRunning) await new Promise((resolve) => setImmediate(resolve));
    else await whenEnded(second, String((await sfn(second, 'StartExecution', { stateMachineArn })).executionArn));
  }
  expect(second.stats().compaction.failure).toBeUndefined();
  const before = await portraitOf(second.call);
  await second.close();

  expect((await readdir(folder)).some((name) => name.startsWith('snapshot-'))).toBe(true);
  const third = await anEngine(small);
  expect(await portraitOf(third.call)).toEqual(before);
});
