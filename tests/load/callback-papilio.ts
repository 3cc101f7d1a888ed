import * as z from 'zod';
import { openEngine } from '../../local/engine/engine.ts';
import { callAll, compete } from './contestant.ts';
import { createMachine } from './create-machine.ts';

/** A Task that waits for its token to be answered, then one that tells the caller what the answer was. */
const [folder = ''] = process.argv.slice(2);
const account = '111111111111';
const Payload = z.object({ i: z.number(), token: z.string().default(''), answer: z.number().default(0) });
const asked = new Map<number, (token: string) => void>();
const told = new Map<number, (answer: number) => void>();

const engine = await openEngine({
  folder,
  account,
  invoke: async ({ functionName, payload }) => {
    const { i, token, answer } = Payload.parse(payload);
    if (functionName === 'ask') asked.get(i)?.(token);
    else told.get(i)?.(answer);
    return { ok: true, payload: null };
  },
});

const definition = {
  StartAt: 'Ask',
  States: {
    Ask: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Parameters: { FunctionName: 'ask', Payload: { 'i.$': '$.i', 'token.$': '$$.Task.Token' } },
      Next: 'Tell',
    },
    Tell: { Type: 'Task', Resource: `arn:aws:lambda:us-east-1:${account}:function:tell`, End: true },
  },
};
const stateMachineArn = await createMachine(engine, 'callback', definition);

let executions = 0;
compete(async (order) => {
  const spansMs: number[] = [];
  await callAll(order, async () => {
    const i = executions++;
    const token = new Promise<string>((resolve) => asked.set(i, resolve));
    const answer = new Promise<number>((resolve) => told.set(i, resolve));
    await engine.call('sfn', 'StartExecution', { stateMachineArn, input: JSON.stringify({ i }) });
    const taskToken = await token;
    const answeredMs = performance.now();
    const output = JSON.stringify({ i, answer: i });
    const [got] = await Promise.all([
      answer.then((value) => ({ value, spanMs: performance.now() - answeredMs })),
      engine.call('sfn', 'SendTaskSuccess', { taskToken, output }),
    ]);
    if (got.value !== i) throw new Error(`execution ${i} was told ${got.value}`);
    spansMs.push(got.spanMs);
    asked.delete(i);
    told.delete(i);
  });
  return { spansMs };
});
