import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { envelopeOf } from '../../clients/bridge/envelope.ts';
import { readRecording } from '../../clients/bridge/recording.ts';
import { acceptDaqMessage } from '../../functions/daq/accept-daq-message.fn.ts';
import { createIds } from '../../functions/lib/ids.ts';
import { DaqMessage } from '../../functions/lib/schema/daq-message.ts';
import { acceptMessage } from '../../functions/streaming/accept-message.fn.ts';
import { aContext, aDeps, aQueueEvent } from '../builders/a-deps.ts';

const files = ['stf_datataking.stf_processing_default.jsonl', 'daqsim.schedule-rt.jsonl'];
const pathOf = (file: string) => new URL(`../fixtures/messages/${file}`, import.meta.url).pathname;
const { message: idOf } = createIds('test', 'bnl', 1);
const messagesOf = async (file: string): Promise<DaqMessage[]> => {
  const messages: DaqMessage[] = [];
  for await (const { frame } of readRecording(pathOf(file), 0, 'tick'))
    messages.push(envelopeOf(frame, '2026-01-01T00:00:00.000Z', idOf));
  return messages;
};

test.each(files)('%s: both planes take every message, each STF is processed by one execution', async (file) => {
  const messages = await messagesOf(file);
  const stfs = messages.filter(({ fact }) => fact?.type === 'stf_gen').length;
  const archive = aDeps({ plane: 'archive' });
  const work = aDeps();
  const toArchive = acceptMessage.handlerWith(async () => archive);
  const toWork = acceptDaqMessage.handlerWith(async () => work);
  // Twice: a replay of a recording finds only duplicates.
  for (const round of ['first', 'again'])
    for (const [at, message] of messages.entries()) {
      const event = aQueueEvent({ [`${round}-${at}`]: message });
      expect(await toArchive(event, aContext())).toEqual({ batchItemFailures: [] });
      expect(await toWork(event, aContext())).toEqual({ batchItemFailures: [] });
    }
  // A repeat is looked at by an execution of its own: it may bring the file that was missing or corrupt before.
  expect(archive.machines.started.filter(({ machine }) => machine === 'archive-stf')).toHaveLength(2 * stfs);
  expect(work.machines.started.filter(({ machine }) => machine === 'process-stf')).toHaveLength(stfs);
  expect(work.machines.started.filter(({ machine }) => machine === 'merge-run')).toHaveLength(1);
  const received = (await archive.events()).filter(({ type }) => type === 'message.received');
  expect(received).toHaveLength(messages.length);
});

test.each(files)('%s: what is recorded is read the same from its own words', async (file) => {
  const lines = readFileSync(pathOf(file), 'utf8').split('\n').filter(Boolean);
  const messages = await messagesOf(file);
  expect(messages.map(({ raw }) => JSON.parse(raw))).toEqual(lines.map((line) => JSON.parse(line).body));
  for (const message of messages) expect(DaqMessage.parse(message)).toEqual(message);
});
