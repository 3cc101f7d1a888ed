import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as z from 'zod';
import { openEngine } from '../../local/engine/engine.ts';
import { callAll, compete } from './contestant.ts';
import { createMachine } from './create-machine.ts';

/** An engine in whose memory executions gather that wait for somebody with a task token. */
const [folder = '', segmentMb = '64'] = process.argv.slice(2);
const account = '111111111111';
setFlagsFromString('--expose-gc');
const collect = z.custom<() => void>((value) => typeof value === 'function').parse(runInNewContext('gc'));
const Asked = z.object({ token: z.string() });
/** So many are answered after a kill. */
const keptTokens = 2;
let asked = 0;
const tokens: string[] = [];

const engine = await openEngine({
  folder,
  account,
  segmentBytes: Number(segmentMb) * 2 ** 20,
  invoke: async ({ payload }) => {
    asked += 1;
    const { token } = Asked.parse(payload);
    if (tokens.length < keptTokens) tokens.push(token);
    return { ok: true, payload: null };
  },
});

const definition = {
  StartAt: 'Ask',
  States: {
    Ask: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Parameters: { FunctionName: 'ask', Payload: { 'job.$': '$.job', 'token.$': '$$.Task.Token' } },
      End: true,
    },
  },
};
const stateMachineArn = await createMachine(engine, 'waiting', definition);

const memory = (): string => {
  collect();
  const { heapUsed, rss } = process.memoryUsage();
  return JSON.stringify({ heapBytes: heapUsed, rssBytes: rss, snapshot: engine.stats().compaction.snapshot });
};

const start = async (index: number): Promise<void> => {
  const input = JSON.stringify({ job: `prod_job_bnl-1-00102363-${index}-p1` });
  await engine.call('sfn', 'StartExecution', { stateMachineArn, input });
};

const settled = async (count: number): Promise<void> => {
  while (asked < count) await new Promise(setImmediate);
  // The answer of the last function is in the journal before this one is.
  await engine.call('sfn', 'TagResource', {
    resourceArn: stateMachineArn,
    tags: [{ key: 'round', value: `${asked}` }],
  });
};

compete(async (order) => {
  const wanted = asked + order.count;
  await callAll(order, start);
  await settled(wanted);
  return { outputs: [memory(), ...tokens] };
});
