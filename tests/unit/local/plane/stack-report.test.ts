import { once } from 'node:events';
import { createServer } from 'node:http';
import { CreateStateMachineCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { machineArn } from '../../../../functions/adapters/machines/sfn.ts';
import { queueUrl } from '../../../../functions/adapters/queues/sqs.ts';
import type { Route } from '../../../../local/engine/request-handler.ts';
import { askService, minioService, type StackService } from '../../../../local/plane/stack-question.ts';
import { createStackReport } from '../../../../local/plane/stack-report.ts';
import { aPeer, aPlaneEngine, awsThrough, nobodyListens, region } from '../../../builders/a-plane-engine.ts';
import { fakeClock } from '../../../builders/fake-clock.ts';

const about = { stack: 'ministack', endpoint: 'http://127.0.0.1:4566' };
const waiting = { StartAt: 'Wait', States: { Wait: { Type: 'Wait', Seconds: 3600, End: true } } };

/** A plane's services with some of what a plane has, and the report of them. */
const aReport = async (
  queues: readonly string[] = ['broker'],
  isRemembered = true,
  services: readonly StackService[] = [],
) => {
  const { aws } = await aPlaneEngine('work');
  const [sqs, sfn] = [new SQSClient(aws), new SFNClient(aws)];
  for (const QueueName of ['broker', 'broker-dlq']) await sqs.send(new CreateQueueCommand({ QueueName }));
  const role = 'arn:aws:iam::000000000002:role/papilio';
  await sfn.send(
    new CreateStateMachineCommand({ name: 'run-job', definition: JSON.stringify(waiting), roleArn: role }),
  );
  const clock = fakeClock();
  const url = (queue: string) => queueUrl(queue, 'work');
  const stateMachineArn = machineArn('run-job', 'work', region);
  const report = createStackReport({
    ...{ sqs, sfn, queues, queueUrl: url, machineArns: [stateMachineArn], services, clock, about },
    isRemembered: async () => isRemembered,
  });
  const put = (queue: string) => sqs.send(new SendMessageCommand({ QueueUrl: url(queue), MessageBody: 'm' }));
  return { clock, report, put, start: () => sfn.send(new StartExecutionCommand({ stateMachineArn, name: 'one' })) };
};

test('a plane that has nothing to do says so', async () => {
  const { report } = await aReport();
  const none = { visible: 0, inFlight: 0, delayed: 0 };
  expect(await report()).toEqual({
    runningExecutions: 0,
    queues: { broker: none, 'broker-dlq': none },
    health: { ...about, isWhole: true, missing: [] },
  });
});

test('messages and executions are counted, dead letters apart', async () => {
  const { report, put, start } = await aReport();
  await Promise.all([put('broker'), put('broker-dlq'), start()]);
  expect(await report()).toMatchObject({
    runningExecutions: 1,
    queues: { broker: { visible: 1 }, 'broker-dlq': { visible: 1 } },
  });
});

test('of a stack that lacks a queue nobody can say that nothing runs, and the report names what is missing', async () => {
  const { report } = await aReport(['broker', 'settle']);
  const { runningExecutions, health } = await report();
  expect(runningExecutions).toBeUndefined();
  expect(health).toMatchObject({ isWhole: false, missing: ['settle'] });
});

test('of a stack that began anew nobody can say that nothing runs', async () => {
  const { report } = await aReport(['broker'], false);
  const { runningExecutions, health } = await report();
  expect(runningExecutions).toBeUndefined();
  expect(health).toMatchObject({ isWhole: false, missing: [] });
});

const reportThrough = (route: Route) => {
  const aws = { ...awsThrough('work', route), maxAttempts: 1 };
  const of = {
    sqs: new SQSClient(aws),
    sfn: new SFNClient(aws),
    queues: ['broker'],
    about,
    services: [],
    clock: fakeClock(),
  };
  return createStackReport(
    { ...of, queueUrl: (queue) => queueUrl(queue, 'work'), machineArns: [], isRemembered: async () => true },
    50,
  )();
};

test('queues that are gone, or stand still, are away: what waits there nobody knows', async () => {
  const what = 'queues and state machines';
  const gone = await reportThrough(await nobodyListens());
  expect(gone).toEqual({ health: about, servicesAway: [{ what, reason: expect.stringContaining(about.endpoint) }] });
  const { route } = await aPeer('is silent');
  const reason = `${about.endpoint}: no answer in 50 ms`;
  expect(await reportThrough(route)).toEqual({ health: about, servicesAway: [{ what, reason }] });
});

test('whatever else a plane needs is asked as well, and what is there is counted all the same', async () => {
  const services: StackService[] = [
    { what: 'records', endpoint: 'http://records', ask: () => Promise.reject(new Error('gone')) },
    { what: 'objects', endpoint: 'http://objects', ask: async () => undefined },
  ];
  const { report } = await aReport(['broker'], true, services);
  expect(await report()).toMatchObject({
    runningExecutions: 0,
    queues: { broker: { visible: 0 } },
    servicesAway: [{ what: 'records', reason: 'http://records: gone' }],
  });
});

test('MinIO that is gone, or answers that it does not serve, is away', async () => {
  const server = createServer((_, response) => response.writeHead(503).end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const ask = () => askService(minioService(`http://127.0.0.1:${port}`), 5_000);
  expect(await ask()).toMatchObject({ away: { what: 'objects', reason: expect.stringContaining('answered 503') } });
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
  expect(await ask()).toMatchObject({ away: { what: 'objects', reason: expect.stringContaining('ECONNREFUSED') } });
});

test('a service that stands still without looking at the clock is away all the same', async () => {
  const still = { what: 'objects', endpoint: 'http://objects', ask: () => new Promise(() => undefined) };
  expect(await askService(still, 10)).toEqual({
    away: { what: 'objects', reason: 'http://objects: no answer in 10 ms' },
  });
});

test('who asks while a count is under way gets one that began after that', async () => {
  const { clock, report, put } = await aReport();
  const first = report();
  expect(report()).toBe(first);
  await first;
  await put('broker');
  const second = report();
  await clock.advance(60_000);
  expect((await second).queues?.broker?.visible).toBe(1);
});
