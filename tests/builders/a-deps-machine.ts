import { readFileSync } from 'node:fs';
import { queueUrl } from '../../functions/adapters/queues/sqs.ts';
import { catalog, type MachineName, machines } from '../../functions/catalog.ts';
import { resolveNames } from '../../local/plane/machines.ts';
import { addressable, queuesOf } from '../../local/plane/queues.ts';
import { aStatesPart, type Invocation, type TestStates } from './a-states-part.ts';

/** A message that a state machine sent: the queue's name and the body. */
type Sent = { readonly queue: string; readonly body: Record<string, unknown> };

/** The state machines of one plane in the real engine; functions and queues are the test. */
export type TestMachines = TestStates & {
  readonly startOf: (machine: MachineName, input: object, name: string) => Promise<string>;
  /** The one call of a function that was not answered yet. */
  readonly called: (functionName: string) => Promise<Invocation>;
  /** The latest message to a queue. */
  readonly sentTo: (queue: string) => Promise<Sent['body']>;
  readonly sentCount: (queue: string) => number;
  readonly answer: (token: unknown, output: object) => Promise<void>;
  readonly refuse: (token: unknown, error: string, cause: string) => Promise<void>;
};

const region = 'us-east-1';
const machineArn = (machine: string) => `arn:aws:states:${region}:111111111111:stateMachine:${machine}`;
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** A machine's file. */
export const aslOf = (machine: string): string =>
  readFileSync(new URL(`../../statemachines/${machine}.asl.json`, import.meta.url), 'utf8');

/** A machine's definition with every name resolved, as its plane resolves them. */
export const definitionOf = (machine: MachineName): string => {
  const plane = machines[machine];
  const queues = addressable(plane, catalog, queuesOf(plane, catalog, ['local']));
  return resolveNames(machine, aslOf(machine), { plane, region, catalog, machines, queues, queueUrl, machineArn });
};

const sentIn = (message: unknown): Sent => {
  if (!isRecord(message)) return { queue: '', body: {} };
  const body: unknown = JSON.parse(String(message.MessageBody));
  return { queue: String(message.QueueUrl).split('/').at(-1) ?? '', body: isRecord(body) ? body : {} };
};

/** Creates the machines of a plane. */
export const aMachinePlane = async (plane: 'archive' | 'work'): Promise<TestMachines> => {
  const states = aStatesPart();
  const answered = new Set<Invocation>();
  const own = Object.entries(machines).filter(([, of]) => of === plane);
  for (const [name] of own) {
    const definition: unknown = JSON.parse(name in machines ? definitionOf(keyOf(name)) : '{}');
    if (isRecord(definition)) await states.create(definition, name);
  }
  return {
    ...states,
    startOf: async (machine, input, name) => {
      const arn = await states.start(machineArn(machine), input, name);
      await states.settle();
      return arn;
    },
    called: async (functionName) => {
      await states.settle();
      const open = states.invocations.filter(
        (one) => one.functionName.split(':').at(-1) === functionName && !answered.has(one),
      );
      const [only] = open;
      if (!only || open.length > 1) throw new RangeError(`${open.length} open calls of ${functionName}`);
      answered.add(only);
      return only;
    },
    sentTo: async (queue) => {
      await states.settle();
      return states.sent.map(sentIn).findLast((one) => one.queue === queue)?.body ?? {};
    },
    sentCount: (queue) => states.sent.map(sentIn).filter((one) => one.queue === queue).length,
    answer: async (token, output) => {
      await states.call('SendTaskSuccess', { taskToken: token, output: JSON.stringify(output) });
      await states.settle();
    },
    refuse: async (token, error, cause) => {
      await states.call('SendTaskFailure', { taskToken: token, error, cause });
      await states.settle();
    },
  };
};

const isMachine = (name: string): name is MachineName => Object.hasOwn(machines, name);
const keyOf = (name: string): MachineName => {
  if (isMachine(name)) return name;
  throw new RangeError(`no state machine ${name}`);
};
