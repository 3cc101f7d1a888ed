import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  ListStateMachinesCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { onTestFinished } from 'vitest';
import * as z from 'zod';
import { createRequestHandler, noSigning } from '../../../local/engine/request-handler.ts';
import { freePort } from '../../../local/stack/parts/free-port.ts';
import { aRandom } from '../../builders/random.ts';
import { callAll } from '../../load/contestant.ts';
import { insist, refusalOf } from './insist.ts';
import { account } from './machines.ts';
import { createQueue } from './messages.ts';
import { startVictim, type Victim } from './victim.ts';

const Asked = z.object({ value: z.number(), token: z.string() });
const askers = 8;
const answerers = 64;

const jsonata = { QueryLanguage: 'JSONata' } as const;

/** Children of one execution that ask for `callbacks` each, and add up what they are told. */
const joining = (queue: string, children: number, callbacks: number): object => ({
  StartAt: 'Children',
  States: {
    Children: {
      Type: 'Map',
      ...jsonata,
      Items: Array.from({ length: children }, (_, child) => child),
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'Count',
        States: {
          Count: {
            Type: 'Pass',
            Parameters: { 'child.$': '$', 'items.$': `States.ArrayRange(0, ${callbacks - 1}, 1)` },
            Next: 'Callbacks',
          },
          Callbacks: {
            Type: 'Map',
            ...jsonata,
            Items: '{% $states.input.items %}',
            ItemSelector: `{% $states.input.child * ${callbacks} + $states.context.Map.Item.Value %}`,
            ItemProcessor: {
              StartAt: 'Ask',
              States: {
                Ask: {
                  Type: 'Task',
                  ...jsonata,
                  Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
                  Arguments: {
                    QueueUrl: queue,
                    MessageBody: { value: '{% $states.input %}', token: '{% $states.context.Task.Token %}' },
                  },
                  End: true,
                },
              },
            },
            Output: { count: '{% $count($states.result) %}', sum: '{% $sum($states.result) %}' },
            End: true,
          },
        },
      },
      Output: { count: '{% $sum($states.result.count) %}', sum: '{% $sum($states.result.sum) %}' },
      End: true,
    },
  },
});

/** How large a join is, and how often its engine is killed: at random points of the work. */
export type Join = {
  readonly children: number;
  readonly callbacks: number;
  readonly kills: number;
  readonly seed: number;
};

const shuffled = <T>(values: readonly T[], random: () => number): T[] =>
  values
    .map((value) => [random(), value] as const)
    .sort(([a], [b]) => a - b)
    .map(([, value]) => value);

const clientsOf = (port: number) => {
  const requestHandler = createRequestHandler({ routes: { [account]: { port } }, defaultAccount: account });
  const options = { ...noSigning, requestHandler, maxAttempts: 1 };
  return { sfn: new SFNClient(options), sqs: new SQSClient(options) };
};

/** What has been done: tokens that were seen, and answers. */
type Progress = { done: number };

/** Reads the queue until every callback has been asked for: token by value; one that is asked for again has the same. */
const collectTokens = async (
  sqs: SQSClient,
  { QueueUrl, wanted, progress }: { QueueUrl: string; wanted: number; progress: Progress },
): Promise<Map<number, string>> => {
  const tokens = new Map<number, string>();
  const poll = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 };
  const note = (body: string) => {
    const { value, token } = Asked.parse(JSON.parse(body));
    if ((tokens.get(value) ?? token) !== token) throw new Error(`callback ${value} was asked for with two tokens`);
    tokens.set(value, token);
    progress.done = tokens.size;
  };
  const remove = (Messages: readonly Message[]) => {
    const Entries = Messages.map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle }));
    return insist(() => sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries })));
  };
  const reader = async (): Promise<void> => {
    while (tokens.size < wanted) {
      const { Messages = [] } = await insist(() => sqs.send(new ReceiveMessageCommand(poll)));
      for (const { Body = '{}' } of Messages) note(Body);
      if (Messages.length > 0) await remove(Messages);
    }
  };
  await Promise.all(Array.from({ length: askers }, reader));
  return tokens;
};

/** Answers every token once and some twice, in any order; gives how many answers were acknowledged, and the refusals. */
const answerAll = async (
  sfn: SFNClient,
  tokens: ReadonlyMap<number, string>,
  { random, progress }: { random: () => number; progress: Progress },
) => {
  const all = [...tokens];
  const twice = all.filter(() => random() < 0.1);
  const order = shuffled([...all, ...twice], random);
  const refusals = new Set<string>();
  let acknowledged = 0;
  await callAll({ count: order.length, inFlight: answerers }, async (at) => {
    const [value, taskToken] = order[at] ?? [0, ''];
    const answer = new SendTaskSuccessCommand({ taskToken, output: String(value) });
    const refusal = await refusalOf(() => sfn.send(answer));
    if (refusal === undefined) acknowledged += 1;
    else refusals.add(refusal);
    progress.done += 1;
  });
  return { sent: order.length, acknowledged, refusals: [...refusals] };
};

/** So many points of the work, in their order. */
const drawn = (count: number, work: number, random: () => number): number[] =>
  Array.from({ length: count }, () => Math.floor(random() * work)).toSorted((a, b) => a - b);

/** Kills the engine at each point of the work, however long it takes to come there. */
const killAlong = async (victim: Victim, progress: Progress, points: readonly number[]): Promise<void> => {
  for (const point of points) {
    while (progress.done < point) await delay(20);
    await victim.killed();
  }
};

const Described = z.object({ status: z.string(), output: z.string().optional(), cause: z.string().optional() });

/** Joins children × callbacks in one execution, while its engine is killed again and again. */
export const joinUnderKills = async ({ children, callbacks, kills, seed }: Join) => {
  const folder = mkdtempSync(join(tmpdir(), 'papilio-join-'));
  const random = aRandom(seed);
  const port = await freePort();
  const { sfn, sqs } = clientsOf(port);
  const ask = () => insist(() => sfn.send(new ListStateMachinesCommand({ maxResults: 1 })));
  const victim = await startVictim({ folder, port }, { random, ask });
  onTestFinished(victim.close);
  const progress: Progress = { done: 0 };
  const killing = killAlong(victim, progress, drawn(kills, 2 * children * callbacks, random));
  const QueueUrl = await createQueue(sqs, 'asks');
  const definition = JSON.stringify(joining(QueueUrl, children, callbacks));
  const machine = { name: 'join', definition, roleArn: `arn:aws:iam::${account}:role/any` };
  const { stateMachineArn } = await insist(() => sfn.send(new CreateStateMachineCommand(machine)));
  const start = new StartExecutionCommand({ stateMachineArn, name: 'one' });
  const { executionArn } = await insist(() => sfn.send(start));
  const tokens = await collectTokens(sqs, { QueueUrl, wanted: children * callbacks, progress });
  const answers = await answerAll(sfn, tokens, { random, progress });
  const ended = async () =>
    Described.parse(await insist(() => sfn.send(new DescribeExecutionCommand({ executionArn }))));
  let end = await ended();
  while (end.status === 'RUNNING') {
    await delay(100);
    end = await ended();
  }
  await killing;
  const close = async () => {
    for (const client of [sfn, sqs]) client.destroy();
    await victim.close();
  };
  return { folder, end, answers, kills: victim.kills(), backMs: victim.backMs, close };
};
