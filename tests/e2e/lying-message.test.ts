import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { createIds } from '#lib/ids';
import { Quarantine } from '#schema/quarantine';
import { Stf } from '#schema/stf';
import { envelopeOf } from '../../clients/bridge/envelope.ts';
import { accounts, inboxes } from '../../functions/catalog.ts';
import { createRequestHandler, noSigning } from '../../local/engine/request-handler.ts';
import { writeStf } from '../../local/sim/daq/generator.ts';
import { recordsOf } from './records.ts';
import { aScratch, startWhole } from './whole/whole-house.ts';

const run = 2301;
const nameOf = (sequence: number) => `swf.${run}.${String(sequence).padStart(6, '0')}.stf`;
const spec = { run, state: 'run', substate: 'physics', seed: 1, tfsPerStf: 100, bxPerTf: 65_536, tfCount: 100 };

type Lie = { readonly fields?: Readonly<Record<string, unknown>>; readonly spoil?: (bytes: Buffer) => Buffer };

/** Leaves a file as DAQ does, spoils it, and announces it with both inboxes, fields exchanged. */
const announce = async (folder: string, send: (body: string) => Promise<void>, sequence: number, lie: Lie) => {
  const path = join(folder, 'incoming', nameOf(sequence));
  const written = await writeStf(path, { ...spec, sequence, sizeBytes: 200_000 });
  if (lie.spoil) writeFileSync(path, lie.spoil(readFileSync(path)));
  const body = {
    msg_type: 'stf_gen',
    filename: nameOf(sequence),
    sequence,
    run_id: run,
    state: 'run',
    substate: 'physics',
    timestamp: `2026-11-24T06:00:${String(sequence).padStart(2, '0')}.000000`,
    size: written.sizeBytes,
    checksum: `ad:${written.checksumAdler32}`,
    ...lie.fields,
  };
  await send(JSON.stringify(body));
};

/** Sends as the bridge does, without making the file true. */
const senderOf = (folder: string) => {
  const routes = { [accounts.archive]: { socketPath: join(folder, 'archive', 'sock') } };
  const requestHandler = createRequestHandler({ routes, defaultAccount: accounts.archive });
  const client = new SQSClient({ ...noSigning, region: 'us-east-1', requestHandler });
  const ids = createIds('dev-local', 'bnl', 1);
  return async (body: string): Promise<void> => {
    const message = envelopeOf({ destination: '/topic/epictopic', body }, new Date().toISOString(), ids.message);
    for (const queue of [inboxes.archive, inboxes.work]) {
      const QueueUrl = `http://sqs.papilio/${accounts.archive}/${queue}`;
      await client.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(message) }));
    }
  };
};

const oneBit = (bytes: Buffer): Buffer => {
  const at = bytes.length >> 1;
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  return bytes;
};

test('messages and files that do not agree are held with their reason, never processed, and the good STF beside them is', async () => {
  const folder = join(aScratch(), 'data');
  const house = startWhole({ folder, words: ['--no-demo'] });
  await house.says(/API http/);
  mkdirSync(join(folder, 'incoming'), { recursive: true });
  const send = senderOf(folder);
  const lies: readonly Lie[] = [
    { fields: { size: 5 } },
    { fields: { checksum: 'ad:00000000' } },
    { spoil: oneBit },
    { spoil: (bytes) => bytes.subarray(0, 1000) },
    { spoil: () => Buffer.alloc(0) },
  ];
  for (const [at, lie] of lies.entries()) await announce(folder, send, at + 1, lie);
  // Nobody announced what these bytes should be: the file's own checksums tell.
  await announce(folder, send, 6, { fields: { size: undefined, checksum: undefined }, spoil: oneBit });
  await announce(folder, send, 7, {});
  const settled = () =>
    recordsOf(folder, 'work')
      .of('stf', Stf)
      .filter((stf) => stf.processing !== 'waiting');
  await expect.poll(() => settled().length, { timeout: 20_000, interval: 200 }).toBe(7);
  const outcome = new Map(settled().map((stf) => [stf.sequence, stf.processing]));
  expect([1, 2, 3, 4, 5, 6, 7].map((sequence) => outcome.get(sequence))).toEqual([
    ...Array.from({ length: 6 }, () => 'failed'),
    'processed',
  ]);
  const held = () =>
    recordsOf(folder, 'archive')
      .of('quarantine', Quarantine)
      .map((one) => one.problem.code);
  await expect.poll(held, { timeout: 10_000 }).toEqual(Array.from({ length: 6 }, () => 'stf-corrupt'));
  house.process.kill('SIGTERM');
  expect((await house.ended).code).toBe(0);
}, 40_000);
