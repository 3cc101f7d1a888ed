import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { createSqsQueues, queueUrl } from '../../functions/adapters/queues/sqs.ts';
import { memoryQueues } from '../builders/a-deps-ports.ts';
import { aPlaneEngine, awsThrough, nobodyListens } from '../builders/a-plane-engine.ts';
import { receivedBy } from './queues-on-sqs.ts';
import { type OpenQueues, queuesSuite } from './queues-suite.ts';

const plane = 'work';

const openSqs = async (way: 'in process' | 'over HTTP'): Promise<OpenQueues> => {
  const { aws, queues } = await aPlaneEngine(plane, way);
  const client = new SQSClient(aws);
  for (const QueueName of ['broker', 'settle']) await client.send(new CreateQueueCommand({ QueueName }));
  return {
    queues,
    received: receivedBy(client, (queue) => queueUrl(queue, plane)),
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
