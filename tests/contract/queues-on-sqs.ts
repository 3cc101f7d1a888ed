import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { OpenQueues } from './queues-suite.ts';

/** Takes all that a queue of SQS holds, and gives what it says. */
export const receivedBy = (client: SQSClient, addressOf: (queue: string) => string): OpenQueues['received'] => {
  const take = async (QueueUrl: string): Promise<Message[]> => {
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    const Entries = Messages.map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle }));
    if (Entries.length > 0) await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    return Messages;
  };
  return async (queue) => {
    const all: unknown[] = [];
    for (let some = await take(addressOf(queue)); some.length > 0; some = await take(addressOf(queue)))
      all.push(...some.map(({ Body = '' }): unknown => JSON.parse(Body)));
    return all;
  };
};
