import { expect, test, vi } from 'vitest';
import * as z from 'zod';
import { type Engine, openEngine } from '../../local/engine/engine.ts';
import { functionArn, machineOf } from '../builders/a-states-part.ts';
import { account, aFolder } from '../builders/an-engine.ts';

const roleArn = `arn:aws:iam::${account}:role/r`;
const Created = z.object({ stateMachineArn: z.string() });

test('express executions begin again from a snapshot that a thread has made, by the version that started them', async () => {
  const folder = await aFolder();
  const calls: { functionName: string; invocationId: string }[] = [];
  const open = (): Promise<Engine> =>
    openEngine({
      folder,
      account,
      segmentBytes: 20_000,
      invoke: ({ functionName, invocationId }) => {
        calls.push({ functionName, invocationId });
        return new Promise(() => undefined);
      },
    });
  const first = await open();
  const asking = (name: string) =>
    JSON.stringify(machineOf({ Ask: { Type: 'Task', Resource: functionArn(name), End: true } }));
  const create = { name: 'quick', roleArn, definition: asking('old'), type: 'EXPRESS', publish: true };
  const { stateMachineArn } = Created.parse(await first.call('sfn', 'CreateStateMachine', create));
  const start = { stateMachineArn: `${stateMachineArn}:1`, input: JSON.stringify('x'.repeat(1000)) };
  for (let at = 0; at < 30; at++) await first.call('sfn', 'StartExecution', start);
  await first.call('sfn', 'UpdateStateMachine', { stateMachineArn, definition: asking('new') });
  await first.call('sfn', 'StartExecution', { stateMachineArn, name: 'last' });
  const written = { isRunning: false, snapshot: expect.toSatisfy((snapshot: number) => snapshot > 1) };
  await vi.waitFor(() => expect(first.stats().compaction).toMatchObject(written), 15_000);
  await vi.waitFor(() => expect(calls).toHaveLength(31));
  const before = calls.splice(0);
  await first.close();
  const second = await open();
  expect(second.stats().recovery.snapshot).toBeGreaterThan(1);
  expect(second.stats().executions).toMatchObject({ running: 31 });
  await vi.waitFor(() => expect(calls).toHaveLength(31));
  const byId = (all: typeof calls) => all.toSorted((a, b) => (a.invocationId < b.invocationId ? -1 : 1));
  expect(byId(calls)).toEqual(byId(before));
  await second.close();
}, 30_000);
