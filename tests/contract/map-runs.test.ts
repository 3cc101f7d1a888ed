import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  DescribeMapRunCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  ListMapRunsCommand,
  ResourceNotFound,
  SFNClient,
  StartExecutionCommand,
  UpdateMapRunCommand,
} from '@aws-sdk/client-sfn';
import { expect, onTestFinished, test, vi } from 'vitest';
import { aDistributedMap } from '../builders/a-distributed-map.ts';
import { aFolder } from '../builders/an-engine.ts';

/** AWS's client of `npm run engine` with a folder of buckets. */
const anEngineWith = async (objects: string): Promise<SFNClient> => {
  const program = fileURLToPath(new URL('../../local/engine.ts', import.meta.url));
  const child = spawn(process.execPath, [program, '--port', '0', '--data', await aFolder(), '--objects', objects]);
  const [line] = await once(createInterface(child.stdout), 'line');
  const endpoint = /http:\S+/.exec(String(line))?.[0] ?? '';
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  const client = new SFNClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  onTestFinished(() => {
    client.destroy();
    child.kill('SIGKILL');
  });
  return client;
};

test("AWS's client runs a distributed Map over files, and reads its map run and children", async () => {
  const root = await aFolder();
  await mkdir(join(root, 'b'));
  await writeFile(join(root, 'b', 'stfs.csv'), 'stf,run\n1,7\n2,7\n3,7\n');
  const sfn = await anEngineWith(root);
  const definition = aDistributedMap(
    { Type: 'Pass' },
    {
      ItemReader: {
        Resource: 'arn:aws:states:::s3:getObject',
        ReaderConfig: { InputType: 'CSV', CSVHeaderLocation: 'FIRST_ROW' },
        Parameters: { Bucket: 'b', Key: 'stfs.csv' },
      },
      ItemBatcher: { MaxItemsPerBatch: 2 },
      ResultWriter: { Resource: 'arn:aws:states:::s3:putObject', Parameters: { Bucket: 'b', Prefix: 'out' } },
    },
  );
  const machine = {
    name: 'maps',
    definition: JSON.stringify(definition),
    roleArn: 'arn:aws:iam::111111111111:role/any',
  };
  const { stateMachineArn } = await sfn.send(new CreateStateMachineCommand(machine));
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn }));
  const described = await vi.waitFor(async () => {
    const found = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    expect(found.status).toBe('SUCCEEDED');
    return found;
  });
  const { mapRuns = [] } = await sfn.send(new ListMapRunsCommand({ executionArn }));
  expect(mapRuns).toMatchObject([{ executionArn, startDate: expect.any(Date), stopDate: expect.any(Date) }]);
  const mapRunArn = mapRuns[0]?.mapRunArn;
  expect(JSON.parse(described.output ?? '')).toMatchObject({ MapRunArn: mapRunArn });
  expect(await sfn.send(new DescribeMapRunCommand({ mapRunArn }))).toMatchObject({
    status: 'SUCCEEDED',
    maxConcurrency: 0,
    toleratedFailureCount: 0,
    toleratedFailurePercentage: 0,
    itemCounts: { succeeded: 3, total: 3, resultsWritten: 3, failuresNotRedrivable: 0 },
    executionCounts: { succeeded: 2, total: 2 },
  });
  const { executions = [] } = await sfn.send(new ListExecutionsCommand({ mapRunArn }));
  expect(executions.map(({ itemCount, status }) => [itemCount, status])).toEqual([
    [1, 'SUCCEEDED'],
    [2, 'SUCCEEDED'],
  ]);
  const child = await sfn.send(new DescribeExecutionCommand({ executionArn: executions[0]?.executionArn }));
  expect(child).toMatchObject({ mapRunArn, input: '{"Items":[{"stf":"3","run":"7"}]}' });
  const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn }));
  expect(events.find(({ type }) => type === 'MapRunStarted')).toMatchObject({
    mapRunStartedEventDetails: { mapRunArn },
  });
  expect(await readdir(join(root, 'b', 'out'))).toHaveLength(1);
  const gone = `${mapRunArn?.slice(0, -4)}none`;
  await expect(sfn.send(new UpdateMapRunCommand({ mapRunArn: gone, maxConcurrency: 1 }))).rejects.toBeInstanceOf(
    ResourceNotFound,
  );
});
