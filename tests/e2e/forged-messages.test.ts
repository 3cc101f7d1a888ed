import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { checkAudit } from '#lib/audit-check';
import { coverAudit } from '#lib/cover-audit';
import { silentLog } from '#lib/log';
import { faultOfMessage, sealAttribute, sealingMessages } from '#lib/message-seal';
import { audits, commands, quarantines, tokens } from '#lib/records';
import { createSeal, type Seal } from '#lib/seal';
import { steerTokens } from '../../functions/access/steer-tokens.fn.ts';
import { createSqsQueues, queueUrl } from '../../functions/adapters/queues/sqs.ts';
import { accounts, catalog } from '../../functions/catalog.ts';
import { readConfig } from '../../functions/lib/config.ts';
import { createForgeries } from '../../local/plane/forgeries.ts';
import { openGuard } from '../../local/plane/guard.ts';
import { queuesFedBy } from '../../local/plane/machines.ts';
import { createPause } from '../../local/plane/pause.ts';
import { startTaking } from '../../local/plane/taking.ts';
import { aCommand } from '../builders/a-command.ts';
import { aDeps } from '../builders/a-deps.ts';
import { aPlaneEngine } from '../builders/a-plane-engine.ts';

/** Queues that every user of the machine can send to, as on a stack: what of it a plane acts on. */
const plane = 'work';
const account = accounts.work;
const grant = { name: 'mine', owner: 'eve', roles: ['admin'], facilities: [], hashSha256: 'e'.repeat(64), days: 2 };
const tokenId = (digit: string): string => `test_token_${digit.repeat(16)}`;
const makes = (digit: string, nth: number) => aCommand('token.create', tokenId(digit), { data: grant, by: 'eve' }, nth);
const statemachines = new URL('../../statemachines/', import.meta.url);

type Sent = { readonly queue: string; readonly body: string; readonly seal?: string };

