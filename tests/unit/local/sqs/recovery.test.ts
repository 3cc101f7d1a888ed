import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createQueuesPart, type QueuesPart } from '../../../../local/sqs/queues-part.ts';
import { type FakeClock, fakeClock } from '../../../builders/fake-clock.ts';
import { type MemoryJournal, memoryJournal } from '../../../builders/memory-journal.ts';

const place = { account: '111111111111', region: 'us-east-1', queueBaseUrl: 'http://127.0.0.1' };
const urlOf = (name: string) => `http://127.0.0.1/111111111111/${name}`;

type Kept = ReturnType<MemoryJournal['records']>;

function queuesAt(clock: FakeClock) {
  const journal = memoryJournal();
  return { part: createQueuesPart({ ...place, journal, clock }), journal };
}

function folded(kept: Kept, clock: FakeClock) {
  const { part } = queuesAt(clock);
  for (const { record, at } of kept) part.apply(record, at);
  return part;
}

/** The whole state, after what has become visible by now was made so. */
function stateOf(part: QueuesPart): unknown[] {
  part.depths();
  return JSON.parse(JSON.stringify([...part.items()]));
}

const queue = fc.constantFrom('plain', 'dead', 'runs.fifo');
const step = fc.oneof(
  fc.record({ do: fc.constant('send' as const), queue, key: fc.nat(4), delayS: fc.nat(2) }),
  fc.record({ do: fc.constant('receive' as const), queue, count: fc.integer({ min: 1, max: 10 }), hideS: fc.nat(3) }),
  fc.record({ do: fc.constant('delete' as const), pick: fc.nat(20) }),
  fc.record({ do: fc.constant('hide' as const), pick: fc.nat(20), hideS: fc.nat(3) }),
  fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 5000 }) }),
  fc.record({ do: fc.constant('redrive' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Does what random users do; what SQS refuses is refused, and changes nothing. */
async function play(steps: readonly Step[]) {
  const clock = fakeClock();
  const { part, journal } = queuesAt(clock);
  const receipts: { QueueUrl: string; ReceiptHandle: string }[] = [];
  const call = async (operation: string, input: object) => {
    const run = part.operations[operation];
    return run?.(input).catch(() => ({}));
  };
  const arn = (name: string) => `arn:aws:sqs:us-east-1:111111111111:${name}`;
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn('dead'), maxReceiveCount: 2 });
  await call('CreateQueue', { QueueName: 'dead' });
  await call('CreateQueue', { QueueName: 'plain', Attributes: { RedrivePolicy } });
  await call('CreateQueue', { QueueName: 'runs.fifo', Attributes: { FifoQueue: 'true' } });
  const does: { readonly [K in Step['do']]: (step: Extract<Step, { do: K }>) => Promise<unknown> } = {
    send: ({ queue: name, key, delayS }) => {
      const fifo = { MessageGroupId: `g${key % 2}`, MessageDeduplicationId: `${key}` };
      const more = name.endsWith('.fifo') ? fifo : { DelaySeconds: delayS };
      return call('SendMessage', { QueueUrl: urlOf(name), MessageBody: `body ${key}`, ...more });
    },
    receive: async ({ queue: name, count, hideS }) => {
      const QueueUrl = urlOf(name);
      const got = await call('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: count, VisibilityTimeout: hideS });
      if (!got || !('Messages' in got) || !Array.isArray(got.Messages)) return;
      for (const { ReceiptHandle } of got.Messages) receipts.push({ QueueUrl, ReceiptHandle });
    },
    delete: ({ pick }) => call('DeleteMessage', receipts[pick] ?? {}),
    hide: ({ pick, hideS }) => call('ChangeMessageVisibility', { ...receipts[pick], VisibilityTimeout: hideS }),
    wait: ({ ms }) => clock.advance(ms),
    redrive: () => call('StartMessageMoveTask', { SourceArn: arn('dead') }),
  };
  const dispatch = <K extends Step['do']>(one: Extract<Step, { do: K }>) => does[one.do](one);
  for (const one of steps) await dispatch(one);
  return { part, clock, kept: journal.records() };
}

test('the records alone give the same queues, and so does a snapshot anywhere between them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.nat(), async (steps, cut) => {
      const { part, clock, kept } = await play(steps);
      const live = stateOf(part);
      expect(stateOf(folded(kept, clock))).toEqual(live);
      const at = cut % (kept.length + 1);
      const restored = folded([], clock);
      for (const item of folded(kept.slice(0, at), clock).items()) restored.restore(JSON.parse(JSON.stringify(item)));
      for (const { record, at: where } of kept.slice(at)) restored.apply(record, where);
      expect(stateOf(restored)).toEqual(live);
    }),
    { numRuns: 150 },
  );
});
