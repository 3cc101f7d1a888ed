import {
  CreateStateMachineCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { type Message, SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { createAnswerer } from './answers.ts';
import { type Functions, serveFunctions } from './functions.ts';
import { insist, refusalOf } from './insist.ts';
import { account, inputOf, type Kind, machines } from './machines.ts';
import { createQueue, readQueue, startTraffic } from './messages.ts';

const roleArn = `arn:aws:iam::${account}:role/any`;
const Asked = z.object({ id: z.string(), token: z.string() });

/** An execution whose start was acknowledged. */
export type Acknowledged = { readonly kind: Kind; readonly id: string; readonly executionArn: string };

const trouble = (): Error => Object.assign(new Error('not yet'), { name: 'Trouble' });

/** The ends of executions as the endpoint sees them. */
const createEnds = () => {
  const waiting = new Map<string, () => void>();
  return {
    note: (id: string) => waiting.get(id)?.(),
    of: (id: string): Promise<void> => new Promise((resolve) => waiting.set(id, resolve)),
  };
};

/** Clients of an engine, whose functions are served before it starts. */
export type Clients = {
  readonly sfn: SFNClient;
  readonly sqs: SQSClient;
  readonly functions: Functions;
  readonly answerer: ReturnType<typeof createAnswerer>;
  readonly ends: ReturnType<typeof createEnds>;
  readonly random: () => number;
  readonly close: () => void;
};

/** Makes clients of the engine at a port, which need not be there yet. */
export const createClients = async (port: number, random: () => number): Promise<Clients> => {
  const credentials = { accessKeyId: 'any', secretAccessKey: 'any' };
  const options = { region: 'us-east-1', endpoint: `http://127.0.0.1:${port}`, credentials, maxAttempts: 1 };
  const sfn = new SFNClient(options);
  const sqs = new SQSClient(options);
  const answerer = createAnswerer(sfn, random);
  const ends = createEnds();
  const table = {
    work: ({ item, fails, nth }: { item: number; fails: number; nth: number }) => {
      if (nth < fails) throw trouble();
      return { doubled: item * 2, tries: nth + 1 };
    },
    ask: ({ id, token, nth }: { id: string; token: string; nth: number }) => {
      answerer.answer(id, token, nth).catch(() => undefined);
      return {};
    },
    silent: () => ({}),
    done: ({ id }: { id: string }) => {
      ends.note(id);
      return {};
    },
  };
  const functions = await serveFunctions(table, () => random() * 100);
  const close = () => {
    for (const open of [sfn, sqs]) open.destroy();
    functions.close();
  };
  return { sfn, sqs, functions, answerer, ends, random, close };
};

/** Starts an execution; one that has ended before its start was acknowledged cannot be started again. */
const start = async ({ sfn, random }: Clients, kind: Kind, id: string, queue: string): Promise<Acknowledged> => {
  const stateMachineArn = `arn:aws:states:us-east-1:${account}:stateMachine:${kind}`;
  const command = { stateMachineArn, name: id, input: inputOf(id, queue) };
  const executionArn = `arn:aws:states:us-east-1:${account}:execution:${kind}:${id}`;
  for (let times = random() < 0.1 ? 2 : 1; times > 0; times--) {
    const refusal = await refusalOf(async () => {
      const found = await sfn.send(new StartExecutionCommand(command));
      if (found.executionArn !== executionArn) throw new Error(`${id} was started as ${found.executionArn}`);
    });
    if (refusal !== undefined && refusal !== 'ExecutionAlreadyExists') throw new Error(`start of ${id}: ${refusal}`);
  }
  return { kind, id, executionArn };
};

const kinds = Object.keys(machines).filter((name): name is Kind => name in machines);

/** Keeps `atOnce` executions of all kinds under way, and two queues, until it is told to stop. */
export const startLoad = async (clients: Clients, atOnce: number) => {
  const { sfn, sqs, ends } = clients;
  for (const kind of kinds) {
    const machine = { name: kind, definition: JSON.stringify(machines[kind]), roleArn };
    await insist(() => sfn.send(new CreateStateMachineCommand(machine)));
  }
  const asks = await createQueue(sqs, 'asks');
  const started: Acknowledged[] = [];
  let isStopping = false;
  let isOver = false;
  let number = 0;
  const one = async (): Promise<void> => {
    while (!isStopping) {
      const kind = kinds[number % kinds.length] ?? 'retries';
      const id = `${kind}-${number++}`;
      const end = ends.of(id);
      started.push(await start(clients, kind, id, asks));
      await end;
    }
  };
  const handle = async ({ Body = '{}' }: Message): Promise<void> => {
    const { token: taskToken } = Asked.parse(JSON.parse(Body));
    await refusalOf(() => sfn.send(new SendTaskSuccessCommand({ taskToken, output: '"read"' })));
  };
  const executing = Promise.all(Array.from({ length: atOnce }, one));
  executing.catch(() => undefined);
  const reading = Promise.all([1, 2].map(() => readQueue(sqs, asks, { handle, isOver: () => isOver })));
  const queues = [await createQueue(sqs, 'plain'), await createQueue(sqs, 'ordered.fifo')];
  const traffics = queues.map((url) => startTraffic(sqs, url, () => isStopping));
  const stop = async (): Promise<void> => {
    isStopping = true;
    await executing;
    isOver = true;
    await Promise.all([reading, ...traffics.map(({ ended }) => ended)]);
  };
  return { started, asks, traffics: traffics.map(({ traffic }) => traffic), stop };
};

/** What a load has done so far. */
export type Load = Awaited<ReturnType<typeof startLoad>>;
