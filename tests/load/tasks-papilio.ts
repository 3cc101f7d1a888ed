import * as z from 'zod';
import { openEngine } from '../../local/engine/engine.ts';
import { callAll, compete } from './contestant.ts';
import { createMachine } from './create-machine.ts';

/**
 * Ten Task states with a function of this process, then an eleventh that tells the caller. A function is called when the
 * result before it is on the disk, so the eleventh call says that ten results are durable.
 */
const [folder = ''] = process.argv.slice(2);
const account = '111111111111';
const steps = 10;
const told = new Map<number, (value: number) => void>();
const Step = z.object({ i: z.number(), value: z.number() });

const functions: Readonly<Record<string, (step: z.infer<typeof Step>) => object>> = {
  increment: ({ i, value }) => ({ i, value: value + 1 }),
  tell: ({ i, value }) => {
    told.get(i)?.(value);
    told.delete(i);
    return {};
  },
};

const engine = await openEngine({
  folder,
  account,
  invoke: async ({ functionName, payload }) => {
    const run = functions[functionName];
    if (run === undefined) return { ok: false, errorType: 'NoFunction', errorMessage: functionName };
    return { ok: true, payload: run(Step.parse(payload)) };
  },
});

const arnOf = (name: string) => `arn:aws:lambda:us-east-1:${account}:function:${name}`;
const states = Array.from({ length: steps }, (_, at) => [
  `S${at}`,
  { Type: 'Task', Resource: arnOf('increment'), Next: at + 1 < steps ? `S${at + 1}` : 'Tell' },
]);
const definition = {
  StartAt: 'S0',
  States: { ...Object.fromEntries(states), Tell: { Type: 'Task', Resource: arnOf('tell'), End: true } },
};
const stateMachineArn = await createMachine(engine, 'tasks', definition);

let executions = 0;
compete(async (order) => {
  const spansMs: number[] = [];
  await callAll(order, async () => {
    const calledMs = performance.now();
    const i = executions++;
    const value = new Promise<number>((resolve) => told.set(i, resolve));
    await engine.call('sfn', 'StartExecution', { stateMachineArn, input: JSON.stringify({ i, value: 0 }) });
    if ((await value) !== steps) throw new Error(`execution ${i} ended with another value than ${steps}`);
    spansMs.push(performance.now() - calledMs);
  });
  return { spansMs };
});
