import { setTimeout as delay } from 'node:timers/promises';
import {
  CreateActivityCommand,
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetActivityTaskCommand,
  GetExecutionHistoryCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { expect, onTestFinished, test, vi } from 'vitest';
import { freePort } from '../../local/stack/parts/free-port.ts';
import { machineOf } from '../builders/a-states-part.ts';
import { aFolder } from '../builders/an-engine.ts';
import { type EngineProcess, spawnEngineProcess } from '../builders/an-engine-process.ts';
import { insist, refusalOf } from './engine/insist.ts';

const KILLS = 30;
const WORKERS = 16;
const AT_ONCE = 60;

const aClient = (port: number): SFNClient =>
  new SFNClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  });

/** Takes work and does it until there is no more to be done; counts how often each token's answer was accepted. */
const work = async (sfn: SFNClient, activityArn: string, accepted: Map<string, number>, isOver: () => boolean) => {
  const ask = async () => (isOver() ? {} : sfn.send(new GetActivityTaskCommand({ activityArn })));
  while (!isOver()) {
    const { taskToken, input } = { taskToken: undefined, input: undefined, ...(await insist(ask)) };
    if (taskToken === undefined) continue;
    await delay(Math.random() * 50);
    const answer = new SendTaskSuccessCommand({ taskToken, output: input });
    const refusal = await refusalOf(() => sfn.send(answer));
    expect([undefined, 'TaskTimedOut']).toContain(refusal);
    if (refusal === undefined) accepted.set(taskToken, (accepted.get(taskToken) ?? 0) + 1);
  }
};

test('workers of an activity lose no work to kills, and none is done twice', async () => {
  const [folder, port] = [await aFolder(), await freePort()];
  let engine: EngineProcess = spawnEngineProcess({ folder, port });
  onTestFinished(() => engine.kill());
  await engine.ready;
  const sfn = aClient(port);
  onTestFinished(() => sfn.destroy());
  const { activityArn = '' } = await sfn.send(new CreateActivityCommand({ name: 'work' }));
  const task = {
    ...{ Type: 'Task', Resource: activityArn, HeartbeatSeconds: 2, End: true },
    Retry: [{ ErrorEquals: ['States.HeartbeatTimeout'], IntervalSeconds: 1, MaxAttempts: 99, BackoffRate: 1 }],
  };
  const machine = {
    name: 'm',
    definition: JSON.stringify(machineOf({ Work: task })),
    roleArn: 'arn:aws:iam::111111111111:role/r',
  };
  const { stateMachineArn } = await sfn.send(new CreateStateMachineCommand(machine));
  const accepted = new Map<string, number>();
  const executions: string[] = [];
  let isOver = false;
  const workers = Array.from({ length: WORKERS }, () => work(sfn, activityArn, accepted, () => isOver));
  const start = async (name: string): Promise<void> => {
    const request = new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(name) });
    const { executionArn } = await insist(() => sfn.send(request));
    if (executionArn !== undefined) executions.push(executionArn);
  };
  for (let kill = 0; kill < KILLS; kill++) {
    const starts = Array.from({ length: AT_ONCE }, (_, at) => start(`e${kill}-${at}`));
    await delay(Math.random() * 300);
    await engine.kill();
    engine = spawnEngineProcess({ folder, port });
    await engine.ready;
    await Promise.all(starts);
  }
  const describe = (executionArn: string) => insist(() => sfn.send(new DescribeExecutionCommand({ executionArn })));
  let [tries, succeeded] = [0, 0];
  for (const executionArn of executions) {
    await vi.waitUntil(async () => (await describe(executionArn)).status !== 'RUNNING', { timeout: 60_000 });
    const { status, input, output } = await describe(executionArn);
    expect([status, output]).toEqual(['SUCCEEDED', input]);
    const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn, maxResults: 1000 }));
    tries += events.filter(({ type }) => type === 'ActivityScheduled').length;
    succeeded += events.filter(({ type }) => type === 'ActivitySucceeded').length;
  }
  isOver = true;
  await engine.kill();
  await Promise.all(workers);
  process.stderr.write(
    `${KILLS} kills, ${executions.length} executions, ${tries} tries, ${accepted.size} answers accepted\n`,
  );
  expect(executions).toHaveLength(KILLS * AT_ONCE);
  expect(succeeded).toBe(executions.length);
  expect([...accepted.values()].every((times) => times === 1)).toBe(true);
  expect(accepted.size).toBeLessThanOrEqual(executions.length);
}, 600_000);
