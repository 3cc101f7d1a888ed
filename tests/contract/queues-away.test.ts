import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createSfnMachines } from '../../functions/adapters/machines/sfn.ts';
import { createSqsQueues } from '../../functions/adapters/queues/sqs.ts';
import { aPeer, awsThrough, type Behaviour, region } from '../builders/a-plane-engine.ts';

/** Both adapters at a peer that misbehaves; each try may take 50 ms. */
const atPeer = async (...behaviours: readonly [Behaviour, ...Behaviour[]]) => {
  const { route, asked } = await aPeer(...behaviours);
  const aws = { ...awsThrough('work', route), answerWithinMs: 50 };
  return { asked, queues: createSqsQueues(aws, 'work'), machines: createSfnMachines(aws, 'work', region) };
};

const started = { status: 200, body: { executionArn: 'arn', startDate: 0 } };
const isAway = { code: 'plane-unavailable', name: 'Transient' };
const failure = (Id: string, SenderFault: boolean) => ({ Id, SenderFault, Code: 'Some', Message: 'reason' });
const md5 = (text: string) => createHash('md5').update(text).digest('hex');
const taken = (Id: string, text: string) => ({ Id, MessageId: Id, MD5OfMessageBody: md5(text) });

describe('a peer that is away for a moment', () => {
  test('is asked again by itself', async () => {
    const { machines, asked } = await atPeer('hangs up', 'is silent', started);
    await machines.start('process-stf', 'a', {});
    expect(asked.length).toBe(3);
  });
});

describe.each(['hangs up', 'is silent', { status: 500, body: { __type: 'InternalFailure' } }] as const)(
  'a peer that %j',
  (behaviour) => {
    test('is asked three times and then given up: nobody hangs', async () => {
      const { queues, machines, asked } = await atPeer(behaviour);
      await expect(queues.send('broker', [{ n: 1 }])).rejects.toMatchObject(isAway);
      expect(asked.length).toBe(3);
      await expect(machines.start('process-stf', 'a', {})).rejects.toMatchObject(isAway);
      await expect(machines.succeed('t', {})).rejects.toMatchObject(isAway);
      expect(asked.length).toBe(9);
    });
  },
);

describe('a call of which a queue takes a part', () => {
  test('goes on with what it did not take', async () => {
    const part = { Successful: [taken('0', '{"n":0}')], Failed: [failure('1', false)] };
    const rest = { Successful: [taken('0', '{"n":1}')] };
    const { queues, asked } = await atPeer({ status: 200, body: part }, { status: 200, body: rest });
    await queues.send('broker', [{ n: 0 }, { n: 1 }]);
    expect(asked).toMatchObject([
      { Entries: [{ MessageBody: '{"n":0}' }, { MessageBody: '{"n":1}' }] },
      { Entries: [{ MessageBody: '{"n":1}' }] },
    ]);
  });

  test('is Transient when the queue never takes the rest', async () => {
    const none = { status: 200, body: { Failed: [failure('0', false)] } };
    const { queues, asked } = await atPeer(none);
    await expect(queues.send('broker', [{ n: 0 }])).rejects.toMatchObject(isAway);
    expect(asked.length).toBe(3);
  });

  test('is refused for good when the sender is at fault', async () => {
    const { queues, asked } = await atPeer({ status: 200, body: { Failed: [failure('0', true)] } });
    await expect(queues.send('broker', [{ n: 0 }])).rejects.toMatchObject({ code: 'input-invalid', name: 'Invalid' });
    expect(asked.length).toBe(1);
  });
});
