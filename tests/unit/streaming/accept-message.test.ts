import { expect, test } from 'vitest';
import { messages, quarantines } from '#lib/records';
import { acceptMessage } from '../../../functions/streaming/accept-message.fn.ts';
import { aDeps, eventTypes } from '../../builders/a-deps.ts';
import { dyingAt, everyDeath } from '../../builders/a-deps-crash.ts';
import { anItem } from '../../builders/a-job.ts';
import { aMessage, aMessageOf, anStfMessage } from '../../builders/a-message.ts';

test('a message is in the ledger with what it is about, and an STF starts its archiving', async () => {
  const deps = aDeps({ plane: 'archive' });
  const message = anStfMessage(1);
  expect(await acceptMessage.runBatch([anItem(message)], deps)).toEqual([]);
  const record = (await messages.need(deps.store, message.id)).doc;
  expect(record).toMatchObject({ type: 'stf_gen', runId: 'test_run_00102363', stfId: 'test_stf_00102363-00000001' });
  expect(record).toMatchObject({ seen: 1, sendings: ['item-1'] });
  expect(await eventTypes(deps)).toEqual(['message.received']);
  const name = `test_exec_bnl-1-archive-00102363-00000001-${message.id.slice(-8)}`;
  expect(deps.machines.started).toEqual([{ machine: 'archive-stf', name, input: { message } }]);
});

test('a lifecycle message is kept and starts nothing', async () => {
  const deps = aDeps({ plane: 'archive' });
  const message = aMessage('start_run');
  await acceptMessage.runBatch([anItem(message)], deps);
  expect((await messages.need(deps.store, message.id)).doc).toMatchObject({ type: 'start_run' });
  expect(deps.machines.started).toEqual([]);
});

test('what others say to each other is kept under its own name', async () => {
  const deps = aDeps({ plane: 'archive' });
  const message = aMessage('stf_ready');
  await acceptMessage.runBatch([anItem(message)], deps);
  expect((await messages.need(deps.store, message.id)).doc).toMatchObject({ type: 'stf_ready', seen: 1 });
});

test('a repeat of the DAQ is counted, a redelivery of the queue is not', async () => {
  const deps = aDeps({ plane: 'archive' });
  const message = anStfMessage(1);
  for (const sending of ['s1', 's1', 's2', 's1', 's2']) await acceptMessage.runBatch([anItem(message, sending)], deps);
  expect((await messages.need(deps.store, message.id)).doc).toMatchObject({ seen: 2, sendings: ['s1', 's2'] });
  expect(await eventTypes(deps)).toEqual(['message.received', 'message.repeated']);
  const names = deps.machines.started.map(({ name }) => name);
  expect(names).toHaveLength(2);
  expect(names[1]).toBe(`${names[0]}-2`);
});

test('many sendings at once are each counted, and only the latest are remembered', async () => {
  const deps = aDeps({ plane: 'archive' });
  const message = aMessage('start_run');
  for (let first = 0; first < 30; first += 10) {
    const items = Array.from({ length: 10 }, (_, at) => anItem(message, `s${first + at}`));
    expect(await acceptMessage.runBatch(items, deps)).toEqual([]);
  }
  const { doc } = await messages.need(deps.store, message.id);
  expect(doc.seen).toBe(30);
  expect(doc.sendings).toHaveLength(20);
});

test('an unreadable message goes to quarantine whole, once, and starts nothing', async () => {
  const deps = aDeps({ plane: 'archive' });
  const message = aMessageOf('{"msg_type":"stf_gen","run_id":11529215046068');
  for (const sending of ['s1', 's2']) await acceptMessage.runBatch([anItem(message, sending)], deps);
  const { items } = await quarantines.list(deps.store, 'i1', 'quarantine');
  expect(items.map(({ doc }) => doc)).toMatchObject([
    { messageId: message.id, problem: { code: 'message-unreadable' }, raw: message.raw, state: 'held' },
  ]);
  expect(await eventTypes(deps)).toEqual(['message.received', 'message.quarantined', 'message.repeated']);
  expect(deps.machines.started).toEqual([]);
});

test('other content for the same STF is archived, or judged, by itself', async () => {
  const deps = aDeps({ plane: 'archive' });
  await acceptMessage.runBatch([anItem(anStfMessage(1), 's1'), anItem(anStfMessage(1, { size: 7 }), 's2')], deps);
  expect(new Set(deps.machines.started.map(({ name }) => name)).size).toBe(2);
});

test('while the engine is away the message stays in the queue, and one bad message holds up no other', async () => {
  const deps = aDeps({ plane: 'archive' });
  deps.machines.isAway = true;
  const items = [anItem(anStfMessage(1), 's1'), anItem(aMessage('start_run'), 's2')];
  expect(await acceptMessage.runBatch(items, deps)).toEqual(['s1']);
  deps.machines.isAway = false;
  expect(await acceptMessage.runBatch([anItem(anStfMessage(1), 's1')], deps)).toEqual([]);
  expect(deps.machines.started).toHaveLength(1);
  expect(await eventTypes(deps)).toEqual(['message.received', 'message.received']);
});

test.each(everyDeath(2))('killed $moment effect $step, the next delivery ends in the same records', async (death) => {
  const deps = aDeps({ plane: 'archive' });
  const item = anItem(anStfMessage(1));
  expect(await acceptMessage.runBatch([item], dyingAt(deps, death.step, death.moment).deps)).toEqual(['item-1']);
  expect(await acceptMessage.runBatch([item], deps)).toEqual([]);
  expect((await messages.need(deps.store, item.input.id)).doc.seen).toBe(1);
  expect(await eventTypes(deps)).toEqual(['message.received']);
  expect(deps.machines.started).toHaveLength(1);
});
