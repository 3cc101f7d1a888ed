import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  ExecutionAlreadyExists,
  GetExecutionHistoryCommand,
  InvalidDefinition,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StateMachineDoesNotExist,
} from '@aws-sdk/client-sfn';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openEngine } from '../../local/engine/engine.ts';
import { createRequestHandler, noSigning, type Route } from '../../local/engine/request-handler.ts';
import { serveEngine } from '../../local/engine/server.ts';
import { functionArn, machineOf } from '../builders/a-states-part.ts';
import { account, aFolder, anEngine } from '../builders/an-engine.ts';

type Clients = { readonly sfn: SFNClient; readonly sqs: SQSClient };

const roleArn = `arn:aws:iam::${account}:role/any`;
const echo = async ({ payload }: { payload: unknown }) => ({ ok: true, payload: { echo: payload } }) as const;

function clientsFor(route: Route): Clients {
  const requestHandler = createRequestHandler({ routes: { [account]: route }, defaultAccount: account });
  return closedWithTest({
    sfn: new SFNClient({ ...noSigning, requestHandler, maxAttempts: 1 }),
    sqs: new SQSClient({ ...noSigning, requestHandler, maxAttempts: 1 }),
  });
}

function closedWithTest(clients: Clients): Clients {
  onTestFinished(() => {
    clients.sfn.destroy();
    clients.sqs.destroy();
  });
  return clients;
}

const ways: Record<string, () => Promise<Clients>> = {
  'in process': async () => clientsFor(await anEngine({ invoke: echo })),
  'over a port': async () => {
    const engine = await anEngine({ invoke: echo });
    const server = await serveEngine({ call: engine.call, listen: { port: 0 } });
    onTestFinished(() => server.close());
    const options = {
      region: 'us-east-1',
      endpoint: server.address,
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
      maxAttempts: 1,
    };
    return closedWithTest({ sfn: new SFNClient(options), sqs: new SQSClient(options) });
  },
};

const create = async ({ sfn }: Clients, name: string, definition: object): Promise<string | undefined> => {
  const command = new CreateStateMachineCommand({ name, roleArn, definition: JSON.stringify(definition) });
  return (await sfn.send(command)).stateMachineArn;
};

/** Waits for the execution's end by asking; the client has no other way. */
const ended = ({ sfn }: Clients, executionArn: string | undefined) =>
  vi.waitFor(async () => {
    const description = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    expect(description.status).not.toBe('RUNNING');
    return description;
  });

for (const [way, open] of Object.entries(ways)) {
  test(`a plain client creates, starts, describes and reads the history ${way}`, async () => {
    const clients = await open();
    const stateMachineArn = await create(
      clients,
      'echo',
      machineOf({ Ask: { Type: 'Task', Resource: functionArn('echo'), End: true } }),
    );
    const start = new StartExecutionCommand({ stateMachineArn, name: 'one', input: '{"a":1}' });
    const { executionArn, startDate } = await clients.sfn.send(start);
    expect(startDate).toBeInstanceOf(Date);
    const description = await ended(clients, executionArn);
    expect(description).toMatchObject({ status: 'SUCCEEDED', output: '{"echo":{"a":1}}', name: 'one' });
    const { events } = await clients.sfn.send(new GetExecutionHistoryCommand({ executionArn }));
    expect(events).toHaveLength(7);
    expect(events?.[4]).toMatchObject({
      type: 'LambdaFunctionSucceeded',
      timestamp: expect.any(Date),
      lambdaFunctionSucceededEventDetails: { output: '{"echo":{"a":1}}' },
    });
    await expect(clients.sfn.send(start)).rejects.toThrow(ExecutionAlreadyExists);
  });

  test(`errors have AWS's names ${way}`, async () => {
    const clients = await open();
    await expect(create(clients, 'bad', machineOf({ A: { Type: 'Pass', Next: 'B' } }))).rejects.toThrow(
      InvalidDefinition,
    );
    const stateMachineArn = `arn:aws:states:us-east-1:${account}:stateMachine:none`;
    await expect(clients.sfn.send(new StartExecutionCommand({ stateMachineArn }))).rejects.toThrow(
      StateMachineDoesNotExist,
    );
  });

  test(`a callback goes through a queue and comes back by its token ${way}`, async () => {
    const clients = await open();
    const { QueueUrl } = await clients.sqs.send(new CreateQueueCommand({ QueueName: 'broker' }));
    const stateMachineArn = await create(
      clients,
      'callback',
      machineOf({
        Ask: {
          Type: 'Task',
          Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
          Parameters: { QueueUrl, MessageBody: { 'token.$': '$$.Task.Token', 'request.$': '$.request' } },
          End: true,
        },
      }),
    );
    const input = JSON.stringify({ request: { cores: 4 } });
    const { executionArn } = await clients.sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
    const { Messages } = await clients.sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
    const { token, request } = JSON.parse(Messages?.[0]?.Body ?? '{}');
    expect(request).toEqual({ cores: 4 });
    await clients.sfn.send(new SendTaskSuccessCommand({ taskToken: token, output: '{"facility":"here"}' }));
    expect(await ended(clients, executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '{"facility":"here"}' });
  });
}

test('what waits when the engine closes goes on when it is opened again on its folder', async () => {
  const folder = await aFolder();
  const never = () => new Promise<never>(() => undefined);
  const first = await openEngine({ folder, account, invoke: never });
  const before = clientsFor(first);
  const stateMachineArn = await create(
    before,
    'echo',
    machineOf({ Ask: { Type: 'Task', Resource: functionArn('echo'), End: true } }),
  );
  const { executionArn } = await before.sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{"a":1}' }));
  await first.close();
  const after = clientsFor(await anEngine({ folder, invoke: echo }));
  expect(await ended(after, executionArn)).toMatchObject({ status: 'SUCCEEDED', output: '{"echo":{"a":1}}' });
});
