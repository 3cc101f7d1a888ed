import { expect, test } from 'vitest';
import { machineOf } from '../../../builders/a-states-part.ts';
import { aWorld } from '../../../builders/a-world.ts';
import { account } from '../../../builders/an-engine.ts';
import { fakeClock } from '../../../builders/fake-clock.ts';
import { openOn } from '../../../builders/fault-journey.ts';
import { tornDisk } from '../../../builders/torn-disk.ts';

const stateMachineArn = `arn:aws:states:us-east-1:${account}:stateMachine:m`;
const executionArn = (n: number) => `${stateMachineArn.replace('stateMachine', 'execution')}:x${n}`;
const [segmentBytes, maxBytes] = [4000, 20_000];

test('histories go with their segments, executions stay described, and the folder does not grow', async () => {
  const disk = tornDisk();
  const engine = await openOn(disk, fakeClock(), aWorld([]), { segmentBytes, retention: { maxBytes } });
  const sfn = (operation: string, input: object) => engine.call('sfn', operation, input);
  const definition = JSON.stringify(machineOf({ A: { Type: 'Pass', End: true } }));
  await sfn('CreateStateMachine', { name: 'm', definition, roleArn: 'arn:aws:iam::111111111111:role/r' });
  for (let n = 0; n < 300; n++) {
    const input = JSON.stringify('x'.repeat(n % 2 ? 10 : 1500));
    await sfn('StartExecution', { stateMachineArn, name: `x${n}`, input });
  }
  const gone = { code: 'ExecutionDoesNotExist', message: expect.stringMatching('no longer kept') };
  await expect(sfn('GetExecutionHistory', { executionArn: executionArn(0) })).rejects.toMatchObject(gone);
  const small = await sfn('DescribeExecution', { executionArn: executionArn(1) });
  expect(small).toMatchObject({ status: 'SUCCEEDED', output: '"xxxxxxxxxx"' });
  // Too large to be remembered beside its segment: all else is still told.
  const large = await sfn('DescribeExecution', { executionArn: executionArn(0) });
  expect(large).toMatchObject({ status: 'SUCCEEDED', name: 'x0' });
  expect(large).not.toHaveProperty('output');
  expect(await sfn('GetExecutionHistory', { executionArn: executionArn(299) })).toHaveProperty('events');
  await engine.close();
  const names = await disk.list('/data');
  const snapshots = names.filter((name) => name.startsWith('snapshot'));
  expect(snapshots).toHaveLength(1);
  const snapshotBytes = (await disk.sizeOf(`/data/${snapshots[0]}`)) ?? 0;
  const sizes = await Promise.all(names.map(async (name) => (await disk.sizeOf(`/data/${name}`)) ?? 0));
  // What is not in a snapshot yet is at most as large as that.
  const mostBytes = 2 * snapshotBytes + maxBytes + 2 * segmentBytes;
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(mostBytes);
});
