import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { machineOf } from '../builders/a-states-part.ts';
import { account, aFolder, anEngine } from '../builders/an-engine.ts';
import { spawnEngineProcess } from '../builders/an-engine-process.ts';

const command = fileURLToPath(new URL('../../local/engine.ts', import.meta.url));
const run = promisify(execFile);
const engineCommand = (...words: string[]) => run(process.execPath, [command, ...words]);

const stateMachineArn = `arn:aws:states:us-east-1:${account}:stateMachine:ask`;
const ask = machineOf({
  Ask: {
    Type: 'Task',
    Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
    Parameters: { QueueUrl: `http://127.0.0.1/${account}/ask`, MessageBody: { 'token.$': '$$.Task.Token' } },
    Next: 'Done',
  },
  Done: { Type: 'Succeed' },
});

const callerOf =
  (address: string) =>
  async (target: string, input: object): Promise<unknown> => {
    const headers = { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.0' };
    const answer = await fetch(address, { method: 'POST', headers, body: JSON.stringify(input) });
    const body = await answer.json();
    if (!answer.ok) throw new Error(`${target}: ${JSON.stringify(body)}`);
    return body;
  };

const Page = z.object({ executions: z.array(z.object({ name: z.string() })), nextToken: z.string().optional() });

/** The names of all executions that an engine knows. */
const namesIn = async (folder: string): Promise<Set<string>> => {
  const engine = await anEngine({ folder });
  const names = new Set<string>();
  let nextToken: string | undefined;
  do {
    const page = Page.parse(
      await engine.call('sfn', 'ListExecutions', { stateMachineArn, maxResults: 1000, nextToken }),
    );
    for (const { name } of page.executions) names.add(name);
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  await engine.close();
  return names;
};

const workers = 16;
const backups = 10;

test('ten backups of an engine under full load, while it seals and compacts, each hold all that was answered before', async () => {
  const root = await aFolder();
  const data = join(root, 'data');
  const engine = spawnEngineProcess({ folder: data, segmentBytes: 200_000 });
  onTestFinished(() => engine.kill());
  const call = callerOf(await engine.ready);
  await call('AmazonSQS.CreateQueue', { QueueName: 'ask' });
  const roleArn = `arn:aws:iam::${account}:role/any`;
  await call('AWSStepFunctions.CreateStateMachine', { name: 'ask', roleArn, definition: JSON.stringify(ask) });

  const answered: string[] = [];
  let isOver = false;
  const work = async (worker: number): Promise<void> => {
    for (let n = 0; !isOver; n += 1) {
      const name = `${worker}-${n}`;
      await call('AWSStepFunctions.StartExecution', { stateMachineArn, name, input: JSON.stringify({ name }) });
      answered.push(name);
    }
  };
  const load = Array.from({ length: workers }, (_, worker) => work(worker));
  const taken: { readonly to: string; readonly before: number }[] = [];
  for (let n = 0; n < backups; n += 1) {
    const to = join(root, `backup-${n}`);
    const before = answered.length;
    await engineCommand('backup', '--data', data, '--to', to);
    taken.push({ to, before });
  }
  isOver = true;
  await Promise.all(load);
  const metrics = await (await fetch(`${await engine.ready}/metrics`)).text();
  expect(Number(/compaction_snapshot (\d+)/.exec(metrics)?.[1])).toBeGreaterThan(1);
  await engine.kill();

  for (const { to, before } of taken) {
    const restored = `${to}-restored`;
    const { stdout } = await engineCommand('restore', '--from', to, '--data', restored);
    const names = await namesIn(restored);
    expect(answered.slice(0, before).filter((name) => !names.has(name))).toEqual([]);
    process.stdout.write(`${before} answered before, ${names.size} restored: ${stdout.split('\n')[0]}\n`);
  }
}, 600_000);
