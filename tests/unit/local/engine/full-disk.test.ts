import { expect, test } from 'vitest';
import { openEngine } from '../../../../local/engine/engine.ts';
import { machineOf } from '../../../builders/a-states-part.ts';
import { aWorld } from '../../../builders/a-world.ts';
import { account } from '../../../builders/an-engine.ts';
import { interceptedDisk } from '../../../builders/failing-disk.ts';
import { fakeClock } from '../../../builders/fake-clock.ts';
import { openOn } from '../../../builders/fault-journey.ts';
import { tornDisk } from '../../../builders/torn-disk.ts';

const QueueUrl = `http://127.0.0.1/${account}/stf`;

test('on a full disk what waits goes on waiting, new work is refused, reading works, and all heals by itself', async () => {
  const disk = tornDisk();
  const clock = fakeClock();
  const invoke = async () => ({ ok: true, payload: null }) as const;
  const engine = await openEngine({ folder: '/data', account, disk, clock, invoke });
  await engine.call('sqs', 'CreateQueue', { QueueName: 'stf' });
  disk.setFreeBytes(10);
  const waiting = engine.call('sqs', 'SendMessage', { QueueUrl, MessageBody: 'first' });
  await clock.advance(0);
  await clock.advance(0);
  expect(engine.stats().journal).toMatchObject({ state: 'full', sinceAt: '2026-01-01T00:00:00.000Z' });
  const refused = engine.call('sqs', 'SendMessage', { QueueUrl, MessageBody: 'second' });
  await expect(refused).rejects.toMatchObject({ code: 'ServiceUnavailable', status: 503 });
  expect(await engine.call('sqs', 'ListQueues', {})).toEqual({ QueueUrls: [QueueUrl] });
  await clock.advance(3000);
  disk.setFreeBytes(undefined);
  await clock.advance(1000);
  expect(await waiting).toMatchObject({ MessageId: expect.any(String) });
  await engine.call('sqs', 'SendMessage', { QueueUrl, MessageBody: 'third' });
  expect(engine.stats().journal.state).toBe('ok');
  await engine.close();
  const again = await openEngine({ folder: '/data', account, disk: disk.crash(7), clock, invoke });
  expect(again.stats().queues).toEqual({ stf: { ready: 2, inFlight: 0, delayed: 0 } });
  await again.close();
});

/** An engine with small segments on a disk where files of some names find no space while a test says so. */
const engineWhereFull = async (pattern: RegExp) => {
  const torn = tornDisk();
  const clock = fakeClock();
  let isFull = true;
  const disk = interceptedDisk(torn, async ({ operation, path, half }, run) => {
    if (!isFull || !pattern.test(path) || !/^(?:write|open)$/.test(operation)) return run();
    await half?.();
    throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  });
  const engine = await openOn(disk, clock, aWorld([]), { segmentBytes: 2000 });
  await engine.call('sqs', 'CreateQueue', { QueueName: 'stf' });
  const send = (text: string) =>
    engine.call('sqs', 'SendMessage', { QueueUrl, MessageBody: `${text} ${'x'.repeat(700)}` });
  return { torn, clock, engine, send, heal: () => (isFull = false) };
};

test('a disk that is full when a snapshot is written holds up nobody, and keeps no half of it', async () => {
  const { torn, engine, send, heal } = await engineWhereFull(/snapshot/);
  for (let n = 0; n < 12; n++) await send(`${n}`);
  expect(engine.stats().compaction).toMatchObject({ snapshot: 0, failure: expect.stringMatching('ENOSPC') });
  expect((await torn.list('/data')).filter((name) => name.startsWith('snapshot'))).toEqual([]);
  heal();
  for (let n = 12; n < 24; n++) await send(`${n}`);
  const { snapshot, failure } = engine.stats().compaction;
  expect([snapshot > 0, failure]).toEqual([true, undefined]);
  await engine.close();
  const again = await openOn(torn, fakeClock(), aWorld([]));
  expect(again.stats().queues).toEqual({ stf: { ready: 24, inFlight: 0, delayed: 0 } });
  await again.close();
});

test('a disk that is full when a segment begins is waited for; nothing is lost, and nothing written twice', async () => {
  const { torn, clock, engine, send, heal } = await engineWhereFull(/journal-2/);
  const sent = Array.from({ length: 3 }, (_, n) => send(`first ${n}`));
  await Promise.all(sent);
  const waiting = [send('second'), send('third')];
  for (let turn = 0; turn < 5; turn++) await clock.advance(1000);
  expect(engine.stats().journal.state).toBe('full');
  await expect(send('fourth')).rejects.toMatchObject({ code: 'ServiceUnavailable' });
  heal();
  await clock.advance(1000);
  await Promise.all(waiting);
  const again = await openOn(torn.crash(3), fakeClock(), aWorld([]));
  expect(again.stats().queues).toEqual({ stf: { ready: 5, inFlight: 0, delayed: 0 } });
  await again.close();
});

test('while a disk is full nobody is told what it could still lose', async () => {
  const disk = tornDisk();
  const clock = fakeClock();
  const engine = await openOn(disk, clock, aWorld([]));
  const sfn = (operation: string, input: object) => engine.call('sfn', operation, input);
  const definition = JSON.stringify(machineOf({ A: { Type: 'Wait', SecondsPath: '$', End: true } }));
  const stateMachineArn = `arn:aws:states:us-east-1:${account}:stateMachine:m`;
  await sfn('CreateStateMachine', { name: 'm', definition, roleArn: 'arn:aws:iam::111111111111:role/r' });
  for (const input of ['60', '3600']) await sfn('StartExecution', { stateMachineArn, name: `x${input}`, input });
  const look = (name: string) =>
    sfn('DescribeExecution', { executionArn: `${stateMachineArn.replace('stateMachine', 'execution')}:${name}` });
  disk.setFreeBytes(0);
  await clock.advance(61_000);
  expect(await look('x3600')).toMatchObject({ status: 'RUNNING' });
  await expect(look('x60')).rejects.toMatchObject({ code: 'ServiceUnavailable', status: 503 });
  disk.setFreeBytes(undefined);
  await clock.advance(1000);
  expect(await look('x60')).toMatchObject({ status: 'SUCCEEDED' });
  await engine.close();
});
