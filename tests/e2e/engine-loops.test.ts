import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
  StartSyncExecutionCommand,
} from '@aws-sdk/client-sfn';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { aFolder } from '../builders/a-folder.ts';
import { type EngineProcess, spawnEngineProcess } from '../builders/an-engine-process.ts';

const round = {
  Round: { Type: 'Choice', Choices: [{ Variable: '$.done', IsPresent: true, Next: 'Done' }], Default: 'Again' },
  Again: {
    Type: 'Pass',
    Parameters: { 'text.$': '$.text', 'copy.$': 'States.JsonToString($.text)' },
    ResultPath: '$.r',
    Next: 'Round',
  },
  Done: { Type: 'Succeed' },
};
const endless = { StartAt: 'Round', States: round };
const afterWait = { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 1, Next: 'Round' }, ...round } };

const clientsOf = async (engine: EngineProcess) => {
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  const options = { region: 'us-east-1', endpoint: await engine.ready, credentials, maxAttempts: 1 };
  const sqs = new SQSClient(options);
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'others' }));
  return {
    // StartSyncExecution would go to a host whose name begins with `sync-`.
    sfn: new SFNClient({ ...options, disableHostPrefix: true }),
    send: () => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'x' })),
  };
};

const create = async (sfn: SFNClient, name: string, definition: object, type: 'STANDARD' | 'EXPRESS') => {
  const request = { name, definition: JSON.stringify(definition), roleArn: 'arn:aws:iam::111111111111:role/r', type };
  return (await sfn.send(new CreateStateMachineCommand(request))).stateMachineArn;
};

const input = JSON.stringify({ text: 'x'.repeat(25_000) });

test('while an execution goes round until its history is full, others are served', async () => {
  using folder = aFolder();
  const engine = spawnEngineProcess({ folder: folder.path });
  const { sfn, send } = await clientsOf(engine);
  const stateMachineArn = await create(sfn, 'round', endless, 'STANDARD');
  const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
  let served = 0;
  let last = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  for (; last.status === 'RUNNING'; served++) {
    await send();
    last = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  }
  expect(last).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
  // One message was sent where the execution did all in one turn.
  expect(served).toBeGreaterThan(20);
  await engine.kill();
}, 120_000);

test('executions without an end hold up nobody, nor the end of the engine, nor the start of the next one on their folder', async () => {
  using folder = aFolder();
  let engine = spawnEngineProcess({ folder: folder.path });
  const before = await clientsOf(engine);
  const left = await create(before.sfn, 'left', afterWait, 'EXPRESS');
  const limited = await create(before.sfn, 'limited', { ...endless, TimeoutSeconds: 2 }, 'EXPRESS');
  for (let n = 0; n < 3; n++) await before.sfn.send(new StartExecutionCommand({ stateMachineArn: left, input }));
  const sync = new StartSyncExecutionCommand({ stateMachineArn: limited, input });
  expect(await before.sfn.send(sync)).toMatchObject({ status: 'TIMED_OUT' });
  for (let n = 0; n < 20; n++) await before.send();
  await engine.kill();

  engine = spawnEngineProcess({ folder: folder.path });
  const after = await clientsOf(engine);
  // By then those that were left alone have begun again, and go round.
  expect(await after.sfn.send(sync)).toMatchObject({ status: 'TIMED_OUT' });
  for (let n = 0; n < 20; n++) await after.send();
  process.kill(engine.pid, 'SIGTERM');
  expect(await engine.ended).toEqual({ code: 0, signal: null });
}, 120_000);
