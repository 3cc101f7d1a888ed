import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';
import { openEngine } from '../../local/engine/engine.ts';
import { callAll, compete } from './contestant.ts';
import { createMachine } from './create-machine.ts';
import { stfMachine, tenPasses } from './engine-inputs.ts';

/** An engine that has much to remember, and is given executions at a steady rate. */
const [folder = '', rateHz = '12.5'] = process.argv.slice(2);
const account = '111111111111';
/** Small, so that a compaction of all that is remembered is made every now and then. */
const segmentBytes = 2 * 2 ** 20;
const Payload = z.object({ i: z.number().default(0), token: z.string().default('') });
const told = new Map<number, () => void>();

const engine = await openEngine({
  folder,
  account,
  segmentBytes,
  invoke: async ({ functionName, payload }) => {
    const { i, token } = Payload.parse(payload);
    if (functionName === 'tell') told.get(i)?.();
    if (functionName === 'submit') answer(token).catch(() => undefined);
    return { ok: true, payload: { function: functionName } };
  },
});

/** What a facility does: some time later it says that the job has ended. */
const answer = async (taskToken: string): Promise<void> => {
  await delay(20);
  await engine.call('sfn', 'SendTaskSuccess', { taskToken, output: '{"exitCode":0}' });
};

const passes = await createMachine(engine, 'passes', tenPasses);
const stfs = await createMachine(engine, 'stf', stfMachine(account));

const start = (stateMachineArn: string, i: number) =>
  engine.call('sfn', 'StartExecution', { stateMachineArn, input: JSON.stringify({ i, stf: `swf.102363.${i}.stf` }) });

const timed = async (i: number): Promise<number> => {
  const startedMs = performance.now();
  const end = new Promise<void>((resolve) => told.set(i, resolve));
  await start(stfs, i);
  await end;
  told.delete(i);
  return performance.now() - startedMs;
};

/** Starts at the moments that the rate gives, however long those before take. */
const atRate = async (count: number): Promise<number[]> => {
  const beganMs = performance.now();
  const running: Promise<number>[] = [];
  for (let i = 0; i < count; i++) {
    await delay(Math.max(0, beganMs + (i * 1000) / Number(rateHz) - performance.now()));
    running.push(timed(i));
  }
  return Promise.all(running);
};

compete(async (order) => {
  if (order.kind === 'remember') {
    await callAll(order, async (i) => {
      await start(passes, i);
    });
    return {};
  }
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  const before = engine.stats();
  const spansMs = await atRate(order.count);
  loop.disable();
  const { journal, compaction } = engine.stats();
  const found = {
    grownBytes: journal.sizeBytes - before.journal.sizeBytes,
    compactions: compaction.snapshot - before.compaction.snapshot,
    loopP99Ms: loop.percentile(99) / 1e6,
    loopMostMs: loop.max / 1e6,
  };
  return { spansMs, outputs: [JSON.stringify(found)] };
});
