import { expect, test } from 'vitest';
import { createFoldingParts, createParts, type Parts } from '../../../../local/engine/parts.ts';
import { functionArn, machineOf } from '../../../builders/a-states-part.ts';
import { account } from '../../../builders/an-engine.ts';
import { checkedJournal, type TurnLost } from '../../../builders/checked-turns.ts';
import { fakeClock } from '../../../builders/fake-clock.ts';
import { memoryJournal } from '../../../builders/memory-journal.ts';

const identity = { account, region: 'us-east-1', queueBaseUrl: 'http://127.0.0.1' };
const retrying = machineOf({
  A: {
    Type: 'Task',
    Resource: functionArn('f'),
    Retry: [{ ErrorEquals: ['Flaky'], IntervalSeconds: 1, MaxAttempts: 2 }],
    End: true,
  },
});

/** Runs a machine that is tried three times, on an engine whose snapshots are spoilt; gives what was noticed. */
const lossesOf = async (spoil: (parts: Parts) => Parts): Promise<TurnLost[]> => {
  const clock = fakeClock();
  const losses: TurnLost[] = [];
  const journal = checkedJournal(memoryJournal(), {
    live: () => parts,
    fresh: () => spoil(createFoldingParts(identity)),
    nowMs: clock.nowMs,
    onLoss: (loss) => losses.push(loss),
  });
  const parts: Parts = createParts({
    identity,
    journal,
    clock,
    invoke: async () => ({ ok: false, errorType: 'Flaky', errorMessage: '' }),
    sendMessage: (input) => call('sqs', 'SendMessage', input),
    callService: async () => ({ ok: true, output: {} }),
  });
  const call = async (service: 'sqs' | 'sfn', operation: string, input: unknown): Promise<object> =>
    parts[service].operations[operation]?.(input) ?? {};
  parts.sfn.resume();
  const QueueUrl = `http://127.0.0.1/${account}/q`;
  await call('sqs', 'CreateQueue', { QueueName: 'q' });
  await call('sqs', 'SendMessage', { QueueUrl, MessageBody: 'one', DelaySeconds: 1 });
  const definition = JSON.stringify(retrying);
  await call('sfn', 'CreateStateMachine', { name: 'm', definition, roleArn: 'arn:aws:iam::111111111111:role/r' });
  const stateMachineArn = `arn:aws:states:us-east-1:${account}:stateMachine:m`;
  await call('sfn', 'StartExecution', { stateMachineArn, name: 'x', input: '{}' });
  await clock.advance(10_000);
  await call('sqs', 'ReceiveMessage', { QueueUrl, VisibilityTimeout: 1 });
  await clock.advance(10_000);
  parts.sfn.close();
  parts.sqs.close();
  return losses;
};

/** A snapshot that does not keep one field, wherever it stands. */
const without = (part: 'sqs' | 'sfn', field: string) => (parts: Parts) => ({
  ...parts,
  [part]: {
    ...parts[part],
    restore: (item: unknown) =>
      parts[part].restore(JSON.parse(JSON.stringify(item), (key, value) => (key === field ? undefined : value))),
  },
});

test('a fold that loses nothing passes', async () => {
  expect(await lossesOf((parts) => parts)).toEqual([]);
});

test('a snapshot that forgets how often a task was tried is noticed at the next turn, which is named', async () => {
  const [loss] = await lossesOf(without('sfn', 'retries'));
  expect(loss?.message).toMatch(/"kind":"turn","serial":1.*"retries"/s);
});

test('a snapshot that forgets who waits for what is noticed', async () => {
  const forgetful = (parts: Parts) => ({ ...parts, sfn: { ...parts.sfn, restore: forgetAttempts(parts) } });
  expect(await lossesOf(forgetful)).not.toEqual([]);
});

test('a queue that forgets that a message is delayed is noticed', async () => {
  const [loss] = await lossesOf((parts) => ({
    ...parts,
    sqs: {
      ...parts.sqs,
      restore: (item) =>
        parts.sqs.restore(JSON.parse(JSON.stringify(item), (key, value) => (key === 'visibleAtMs' ? 0 : value))),
    },
  }));
  expect(loss?.message).toMatch('visibleAtMs');
});

const forgetAttempts = (parts: Parts) => (item: unknown) =>
  parts.sfn.restore(JSON.parse(JSON.stringify(item), (key, value) => (key === 'dueAtMs' ? null : value)));
