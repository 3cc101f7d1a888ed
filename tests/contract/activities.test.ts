import {
  CreateActivityCommand,
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetActivityTaskCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Call } from '../../local/engine/protocol.ts';
import { serveEngine } from '../../local/engine/server.ts';
import { machineOf } from '../builders/a-states-part.ts';
import { anEngine } from '../builders/an-engine.ts';

const aClient = (endpoint: string): SFNClient => {
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  const client = new SFNClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 });
  onTestFinished(() => client.destroy());
  return client;
};

test('work goes to the worker that is still there, not to one whose line is cut', async () => {
  const engine = await anEngine();
  const polls: AbortSignal[] = [];
  const call: Call = (service, operation, input, signal) => {
    if (operation === 'GetActivityTask' && signal) polls.push(signal);
    return engine.call(service, operation, input, signal);
  };
  const server = await serveEngine({ call, listen: { port: 0 } });
  onTestFinished(() => server.close());
  const sfn = aClient(server.address);
  const { activityArn } = await sfn.send(new CreateActivityCommand({ name: 'work' }));
  const { stateMachineArn } = await sfn.send(
    new CreateStateMachineCommand({
      name: 'm',
      definition: JSON.stringify(machineOf({ Work: { Type: 'Task', Resource: activityArn, End: true } })),
      roleArn: 'arn:aws:iam::111111111111:role/any',
    }),
  );
  const cut = new AbortController();
  const lost = sfn.send(new GetActivityTaskCommand({ activityArn }), { abortSignal: cut.signal });
  await vi.waitFor(() => expect(polls).toHaveLength(1));
  cut.abort();
  await expect(lost).rejects.toMatchObject({ name: 'AbortError' });
  await vi.waitFor(() => expect(polls[0]?.aborted).toBe(true));
  const told = sfn.send(new GetActivityTaskCommand({ activityArn, workerName: 'still there' }));
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{"n":1}' }));
  const { taskToken, input } = await told;
  expect(input).toBe('{"n":1}');
  await sfn.send(new SendTaskSuccessCommand({ taskToken, output: '2' }));
  const described = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  expect(described).toMatchObject({ status: 'SUCCEEDED', output: '2' });
});
