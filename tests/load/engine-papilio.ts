import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import * as z from 'zod';
import { openEngine } from '../../local/engine/engine.ts';
import { noFunctions } from '../../local/engine/lambda-endpoint.ts';
import { createRequestHandler, noSigning } from '../../local/engine/request-handler.ts';
import { callAll, compete } from './contestant.ts';
import { createMachine } from './create-machine.ts';
import { inputOf, isSampled, tenPasses } from './engine-inputs.ts';

/** Papilio's engine, as it is shipped, on a folder: a start is answered when it is on the disk. */
const [folder = ''] = process.argv.slice(2);
const account = '111111111111';
const engine = await openEngine({ folder, account, invoke: noFunctions });
const stateMachineArn = await createMachine(engine, 'passes', tenPasses);
const requestHandler = createRequestHandler({ routes: { [account]: { call: engine.call } }, defaultAccount: account });
const client = new SFNClient({ ...noSigning, requestHandler });

const Started = z.object({ executionArn: z.string() });
const History = z.object({
  events: z.array(z.looseObject({ executionSucceededEventDetails: z.object({ output: z.string() }).optional() })),
});

/** The output, as the last event of the whole history says it. */
const outputOf = async (executionArn: string): Promise<string> => {
  const { events } = History.parse(await engine.call('sfn', 'GetExecutionHistory', { executionArn, maxResults: 1000 }));
  if (events.length !== 22) throw new Error(`a history has ${events.length} events, not 22`);
  return events.at(-1)?.executionSucceededEventDetails?.output ?? 'none';
};

compete(async (order) => {
  const outputs: string[] = [];
  await callAll(order, async (index) => {
    const input = JSON.stringify(inputOf(order.kind.replace('sdk-', ''), index));
    if (order.kind.startsWith('sdk-')) {
      await client.send(new StartExecutionCommand({ stateMachineArn, input }));
      return;
    }
    const started = await engine.call('sfn', 'StartExecution', { stateMachineArn, input });
    if (isSampled(index)) outputs[index / 100] = await outputOf(Started.parse(started).executionArn);
  });
  return { outputs };
});
