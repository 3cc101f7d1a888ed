import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { aWebServer, sayJson } from '../builders/a-web-server.ts';
import { account, aFolder } from '../builders/an-engine.ts';
import { spawnEngineProcess } from '../builders/an-engine-process.ts';

const secret = 'key-that-is-secret';
const connectionsAt = (url: string) => ({
  api: {
    Hosts: [new URL(url).host],
    AuthorizationType: 'API_KEY',
    AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'X-Key', ApiKeyValue: secret } },
  },
});

const eventsAt = (url: string) => ({
  Topics: [{ TopicName: 'runs', Subscriptions: [{ Protocol: 'http', Endpoint: `${url}/hook` }] }],
  EventBuses: [
    {
      Name: 'default',
      Rules: [
        {
          Name: 'ended',
          EventPattern: { source: ['epic'], detail: { run: [{ numeric: ['>', 1] }] } },
          Targets: [{ Id: 'queue', Arn: `arn:aws:sqs:us-east-1:${account}:ended`, InputPath: '$.detail' }],
        },
      ],
    },
  ],
});

const machineFor = (url: string) => ({
  StartAt: 'Ask',
  States: {
    Ask: {
      Type: 'Task',
      Resource: 'arn:aws:states:::http:invoke',
      Parameters: {
        ApiEndpoint: `${url}/runs`,
        Method: 'GET',
        InvocationConfig: { ConnectionArn: `arn:aws:events:us-east-1:${account}:connection/api/0` },
      },
      ResultSelector: { 'run.$': '$.ResponseBody.run' },
      Next: 'Tell',
    },
    Tell: {
      Type: 'Task',
      Resource: 'arn:aws:states:::sns:publish',
      Parameters: { TopicArn: `arn:aws:sns:us-east-1:${account}:runs`, 'Message.$': '$' },
      ResultPath: null,
      Next: 'Put',
    },
    Put: {
      Type: 'Task',
      Resource: 'arn:aws:states:::events:putEvents',
      Parameters: { Entries: [{ Source: 'epic', DetailType: 'run.ended', 'Detail.$': '$' }] },
      ResultPath: null,
      End: true,
    },
  },
});

const clientsOf = (endpoint: string) => {
  const options = { region: 'us-east-1', endpoint, credentials: { accessKeyId: 'any', secretAccessKey: 'any' } };
  const clients = { sfn: new SFNClient(options), sqs: new SQSClient(options) };
  onTestFinished(() => {
    clients.sfn.destroy();
    clients.sqs.destroy();
  });
  return clients;
};

test('what a state machine has published is told after a kill, and what it has put is in its queue', async () => {
  const folder = await aFolder();
  let isBack = false;
  const { url, seen } = await aWebServer((request, response) => {
    if (request.path === '/runs') sayJson({ run: 7 })(request, response);
    else response.writeHead(isBack ? 200 : 503).end();
  });
  const files = { events: join(folder, 'events.json'), connections: join(folder, 'connections.json') };
  await writeFile(files.events, JSON.stringify(eventsAt(url)));
  await writeFile(files.connections, JSON.stringify(connectionsAt(url)));
  const more = ['--events', files.events, '--connections', files.connections, '--allow-private-http', '127.0.0.1'];
  const place = { folder: join(folder, 'engine'), more };

  const first = spawnEngineProcess(place);
  const { sfn, sqs } = clientsOf(await first.ready);
  await sqs.send(new CreateQueueCommand({ QueueName: 'ended' }));
  const definition = JSON.stringify(machineFor(url));
  const roleArn = `arn:aws:iam::${account}:role/any`;
  const { stateMachineArn } = await sfn.send(new CreateStateMachineCommand({ name: 'm', definition, roleArn }));
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn }));
  const status = async () => (await sfn.send(new DescribeExecutionCommand({ executionArn }))).status;
  await expect.poll(status, { timeout: 5_000 }).toBe('SUCCEEDED');
  await first.kill();

  isBack = true;
  const before = seen.filter(({ path }) => path === '/hook').length;
  const second = spawnEngineProcess(place);
  onTestFinished(() => second.kill());
  const again = clientsOf(await second.ready);
  // A delivery that was under way at the kill is hidden for a minute.
  await expect
    .poll(() => seen.filter(({ path }) => path === '/hook').length, { timeout: 80_000 })
    .toBeGreaterThan(before);
  expect(JSON.parse(seen.at(-1)?.body ?? '')).toMatchObject({ Type: 'Notification', Message: '{"run":7}' });
  expect(seen.find(({ path }) => path === '/runs')?.headers).toMatchObject({ 'x-key': secret });
  const QueueUrl = `${await second.ready}/${account}/ended`;
  const { Messages } = await again.sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  expect(Messages?.map(({ Body }) => Body)).toEqual(['{"run":7}']);
}, 120_000);
