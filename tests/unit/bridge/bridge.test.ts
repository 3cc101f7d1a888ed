import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createIds } from '#lib/ids';
import { createChecksums } from '#lib/model/checksum';
import { readDaqBody } from '#schema/daq-dialects';
import type { DaqMessage } from '#schema/daq-message';
import { type BridgeOptions, type Delivery, runBridge } from '../../../clients/bridge/bridge.ts';
import { withFile } from '../../../local/sim/daq/replay-files.ts';
import { aFolder } from '../../builders/a-folder.ts';
import { aMessage, anStfMessage } from '../../builders/a-message.ts';

const good = [aMessage('start_run').raw, anStfMessage(1).raw, anStfMessage(2).raw];

/** A bridge whose queues fail as they are told, and what happened to it, in order. */
const aBridge = (
  bodies: readonly (readonly string[])[],
  fails: (queue: string, call: number) => boolean = () => false,
) => {
  const happened: string[] = [];
  const sent: Record<string, DaqMessage[]> = { 'archive-inbox': [], 'work-inbox': [] };
  const calls: Record<string, number> = {};
  async function* source(): AsyncGenerator<Delivery[]> {
    for (const [group, some] of bodies.entries())
      yield some.map((body, at) => ({
        frame: { destination: '/topic/x', body },
        acknowledge: async () => {
          happened.push(`ack ${group}.${at}`);
        },
      }));
  }
  const options: BridgeOptions = {
    source: source(),
    send: async (queue, messages) => {
      const call = (calls[queue] ?? 0) + 1;
      calls[queue] = call;
      if (fails(queue, call)) throw new Error(`${queue} is away`);
      happened.push(`${queue} ${messages.length}`);
      sent[queue]?.push(...messages);
    },
    idOf: createIds('test', 'bnl', 1).message,
    now: () => '2026-01-01T00:00:00.000Z',
    pause: async (tries) => {
      happened.push(`pause ${tries}`);
    },
    onTrouble: (reason) => happened.push(reason),
  };
  return { happened, sent, run: () => runBridge(options) };
};

describe('the bridge', () => {
  test('sends what came together together, and acknowledges only when both queues have it', async () => {
    const { happened, run } = aBridge([good.slice(0, 2), good.slice(2)]);
    await run();
    expect(happened).toEqual([
      'archive-inbox 2',
      'work-inbox 2',
      'ack 0.0',
      'ack 0.1',
      'archive-inbox 1',
      'work-inbox 1',
      'ack 1.0',
    ]);
  });

  test('sends what it cannot read to the archive plane only', async () => {
    const { sent, run } = aBridge([['{', good[0] ?? ''], ['hello']]);
    await run();
    expect(sent['archive-inbox']?.map(({ problem }) => problem?.code)).toEqual([
      'message-unreadable',
      undefined,
      'message-unreadable',
    ]);
    expect(sent['work-inbox']).toHaveLength(1);
  });

  test.each(['archive-inbox', 'work-inbox'])(
    'waits while %s is away, goes on by itself, and sends nothing twice',
    async (away) => {
      const { happened, sent, run } = aBridge([good], (queue, call) => queue === away && call <= 3);
      await run();
      expect(happened.filter((one) => one.startsWith('pause'))).toEqual(['pause 1', 'pause 2', 'pause 3']);
      expect(happened.filter((one) => one === `${away} is away`)).toHaveLength(3);
      const lastSend = happened.findLastIndex((one) => one.includes('inbox 3'));
      expect(happened.findIndex((one) => one.startsWith('ack'))).toBeGreaterThan(lastSend);
      for (const queue of Object.values(sent)) expect(new Set(queue.map(({ id }) => id)).size).toBe(queue.length);
      expect(Object.values(sent).map((queue) => queue.length)).toEqual([3, 3]);
    },
  );

  test('a group of nothing readable is acknowledged without a word to the work plane', async () => {
    const { happened, run } = aBridge([['{'], []]);
    await run();
    expect(happened).toEqual(['archive-inbox 1', 'ack 0.0']);
  });
});

describe('the files of a replay', () => {
  const files = (folder: string) => ({
    folder: join(folder, 'incoming'),
    sizeBytes: 1_000_000,
    seed: 1,
    tfsPerStf: 20,
    bxPerTf: 65_536,
  });

  test('a message gets the true size and checksum of its file, and keeps what was recorded', async () => {
    using folder = aFolder();
    const recorded = {
      msg_type: 'stf_gen',
      run_id: 1001,
      filename: 'swf.001001.000003.stf',
      start: '20261124063913059750',
    };
    const body = JSON.stringify({ ...recorded, size: 158, checksum: 'ad:d5702930', req_id: 1 });
    const given = JSON.parse(await withFile(body, files(folder.path)));
    const bytes = readFileSync(join(folder.path, 'incoming', 'swf.001001.000003.stf'));
    const checksums = createChecksums();
    checksums.update(bytes);
    expect(given).toEqual({
      ...recorded,
      req_id: 1,
      size: bytes.length,
      checksum: `ad:${checksums.digest().adler32}`,
      recorded: { size: 158, checksum: 'ad:d5702930' },
    });
    expect(await withFile(body, files(folder.path))).toBe(JSON.stringify(given));
    expect(readDaqBody(JSON.stringify(given))).toMatchObject({ dialect: 'daqsim', fact: { sizeBytes: bytes.length } });
  });

  test('a message without size and checksum has nothing to keep', async () => {
    using folder = aFolder();
    expect(JSON.parse(await withFile(anStfMessage(1).raw, files(folder.path)))).not.toHaveProperty('recorded');
  });

  test('what names no file, or no legal one, stays as it is', async () => {
    using folder = aFolder();
    const hostile = anStfMessage(1).raw.replace('swf.102363.000001.stf', '../../x');
    for (const body of [aMessage('start_run').raw, hostile, '{', ''])
      expect(await withFile(body, files(folder.path))).toBe(body);
  });

  test('a message too deep to be written again stays as it is', async () => {
    using folder = aFolder();
    const deep = anStfMessage(1).raw.replace('{', `{"a":${'['.repeat(200_000)}${']'.repeat(200_000)},`);
    expect(await withFile(deep, files(folder.path))).toBe(deep);
  });
});
