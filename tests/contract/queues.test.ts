import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { createSqsQueues, queueUrl } from '../../functions/adapters/queues/sqs.ts';
import { memoryQueues } from '../builders/a-deps-ports.ts';
import { aPlaneEngine, awsThrough, nobodyListens } from '../builders/a-plane-engine.ts';
import { type OpenQueues, queuesSuite } from './queues-suite.ts';

const plane = 'work';

const openSqs = async (way: 'in process' | 'over HTTP'): Promise<OpenQueues> => {
  const { aws, queues } = await aPlaneEngine(plane, way);
  const client = new SQSClient(aws);
  for (const QueueName of ['broker', 'settle']) await client.send(new CreateQueueCommand({ QueueName }));
  const take = async (QueueUrl: string): Promise<Message[]> => {
    const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    const Entries = Messages.map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle }));
    if (Entries.length > 0) await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    return Messages;
  };
  return {
    queues,
    received: async (queue) => {
      const all: unknown[] = [];
      for (let some = await take(queueUrl(queue, plane)); some.length > 0; some = await take(queueUrl(queue, plane)))
        all.push(...some.map(({ Body = '' }): unknown => JSON.parse(Body)));
      return all;
    },
    away: async () => createSqsQueues(awsThrough(plane, await nobodyListens()), plane),
  };
};

const openMemory = async (): Promise<OpenQueues> => {
  const queues = memoryQueues();
  return {
    queues,
    received: async (queue) => {
      const all = queues.sent.filter((one) => one.queue === queue).map(({ body }) => body);
      queues.sent.splice(0, queues.sent.length, ...queues.sent.filter((one) => one.queue !== queue));
      return all;
    },
    away: async () => {
      queues.isAway = true;
      return queues;
    },
  };
};

queuesSuite('SQS in process', () => openSqs('in process'));
queuesSuite('SQS over HTTP', () => openSqs('over HTTP'));
queuesSuite('in memory', openMemory);
