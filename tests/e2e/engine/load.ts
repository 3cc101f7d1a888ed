import {
  CreateActivityCommand,
  CreateStateMachineCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { Message } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import type { Clients } from './clients.ts';
import { createExpress, type ExpressKind, expressMachines } from './express.ts';
import { insist, refusalOf } from './insist.ts';
import { account, type Ears, inputOf, type Kind, machines } from './machines.ts';
import { createQueue, readQueue, startTraffic } from './messages.ts';
import { listen } from './tellings.ts';
import { told } from './web.ts';
import { startWorkers } from './workers.ts';

const roleArn = `arn:aws:iam::${account}:role/any`;
const Asked = z.object({ id: z.string(), token: z.string() });

/** An execution whose start was acknowledged. */
export type Acknowledged = { readonly kind: Kind; readonly id: string; readonly executionArn: string };

/** Starts an execution; one that has ended before its start was acknowledged cannot be started again. */
const start = async ({ sfn, random }: Clients, kind: Kind, id: string, ears: Ears): Promise<Acknowledged> => {
  const stateMachineArn = `arn:aws:states:us-east-1:${account}:stateMachine:${kind}`;
  const command = { stateMachineArn, name: id, input: inputOf(id, ears) };
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

const isKind = (name: string): name is Kind => name in machines;
const isExpress = (name: string): name is ExpressKind => name in expressMachines;
const kinds = [...Object.keys(machines), ...Object.keys(expressMachines)];

/** The machines, the activity and the queues that tell each other of executions. */
const prepare = async ({ sfn, sqs, web }: Clients) => {
  const create = (name: string, definition: object, type: 'STANDARD' | 'EXPRESS') => {
    const machine = { name, definition: JSON.stringify(definition), roleArn, type };
    return insist(() => sfn.send(new CreateStateMachineCommand(machine)));
  };
  const asks = await createQueue(sqs, 'asks');
  for (const name of [told.topic, told.inOrder, told.bus]) await createQueue(sqs, name);
  await create(told.machine, { StartAt: 'Heard', States: { Heard: { Type: 'Succeed' } } }, 'STANDARD');
  await insist(() => sfn.send(new CreateActivityCommand({ name: 'work' })));
  for (const [name, definition] of Object.entries(machines)) await create(name, definition, 'STANDARD');
  for (const [name, definition] of Object.entries(expressMachines)) await create(name, definition, 'EXPRESS');
  return { asks, ears: { queue: asks, web: web.url } };
};

/** Keeps `atOnce` executions of all kinds under way, and two queues, until it is told to stop. */
export const startLoad = async (clients: Clients, atOnce: number) => {
  const { sfn, sqs, ends } = clients;
  const { asks, ears } = await prepare(clients);
  const started: Acknowledged[] = [];
  const { express, run } = createExpress(clients, ears);
  let isStopping = false;
  let isOver = false;
  let number = 0;
  const runStandard = async (kind: Kind, id: string): Promise<void> => {
    const end = ends.of(id);
    started.push(await start(clients, kind, id, ears));
    await end;
  };
  const one = async (): Promise<void> => {
    while (!isStopping) {
      const kind = kinds[number % kinds.length] ?? '';
      const id = `${kind}-${number++}`;
      if (isKind(kind)) await runStandard(kind, id);
      else if (isExpress(kind)) await run(kind, id);
    }
  };
  const handle = async ({ Body = '{}' }: Message): Promise<void> => {
    const { token: taskToken } = Asked.parse(JSON.parse(Body));
    await refusalOf(() => sfn.send(new SendTaskSuccessCommand({ taskToken, output: '"read"' })));
  };
  const workers = startWorkers(clients);
  const listening = await listen(sqs);
  const executing = Promise.all(Array.from({ length: atOnce }, one));
  executing.catch(() => undefined);
  const reading = Promise.all([1, 2].map(() => readQueue(sqs, asks, { handle, isOver: () => isOver })));
  const queues = [await createQueue(sqs, 'plain'), await createQueue(sqs, 'ordered.fifo')];
  const traffics = queues.map((url) => startTraffic(sqs, url, () => isStopping));
  /** Starts nothing more, and returns when all that was started has ended. */
  const stop = async (): Promise<void> => {
    isStopping = true;
    await executing;
    isOver = true;
    await Promise.all([reading, workers.end(), ...traffics.map(({ ended }) => ended)]);
  };
  const { heard, close } = listening;
  return {
    started,
    express,
    asks,
    heard,
    given: workers.given,
    traffics: traffics.map(({ traffic }) => traffic),
    stop,
    close,
  };
};

/** What a load has done so far. */
export type Load = Awaited<ReturnType<typeof startLoad>>;