const aPlaneOnOpenQueues = async (seal: Seal) => {
  const { aws, clock } = await aPlaneEngine(plane, 'over HTTP');
  const client = new SQSClient(aws);
  for (const QueueName of ['steer-tokens', 'broker']) await client.send(new CreateQueueCommand({ QueueName }));
  const deps = aDeps({ clock });
  const forgeries = createForgeries(async () => deps);
  const handler = steerTokens.handlerWith(async () => deps);
  const asked: string[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'papilio-guard-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const fedByMachines = await queuesFedBy(statemachines, { plane, machines: { 'run-job': plane } });
  const taking = startTaking({
    plane,
    catalog: { 'steer-tokens': catalog['steer-tokens'], 'assign-jobs': catalog['assign-jobs'] },
    config: readConfig({ PAPILIO_INSTANCE: 'test' }),
    place: { sqsFor: () => client, queueUrl: (queue) => queueUrl(queue, plane) },
    sealing: { seal, fedByMachines, hold: forgeries.hold },
    call: async (name, payload) => {
      if (name === 'steer-tokens') return handler(payload, { awsRequestId: 'one' });
      asked.push(JSON.stringify(payload));
      return {};
    },
    guard: openGuard({ folder, endedBy: 'other', clock, log: silentLog }),
    pause: createPause(),
    clock,
    log: silentLog,
  });
  onTestFinished(() => taking.stop());
  return {
    deps,
    forgeries,
    asked,
    own: createSqsQueues({ ...aws, seal: sealingMessages(seal, clock.nowMs) }, plane),
    nowMs: clock.nowMs,
    left: async (queue: string) => {
      const QueueUrl = queueUrl(queue, plane);
      const { Attributes } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
      return [Attributes?.ApproximateNumberOfMessages, Attributes?.ApproximateNumberOfMessagesNotVisible];
    },
    /** As anybody on the machine would. */
    send: ({ queue, body, seal: StringValue }: Sent) =>
      client.send(
        new SendMessageCommand({
          QueueUrl: queueUrl(queue, plane),
          MessageBody: body,
          ...(StringValue && { MessageAttributes: { [sealAttribute]: { DataType: 'String', StringValue } } }),
        }),
      ),
  };
};

test('message-forged: nobody acts on a command that papilio did not send, it is held, and a replay does nothing twice', async () => {
  const seal = createSeal(Buffer.alloc(32, 1));
  const papilio = await aPlaneOnOpenQueues(seal);
  const { deps, forgeries, own, send, nowMs } = papilio;
  const sealed = sealingMessages(seal, nowMs);
  const body = JSON.stringify(makes('a', 1));
  await send({ queue: 'steer-tokens', body });
  const others = sealingMessages(createSeal(Buffer.alloc(32, 2)), nowMs);
  await send({ queue: 'steer-tokens', body, seal: others(account, 'steer-tokens', body) });
  await send({ queue: 'steer-tokens', body, seal: sealed(account, 'steer-jobs', body) });
  await send({ queue: 'steer-tokens', body, seal: sealed(account, 'steer-tokens', JSON.stringify(makes('b', 2))) });
  const old = sealingMessages(seal, () => nowMs() - 15 * 86_400_000);
  await send({ queue: 'steer-tokens', body, seal: old(account, 'steer-tokens', body) });

  const right = makes('c', 3);
  await own.send('steer-tokens', [right]);
  await expect
    .poll(() => commands.get(deps.store, right.id), { timeout: 10_000 })
    .toMatchObject({ doc: { state: 'done' } });
  const text = JSON.stringify(right);
  await send({ queue: 'steer-tokens', body: text, seal: sealed(account, 'steer-tokens', text) });
  await expect.poll(() => papilio.left('steer-tokens'), { timeout: 10_000 }).toEqual(['0', '0']);

  expect(await tokens.get(deps.store, tokenId('a'))).toBeUndefined();
  expect(await commands.get(deps.store, 'test_command_1')).toBeUndefined();
  expect(await tokens.get(deps.store, tokenId('c'))).toMatchObject({ version: 1 });
  const { items } = await quarantines.list(deps.store, 'i1', 'quarantine', {});
  expect(items.map(({ doc }) => [doc.problem, doc.raw])).toEqual([
    [{ code: 'message-forged', reason: 'queue steer-tokens: it has no seal' }, body],
  ]);
  const { items: lines } = await audits.list(deps.store, 'i1', 'audit', {});
  expect(lines.map(({ doc }) => doc)).toMatchObject([
    { by: 'unknown', action: 'message.send', subject: 'queue steer-tokens', outcome: 'denied', count: 5, plane },
  ]);
  expect(forgeries.report()).toMatchObject([{ what: 'queue steer-tokens', count: 5 }]);
});

test('what a state machine sends brings a token and passes without a seal; anything else in its queue does not', async () => {
  const papilio = await aPlaneOnOpenQueues(createSeal(Buffer.alloc(32, 1)));
  await papilio.send({ queue: 'broker', body: JSON.stringify({ kind: 'review' }) });
  await papilio.send({ queue: 'broker', body: JSON.stringify({ kind: 'place', token: 'one', jobId: 'test_job_1' }) });
  await expect.poll(() => papilio.left('broker'), { timeout: 10_000 }).toEqual(['0', '0']);
  expect(papilio.asked.join()).toContain('place');
  expect(papilio.asked.join()).not.toContain('review');
  expect(papilio.forgeries.report()).toMatchObject([{ what: 'queue broker', count: 1 }]);
});

/** Messages without a seal, as a queue gives them. */
const aFlood = (count: number, first = 0) =>
  Array.from({ length: count }, (_, at) => ({
    why: 'it has no seal',
    record: {
      ...{ messageId: `${first + at}`, receiptHandle: '', body: `{"n":${first + at}}`, attributes: {} },
      ...{ messageAttributes: {}, md5OfBody: '', eventSource: 'aws:sqs' as const, eventSourceARN: '', awsRegion: '' },
    },
  }));

test('a flood of forged messages fills no store: some are kept an hour, all are counted', async () => {
  const deps = aDeps();
  const { hold, report } = createForgeries(async () => deps);
  for (let n = 0; n < 500; n += 10) await hold('steer-tokens', aFlood(10, n));
  expect(report()).toMatchObject([{ count: 500 }]);
  const { items } = await quarantines.list(deps.store, 'i1', 'quarantine', { limit: 1000 });
  expect(items.length).toBe(50);
  expect((await deps.events()).filter(({ type }) => type === 'audit.recorded').length).toBeLessThan(10);
  await deps.clock.advance(25 * 3_600_000);
  expect(report()).toEqual([]);
});

test('the audit lines of forged messages are covered by events, as all others are', async () => {
  const deps = aDeps();
  await coverAudit({ deps, log: deps.eventLog, isStopped: () => false });
  const { hold, changed } = createForgeries(async () => deps);
  await hold('steer-tokens', aFlood(10));
  await hold('steer-tokens', aFlood(3));
  await changed('state machine archive-stf', 'its definition was not papilio’s');
  const owner = { instance: 'test', wing: 'bnl', plane: 'work' } as const;
  const report = await checkAudit({ store: deps.store, log: deps.eventLog, owner });
  expect(report).toMatchObject({ faults: [], lines: 2, uncovered: 0 });
});

test('what remains where nothing guards the queues: a message can be read and taken away, and put back it still holds', async () => {
  const { aws, clock } = await aPlaneEngine(plane, 'over HTTP');
  const client = new SQSClient(aws);
  const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: 'steer-tokens' }));
  const seal = createSeal(Buffer.alloc(32, 1));
  await createSqsQueues({ ...aws, seal: sealingMessages(seal, clock.nowMs) }, plane).send('steer-tokens', [
    makes('a', 1),
  ]);
  const { Messages: [taken] = [] } = await client.send(
    new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'] }),
  );
  await client.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: taken?.ReceiptHandle }));
  const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl }));
  expect(Messages).toEqual([]);
  const given = taken?.MessageAttributes?.[sealAttribute]?.StringValue;
  const message = { account, queue: 'steer-tokens', body: taken?.Body ?? '' };
  expect(faultOfMessage(seal, message, given, clock.nowMs())).toBeUndefined();
  await clock.advance(14 * 86_400_000 + 1);
  expect(faultOfMessage(seal, message, given, clock.nowMs())).toContain('older than');
});
