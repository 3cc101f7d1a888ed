import * as z from 'zod';
import { callAll, compete } from './contestant.ts';
import { inputOf, isSampled, tenPasses } from './engine-inputs.ts';
import { loadFrom } from './peers.ts';

/** npm aws-local-stepfunctions: in memory, one machine made once and used for all executions. */
type StateMachine = { readonly run: (input: unknown) => { readonly result: Promise<unknown> } };

const Package = z.object({
  StateMachine: z.custom<new (definition: object) => StateMachine>((value) => typeof value === 'function'),
});

const [folder = ''] = process.argv.slice(2);
const { StateMachine } = Package.parse(loadFrom(folder, 'aws-local-stepfunctions'));
const machine = new StateMachine(tenPasses);

compete(async (order) => {
  const outputs: string[] = [];
  await callAll(order, async (index) => {
    const result = await machine.run(inputOf(order.kind, index)).result;
    if (isSampled(index)) outputs[index / 100] = JSON.stringify(result);
  });
  return { outputs };
});
