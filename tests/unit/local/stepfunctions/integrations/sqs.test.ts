import { expect, test } from 'vitest';
import * as z from 'zod';
import { account, anEngine } from '../../../../builders/an-engine.ts';
import { serviceTask } from '../../../../builders/an-integration-task.ts';

const Received = z.object({ Messages: z.array(z.looseObject({ Body: z.string() })).default([]) });
const Created = z.object({ stateMachineArn: z.string() });
const Ended = z.looseObject({ status: z.string() });

const sending = async (Attributes: object, queue: string, parameters: object) => {
  const engine = await anEngine();
  await engine.call('sqs', 'CreateQueue', { QueueName: queue, Attributes });
  const QueueUrl = `http://127.0.0.1/${account}/${queue}`;
  const { stateMachineArn } = Created.parse(
    await engine.call('sfn', 'CreateStateMachine', {
      name: 'send',
      definition: JSON.stringify(serviceTask('sqs:sendMessage', { QueueUrl, ...parameters })),
      roleArn: 'arn:aws:iam::111111111111:role/r',
    }),
  );
  const describe = async (executionArn: string) =>
    Ended.parse(await engine.call('sfn', 'DescribeExecution', { executionArn }));
  const run = async () => {
    const started = await engine.call('sfn', 'StartExecution', { stateMachineArn });
    const { executionArn } = z.object({ executionArn: z.string() }).parse(started);
    await expect.poll(async () => (await describe(executionArn)).status).not.toBe('RUNNING');
    return describe(executionArn);
  };
  const receive = async () => {
    const all = { AttributeNames: ['All'], MessageAttributeNames: ['All'], MaxNumberOfMessages: 10 };
    return Received.parse(await engine.call('sqs', 'ReceiveMessage', { QueueUrl, ...all })).Messages;
  };
  return { run, receive };
};

test('a message goes to a FIFO queue with its group, once by its deduplication', async () => {
  const { run, receive } = await sending({ FifoQueue: 'true' }, 'q.fifo', {
    MessageBody: { run: 7 },
    MessageGroupId: 'seven',
    MessageDeduplicationId: 'seven-1',
    MessageAttributes: { run: { DataType: 'Number', StringValue: '7' } },
  });
  expect(await run()).toMatchObject({ output: expect.stringContaining('"SequenceNumber"') });
  expect(await run()).toMatchObject({ output: expect.stringContaining('"MD5OfMessageAttributes"') });
  expect(await receive()).toMatchObject([
    {
      Body: '{"run":7}',
      Attributes: { MessageGroupId: 'seven', MessageDeduplicationId: 'seven-1' },
      MessageAttributes: { run: { DataType: 'Number', StringValue: '7' } },
    },
  ]);
});

test('what the queue refuses fails the task with AWS’s words', async () => {
  const { run } = await sending({ FifoQueue: 'true' }, 'q.fifo', { MessageBody: 'b' });
  expect(await run()).toMatchObject({
    status: 'FAILED',
    error: 'SQS.AmazonSQSException',
    cause: expect.stringMatching(
      /MessageGroupId.* \(Service: AmazonSQS; Status Code: 400; Error Code: MissingParameter; Request ID: [-0-9a-f]{36}; Proxy: null\)$/,
    ),
  });
});
