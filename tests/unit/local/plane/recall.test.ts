import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { commands, messages, replicas, stfs } from '#lib/records';
import type { Command } from '#schema/command';
import { DaqMessage } from '#schema/daq-message';
import { recall } from '../../../../local/plane/recall.ts';
import { keepingCommands } from '../../../../local/spool/kept-commands.ts';
import { keepingSent } from '../../../../local/spool/kept-messages.ts';
import { aDeps, type TestDeps } from '../../../builders/a-deps.ts';
import { aMessage, aMessageOf, anStfMessage } from '../../../builders/a-message.ts';
import { aCataloguedStf } from '../../../builders/a-stf.ts';

/** A data folder in which a bridge has kept what it sent. */
const aSpool = async (sent: readonly DaqMessage[]) => {
  const folder = mkdtempSync(join(tmpdir(), 'papilio-spool-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const send = keepingSent(async () => undefined, folder);
  for (const message of sent) {
    await send('archive-inbox', [message]);
    await send('work-inbox', [message]);
  }
  return folder;
};

const idsSent = (deps: TestDeps, queue: string) =>
  deps.queues.sent.flatMap((one) => (one.queue === queue ? [DaqMessage.parse(one.body).id] : []));

const archivedAt = (deps: TestDeps, message: ReturnType<typeof anStfMessage>, at: string) => {
  const { run, sequence, name } = message.fact;
  const stfId = deps.ids.stf(run, sequence);
  const doc = {
    ...{ stfId, runId: deps.ids.run(run), sequence, name, objectKey: `k/${name}`, sizeBytes: 1 },
    ...{ checksumAdler32: '00000001', checksumCrc32c: '00000001', messageId: message.id },
    ...{ receivedAt: message.receivedAt, archivedAt: at },
  };
  return deps.store.transact({ writes: [replicas.put(stfId, doc, 0)], events: [] });
};

test('the bridge keeps each message once, before it is sent, however often the sending is tried', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'papilio-spool-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const kept = () => readFileSync(join(folder, 'sent.jsonl'), 'utf8').trim().split('\n').length;
  const send = keepingSent(async () => {
    expect(kept()).toBe(2);
    throw new Error('away');
  }, folder);
  const group = [anStfMessage(1), anStfMessage(2)];
  for (let tries = 0; tries < 3; tries++) await expect(send('archive-inbox', group)).rejects.toThrow('away');
  expect(kept()).toBe(2);
});

test('the archive is sent again what is not archived, or was so lately, and tells work of all else', async () => {
  const deps = aDeps({ plane: 'archive' });
  const [old, late, open] = [anStfMessage(1), anStfMessage(2), anStfMessage(3)];
  await archivedAt(deps, old, new Date(deps.clock.nowMs() - 3_600_001).toISOString());
  await archivedAt(deps, late, new Date(deps.clock.nowMs() - 60_000).toISOString());
  const folder = await aSpool([old, late, open]);
  expect(await recall('archive', deps, folder)).toBe(3);
  expect(idsSent(deps, 'archive-inbox')).toEqual([late.id, open.id]);
  // However long ago it was archived: a work plane that was held up may not have taken it from its queue.
  const told = deps.queues.sent.flatMap(({ queue, body }) => (queue === 'archived-stfs' ? [body] : []));
  expect(told).toEqual([expect.objectContaining({ stfId: deps.ids.stf(old.fact.run, 1), name: old.fact.name })]);
});

test('the archive is sent again what is no STF only if its ledger does not have it', async () => {
  const deps = aDeps({ plane: 'archive' });
  const [known, unknown, unreadable] = [aMessage('run_imminent'), aMessage('start_run'), aMessageOf('no JSON')];
  const { id, receivedAt } = known;
  const doc = { id, type: 'run_imminent', receivedAt, seen: 1, sendings: ['m'] };
  await deps.store.transact({ writes: [messages.put(id, doc, 0)], events: [] });
  const folder = await aSpool([known, unknown, unreadable]);
  await recall('archive', deps, folder);
  expect(idsSent(deps, 'archive-inbox')).toEqual([unknown.id, unreadable.id]);
});

test('work is sent again what is not settled, and all that the DAQ says of runs, but nothing that cannot be read', async () => {
  const deps = aDeps();
  const [settled, waiting, unknown] = [anStfMessage(1), anStfMessage(2), anStfMessage(3)];
  for (const { fact } of [settled, waiting]) await aCataloguedStf(deps, fact.sequence);
  const { doc, version } = await stfs.need(deps.store, deps.ids.stf(settled.fact.run, 1));
  await deps.store.transact({ writes: [stfs.put(doc.id, { ...doc, processing: 'processed' }, version)], events: [] });
  const life = aMessage('end_run');
  const folder = await aSpool([settled, waiting, unknown, life, aMessageOf('no JSON')]);
  expect(await recall('work', deps, folder)).toBe(3);
  expect(idsSent(deps, 'work-inbox')).toEqual([waiting.id, unknown.id, life.id]);
});

test('a line that was cut off as it was written is passed over, and without a spool nothing is sent', async () => {
  const deps = aDeps();
  const folder = await aSpool([anStfMessage(1)]);
  appendFileSync(join(folder, 'sent.jsonl'), `\n${JSON.stringify(anStfMessage(2)).slice(0, 40)}`);
  expect(await recall('work', deps, folder)).toBe(1);
  expect(await recall('work', deps, join(folder, 'nowhere'))).toBe(0);
});

test('a line that was cut off spoils none of those that a bridge keeps after it', async () => {
  const deps = aDeps();
  const folder = await aSpool([anStfMessage(1)]);
  appendFileSync(join(folder, 'sent.jsonl'), `\n${JSON.stringify(anStfMessage(2)).slice(0, 40)}`);
  await keepingSent(async () => undefined, folder)('archive-inbox', [anStfMessage(3)]);
  await recall('work', deps, folder);
  expect(idsSent(deps, 'work-inbox')).toEqual([anStfMessage(1).id, anStfMessage(3).id]);
});

test('of several brokers that all try again and again each message is kept once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'papilio-spool-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const send = keepingSent(() => Promise.reject(new Error('away')), folder);
  const groups = [[anStfMessage(1)], [anStfMessage(2)], [anStfMessage(3)]];
  for (let tries = 0; tries < 3; tries++) await Promise.allSettled(groups.map((group) => send('archive-inbox', group)));
  const deps = aDeps();
  await recall('work', deps, folder);
  expect(idsSent(deps, 'work-inbox')).toEqual(groups.flat().map(({ id }) => id));
});

