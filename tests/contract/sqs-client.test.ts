import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueUrlCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { createRequestHandler, noSigning, type Route } from '../../local/engine/request-handler.ts';
import { serveEngine } from '../../local/engine/server.ts';
import { account, anEngine } from '../builders/an-engine.ts';

function clientFor(route: Route): SQSClient {
  const requestHandler = createRequestHandler({ routes: { [account]: route }, defaultAccount: account });
  const client = new SQSClient({ ...noSigning, requestHandler, maxAttempts: 1 });
  onTestFinished(() => client.destroy());
  return client;
}

const ways: Record<string, () => Promise<SQSClient>> = {
  'in process': async () => clientFor(await anEngine()),
  'over a port': async () => {
    const engine = await anEngine();
    const server = await serveEngine({ call: engine.call, listen: { port: 0 } });
    onTestFinished(() => server.close());
    const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
    const client = new SQSClient({ region: 'us-east-1', endpoint: server.address, credentials, maxAttempts: 1 });
    onTestFinished(() => client.destroy());
    return client;
  },
};

for (const [way, open] of Object.entries(ways)) {
  test(`a plain client sends, receives and deletes ${way}`, async () => {
    const client = await open();
    const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: 'work-inbox' }));
    const attributes = {
      kind: { DataType: 'String', StringValue: 'stf' },
      raw: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2, 3]) },
    };
    await client.send(new SendMessageCommand({ QueueUrl, MessageBody: 'größer', MessageAttributes: attributes }));
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] }),
    );
    expect(Messages).toHaveLength(1);
    expect(Messages[0]).toMatchObject({ Body: 'größer', MessageAttributes: attributes });
    expect(Messages[0]?.Attributes).toMatchObject({ ApproximateReceiveCount: '1' });
    await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages[0]?.ReceiptHandle }));
    await client.send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: [
          { Id: 'a', MessageBody: 'one' },
          { Id: 'b', MessageBody: 'two' },
        ],
      }),
    );
    const again = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    expect(again.Messages?.map(({ Body }) => Body)).toEqual(['one', 'two']);
  });

  test(`a queue that is not there has AWS's error name ${way}`, async () => {
    const client = await open();
    await expect(client.send(new GetQueueUrlCommand({ QueueName: 'nowhere' }))).rejects.toThrow(QueueDoesNotExist);
    await expect(client.send(new GetQueueUrlCommand({ QueueName: 'nowhere' }))).rejects.toMatchObject({
      name: 'QueueDoesNotExist',
    });
  });
}
