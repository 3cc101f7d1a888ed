import * as z from 'zod';
import type { Clock } from '#ports/clock';
import type { Engine } from '../../local/engine/engine.ts';
import { AwsError, type InvokeFunction } from '../../local/engine/part.ts';
import type { Call } from '../../local/engine/protocol.ts';
import { sleep } from '../../local/plane/backoff.ts';
import { type Desk, Received } from './a-desk.ts';
import { account } from './an-engine.ts';
import { memoryObjects } from './memory-objects.ts';
import { type Beside, queueTraffic } from './queue-traffic.ts';
import { asksUrl, type Shape } from './ten-machines.ts';

/** The clients of an engine, who outlive it: what they were told they keep, and what they were not told they ask again. */
export type World = {
  readonly invoke: InvokeFunction;
  readonly objects: ReturnType<typeof memoryObjects>;
  /** Sets all clients to work with an engine, until their work is done or its life ends. */
  readonly work: (engine: Engine, clock: Clock, life: AbortSignal, isOver: () => boolean) => void;
  readonly isDone: () => boolean;
  /** What an engine must never do, and did; and why the last call failed. */
  readonly complaints: () => readonly string[];
  readonly lastError: () => unknown;
};

const Asked = z.object({ fail: z.string().optional(), until: z.number().optional(), attempt: z.number().optional() });
const Ask = z.object({ token: z.string(), key: z.string(), beats: z.number() });

const pollMs = 5000;

/** A function whose answer depends on what it is asked only, so that it may be asked as often as one likes. */
const invoke: InvokeFunction = async ({ payload }) => {
  const { fail, until = 0, attempt = 0 } = Asked.parse(payload);
  if (fail !== undefined && attempt < until) return { ok: false, errorType: fail, errorMessage: `try ${attempt}` };
  return { ok: true, payload: { done: payload } };
};

/** Makes the clients that run one execution of each shape, with other traffic beside it. */
export const aWorld = (shapes: readonly Shape[], { hasTraffic = true } = {}): World => {
  const complaints: string[] = [];
  const objects = memoryObjects();
  objects.put('b/items', JSON.stringify([1, 2, 3, 4, 5]));
  const beside: Beside | undefined = hasTraffic ? queueTraffic() : undefined;
  const answerer = tokenAnswerer();
  const ended = new Set<string>();
  let lastError: unknown;
  return {
    invoke,
    objects,
    isDone: () => ended.size === shapes.length && (beside?.isDone() ?? true),
    complaints: () => complaints,
    lastError: () => lastError,
    work: (engine, clock, life, isOver) => {
      const pause = () => sleep(clock, pollMs, life);
      const call = persistent(
        engine.call,
        () => life.aborted || isOver(),
        async (error) => {
          lastError = error;
          await pause();
        },
      );
      const desk: Desk = { call, pause, life, complain: (what) => complaints.push(what) };
      const run = async () => {
        await prepare(desk, shapes);
        await Promise.all([...shapes.map((shape) => watch(desk, shape, ended)), answerer(desk), beside?.work(desk)]);
      };
      run().catch((error) => complaints.push(`a client was refused: ${error}`));
    },
  };
};

const isRefusal = (error: unknown): boolean => error instanceof AwsError && error.status < 500;

const never = new Promise<never>(() => undefined);

/** Repeats a call until the engine answers or refuses it; a dead one answers nobody. */
const persistent =
  (call: Call, isOver: () => boolean, rest: (error: unknown) => Promise<void>): Desk['call'] =>
  (service, operation, input) => {
    const attempt = async (): Promise<object> => {
      const [outcome] = await Promise.allSettled([call(service, operation, input)]);
      if (isOver()) return never;
      if (outcome.status === 'fulfilled') return outcome.value;
      if (isRefusal(outcome.reason)) throw outcome.reason;
      await rest(outcome.reason);
      return isOver() ? never : attempt();
    };
    return attempt();
  };

const machineArn = (name: string) => `arn:aws:states:us-east-1:${account}:stateMachine:${name}`;

const prepare = async (desk: Desk, shapes: readonly Shape[]): Promise<void> => {
  await desk.call('sqs', 'CreateQueue', { QueueName: 'asks', Attributes: { VisibilityTimeout: '30' } });
  for (const { name, machines, input } of shapes) {
    for (const [machine, definition] of Object.entries(machines)) {
      const request = {
        name: machine,
        definition: JSON.stringify(definition),
        roleArn: 'arn:aws:iam::111111111111:role/r',
      };
      await desk.call('sfn', 'CreateStateMachine', request);
    }
    const start = { stateMachineArn: machineArn(name), name: 'x', input: JSON.stringify(input) };
    await desk.call('sfn', 'StartExecution', start).catch((error) => {
      if (!(error instanceof AwsError && error.code === 'ExecutionAlreadyExists')) throw error;
    });
  }
};

const watch = async (desk: Desk, { name }: Shape, ended: Set<string>): Promise<void> => {
  const executionArn = `${machineArn(name).replace('stateMachine', 'execution')}:x`;
  while (!desk.life.aborted && !ended.has(name)) {
    const found = z.object({ status: z.string() }).parse(await desk.call('sfn', 'DescribeExecution', { executionArn }));
    if (found.status !== 'RUNNING') ended.add(name);
    await desk.pause();
  }
};

/** Answers each token once it has beaten as often as asked; a token that was accepted must never be accepted again. */
const tokenAnswerer = () => {
  const beaten = new Map<string, number>();
  const accepted = new Set<string>();
  const answer = async (desk: Desk, { token, key, beats }: z.infer<typeof Ask>): Promise<boolean> => {
    const done = beaten.get(token) ?? 0;
    try {
      if (done < beats && !accepted.has(token)) {
        await desk.call('sfn', 'SendTaskHeartbeat', { taskToken: token });
        beaten.set(token, done + 1);
        return false;
      }
      await desk.call('sfn', 'SendTaskSuccess', { taskToken: token, output: JSON.stringify({ key }) });
      if (accepted.has(token)) desk.complain(`the token of ${key} was accepted twice`);
      accepted.add(token);
    } catch (error) {
      if (!(error instanceof AwsError && error.code === 'TaskTimedOut')) throw error;
      // Whose answer was taken, but not acknowledged before the engine died.
      accepted.add(token);
    }
    return true;
  };
  return async (desk: Desk): Promise<void> => {
    while (!desk.life.aborted) {
      const got = await desk.call('sqs', 'ReceiveMessage', { QueueUrl: asksUrl, VisibilityTimeout: 20 });
      for (const { Body, ReceiptHandle } of Received.parse(got).Messages) {
        const asked = Ask.parse(JSON.parse(Body));
        if (asked.key === 'nobody' || !(await answer(desk, asked))) continue;
        await desk.call('sqs', 'DeleteMessage', { QueueUrl: asksUrl, ReceiptHandle });
      }
      await desk.pause();
    }
  };
};