const aCommand = (name: string): Command => ({
  ...{ id: `dev-local_command_${name}`, action: 'site.drain', subject: 'dev-local_facility_local', by: 'anna' },
  ...{ why: 'cooling', at: '2026-11-26T12:00:00.000Z', data: {} },
});

test('a plane is sent again, once, the commands that the front sent to it and that it has not ended', async () => {
  const deps = aDeps();
  const folder = mkdtempSync(join(tmpdir(), 'papilio-spool-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [ended, open, other] = [aCommand('ended'), aCommand('open'), aCommand('other')];
  const send = keepingCommands(async () => undefined, folder);
  for (const command of [ended, open, open]) await send('work', 'steer-jobs', command);
  await send('archive', 'settle-message', other);
  const gone = { plane: 'work', queue: 'a-queue-of-yesterday', command: aCommand('gone') };
  appendFileSync(join(folder, 'commands.jsonl'), `\n${JSON.stringify(gone)}\n{"plane":"wo`);
  const record = { ...ended, state: 'refused', endedAt: '2026-11-26T12:00:01.000Z' } as const;
  await deps.store.transact({ writes: [commands.put(ended.id, record, 0)], events: [] });
  expect(await recall('work', deps, folder)).toBe(1);
  expect(deps.queues.sent).toEqual([expect.objectContaining({ queue: 'steer-jobs', body: open })]);
});

test('a command that cannot be kept is not sent, and whoever sent it hears why', async () => {
  const sent: string[] = [];
  const send = keepingCommands(async (_plane, queue) => void sent.push(queue), '/dev/null/no-folder');
  await expect(send('work', 'steer-jobs', aCommand('one'))).rejects.toMatchObject({
    code: 'store-unavailable',
    reason: expect.stringContaining('commands.jsonl'),
  });
  expect(sent).toEqual([]);
});
