import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { aFolder, anEngine } from '../builders/an-engine.ts';
import { plainEnvironment } from '../builders/plain-environment.ts';

const command = fileURLToPath(new URL('../../local/engine.ts', import.meta.url));
const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };

type Started = {
  readonly child: ChildProcess;
  readonly address: string;
  readonly clients: { sfn: SFNClient; sqs: SQSClient };
};

function run(...args: string[]): ChildProcess {
  const child = spawn(process.execPath, [command, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: plainEnvironment,
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

/** Starts the command and waits for the line that says it is ready. */
async function started(...args: string[]): Promise<Started> {
  const child = run('--port', '0', ...args);
  const [line] = await once(child.stdout ?? child, 'data');
  const address = /http:\/\/127\.0\.0\.1:\d+/.exec(String(line))?.[0] ?? '';
  const options = { region: 'us-east-1', endpoint: address, credentials };
  const clients = { sfn: new SFNClient(options), sqs: new SQSClient(options) };
  onTestFinished(() => {
    clients.sfn.destroy();
    clients.sqs.destroy();
  });
  return { child, address, clients };
}

async function failure(...args: string[]): Promise<string> {
  const child = run(...args);
  let text = '';
  child.stderr?.on('data', (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, 'close');
  expect(code).toBe(1);
  return text;
}

const callback = JSON.stringify({
  StartAt: 'Ask',
  States: {
    Ask: {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Parameters: { 'QueueUrl.$': '$.queue', MessageBody: { 'token.$': '$$.Task.Token' } },
      End: true,
    },
  },
});

test('what a plain client left in a queue and in an execution is there after kill -9, and the callback ends it', async () => {
  const data = await aFolder();
  const first = await started('--data', data);
  const { QueueUrl = '' } = await first.clients.sqs.send(new CreateQueueCommand({ QueueName: 'ask' }));
  expect(QueueUrl).toBe(`${first.address}/111111111111/ask`);
  const machine = { name: 'callback', definition: callback, roleArn: 'arn:aws:iam::111111111111:role/any' };
  const { stateMachineArn } = await first.clients.sfn.send(new CreateStateMachineCommand(machine));
  const input = JSON.stringify({ queue: QueueUrl });
  const { executionArn } = await first.clients.sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
  first.child.kill('SIGKILL');
  await once(first.child, 'close');

  const second = await started('--data', data);
  const url = QueueUrl.replace(first.address, second.address);
  await second.clients.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'after' }));
  const poll = new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: 10 });
  const { Messages = [] } = await second.clients.sqs.send(poll);
  const { token: taskToken } = JSON.parse(Messages[0]?.Body ?? '{}');
  await second.clients.sfn.send(new SendTaskSuccessCommand({ taskToken, output: '{"answer":42}' }));
  const ended = await second.clients.sfn.send(new DescribeExecutionCommand({ executionArn }));
  expect(ended).toMatchObject({ status: 'SUCCEEDED', output: '{"answer":42}' });
  second.child.kill('SIGTERM');
  expect(await once(second.child, 'close')).toEqual([0, null]);
});

test('a Task state runs its function through the Lambda Invoke API', async () => {
  const asked: string[] = [];
  const lambda = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.url?.includes('broken')) response.setHeader('x-amz-function-error', 'Unhandled');
    response.end(
      request.url?.includes('broken') ? '{"errorType":"PayloadFault","errorMessage":"no hits"}' : '{"hits":3}',
    );
  });
  lambda.listen(0, '127.0.0.1');
  await once(lambda, 'listening');
  onTestFinished(() => {
    lambda.close();
  });
  const address = lambda.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const { clients } = await started('--data', await aFolder(), '--lambda-endpoint', `http://127.0.0.1:${port}`);
  const end = async (functionName: string) => {
    const Resource = `arn:aws:lambda:us-east-1:111111111111:function:${functionName}`;
    const definition = JSON.stringify({ StartAt: 'Run', States: { Run: { Type: 'Task', Resource, End: true } } });
    const machine = { name: functionName, definition, roleArn: 'arn:aws:iam::111111111111:role/any' };
    const { stateMachineArn } = await clients.sfn.send(new CreateStateMachineCommand(machine));
    const { executionArn } = await clients.sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{}' }));
    for (;;) {
      const execution = await clients.sfn.send(new DescribeExecutionCommand({ executionArn }));
      if (execution.status !== 'RUNNING') return execution;
    }
  };
  expect(await end('read-hits')).toMatchObject({ status: 'SUCCEEDED', output: '{"hits":3}' });
  expect(await end('broken')).toMatchObject({ status: 'FAILED', error: 'PayloadFault' });
  expect(asked[0]).toBe('POST /2015-03-31/functions/read-hits/invocations');
});

test('a folder or a port that is taken is said in one line', async () => {
  const data = await aFolder();
  const { child, address } = await started('--data', data);
  expect(await failure('--port', '0', '--data', data)).toMatch(
    new RegExp(`^engine: .* is in use by process ${child.pid}; .*\n$`),
  );
  const port = address.split(':').at(-1) ?? '';
  expect(await failure('--port', port, '--data', await aFolder())).toBe(
    `engine: port ${port} is in use; choose another one or stop who uses it\n`,
  );
});

/** Runs a command to its end. */
async function ended(...args: string[]): Promise<{ readonly code: unknown; readonly out: string }> {
  const child = run(...args);
  let out = '';
  child.stdout?.on('data', (chunk) => {
    out += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, out };
}

test('a backup of an engine that serves is brought back with all that was answered before, and damage is found', async () => {
  const folder = await aFolder();
  const data = join(folder, 'data');
  const copy = join(folder, 'copy');
  const restored = join(folder, 'restored');
  const { clients } = await started('--data', data);
  const { QueueUrl = '' } = await clients.sqs.send(new CreateQueueCommand({ QueueName: 'work' }));
  const send = (MessageBody: string) => clients.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  for (const body of ['one', 'two', 'three']) await send(body);
  const load = Array.from({ length: 200 }, (_, n) => send(`later ${n}`));
  const backup = await ended('backup', '--data', data, '--to', copy);
  await Promise.all(load);
  expect(backup.out).toMatch(/^backed up \S+ to \S+: 1 files, .* all read by their checksums\n/);
  const back = await ended('restore', '--from', copy, '--data', restored);
  expect(back.out).toMatch(/\nit stands at \d{4}-.*Z: what was answered later is not in it\n$/);

  const engine = await anEngine({ folder: restored });
  expect(engine.stats().queues.work?.ready).toBeGreaterThanOrEqual(3);
  await engine.close();
  const path = join(restored, 'journal-1.log');
  const bytes = await readFile(path);
  bytes[300] = (bytes[300] ?? 0) ^ 1;
  await writeFile(path, bytes);
  const ill = await ended('doctor', '--data', restored);
  expect(ill.code).toBe(1);
  expect(JSON.parse(ill.out).findings[0].what).toContain(`${path} is damaged at byte `);
});
