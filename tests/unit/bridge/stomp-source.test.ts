import { Socket } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { createIds } from '#lib/ids';
import { runBridge } from '../../../clients/bridge/bridge.ts';
import { envelopeOf } from '../../../clients/bridge/envelope.ts';
import { openStompSender } from '../../../clients/bridge/stomp-sender.ts';
import { aMessage } from '../../builders/a-message.ts';
import { aStompSource } from '../../builders/stomp-client.ts';
import { aStompMessage, aStompStub, beating } from '../../builders/stomp-stub.ts';

const bodies = (deliveries: readonly { frame: { body: string } }[]) => deliveries.map(({ frame }) => frame.body);
const ids = createIds('test', 'bnl', 1);

describe('a message of a broker', () => {
  test('is acknowledged when both planes have it, and not before', async () => {
    await using stub = await aStompStub();
    const source = aStompSource(stub.url);
    const workHasIt = Promise.withResolvers<void>();
    const workIsAsked = Promise.withResolvers<void>();
    const bridge = runBridge({
      source: source.groups,
      send: (queue) => {
        if (queue === 'archive-inbox') return Promise.resolve();
        workIsAsked.resolve();
        return workHasIt.promise;
      },
      idOf: ids.message,
      now: () => '2026-01-01T00:00:00.000Z',
      pause: async () => undefined,
      onTrouble: () => undefined,
    });
    await stub.whenGot('SUBSCRIBE', 1);
    stub.say(Buffer.concat([aStompMessage('1', aMessage('start_run').raw), aStompMessage('2', '{')]));
    await workIsAsked.promise;
    // What was sent before over another line has come before.
    const other = await openStompSender(source.broker, {});
    await other.send({ destination: '/topic/other', body: '{}' });
    await other.close();
    expect(stub.got('ACK')).toEqual([]);
    workHasIt.resolve();
    expect((await stub.whenGot('ACK', 2)).map(({ headers }) => headers.id)).toEqual(['1', '2']);
    await source.close();
    await bridge;
  });

  test('of a line that broke is not acknowledged over the next', async () => {
    await using stub = await aStompStub();
    const source = aStompSource(stub.url);
    const taking = source.take(1);
    await stub.whenGot('SUBSCRIBE', 1);
    stub.say(aStompMessage('1', 'before'));
    const [before] = await taking;
    stub.cut();
    await stub.whenGot('SUBSCRIBE', 2);
    await before?.acknowledge();
    stub.say(aStompMessage('2', 'again'));
    const [again] = await source.take(1);
    await again?.acknowledge();
    const acks = await stub.whenGot('ACK', 1);
    expect(acks.map(({ line, headers }) => [line, headers.id])).toEqual([[2, '2']]);
  });

  test('that is no UTF-8 is kept byte by byte and reads as no message', async () => {
    await using stub = await aStompStub();
    const source = aStompSource(stub.url);
    const taking = source.take(2);
    await stub.whenGot('SUBSCRIBE', 1);
    const bytes = Buffer.from([0x7b, 0xff, 0xfe, 0x7d]);
    stub.say(Buffer.concat([aStompMessage('1', bytes), aStompMessage('2', '\uFEFF{}€')]));
    const [odd, marked] = await taking;
    expect(odd?.frame.body).toBe(`base64:${bytes.toString('base64')}`);
    expect(marked?.frame.body).toBe('\uFEFF{}€');
    const { problem } = envelopeOf(
      odd?.frame ?? { destination: '', body: '' },
      '2026-01-01T00:00:00.000Z',
      ids.message,
    );
    expect(problem?.code).toBe('message-unreadable');
  });

  test('that is far too large is acknowledged, reads as no message, and holds up none', async () => {
    await using stub = await aStompStub();
    const source = aStompSource(stub.url);
    const taking = source.take(3);
    await stub.whenGot('SUBSCRIBE', 1);
    const large = Buffer.alloc(17_000_000, ' ').fill(aMessage('start_run').raw, 0, 200);
    stub.say(Buffer.concat([aStompMessage('1', 'before'), aStompMessage('2', large), aStompMessage('3', 'after')]));
    const three = await taking;
    for (const { acknowledge } of three) await acknowledge();
    expect((await stub.whenGot('ACK', 3)).map(({ headers }) => headers.id)).toEqual(['1', '2', '3']);
    const [, short] = bodies(three);
    expect(short).toMatch(/^cut short, of more than was waited for: \{"msg_type"/);
    expect(short?.length).toBeLessThan(70_000);
    expect(source.breaks).toEqual([]);
  });

  test('beyond four times the prefetch has the socket held until others are acknowledged', async () => {
    const pause = vi.spyOn(Socket.prototype, 'pause');
    const resume = vi.spyOn(Socket.prototype, 'resume');
    await using stub = await aStompStub();
    const source = aStompSource(stub.url, { prefetch: 2 });
    const taking = source.take(8);
    await stub.whenGot('SUBSCRIBE', 1);
    const messages = Array.from({ length: 9 }, (_, at) => aStompMessage(`${at}`, `${at}`));
    stub.say(Buffer.concat(messages.slice(0, 8)));
    const eight = await taking;
    expect(pause).not.toHaveBeenCalled();
    stub.say(messages[8] ?? '');
    const [ninth] = await source.take(1);
    expect(pause).toHaveBeenCalledTimes(1);
    resume.mockClear();
    for (const { acknowledge } of eight.slice(0, 6)) await acknowledge();
    expect(resume).not.toHaveBeenCalled();
    await eight[6]?.acknowledge();
    expect(resume).toHaveBeenCalledTimes(1);
    await eight[7]?.acknowledge();
    await ninth?.acknowledge();
    expect(await stub.whenGot('ACK', 9)).toHaveLength(9);
  });

  test('that came before the line broke is handed on: a topic does not say it again', async () => {
    await using stub = await aStompStub();
    const source = aStompSource(stub.url, { prefetch: 2 });
    const taking = source.take(1);
    await stub.whenGot('SUBSCRIBE', 1);
    stub.say(aStompMessage('1', '1'));
    await taking;
    stub.say(Buffer.concat(['2', '3', '4'].map((id) => aStompMessage(id, id))));
    stub.cut();
    await source.whenBroken(1);
    const waited = source.take(3);
    await stub.whenGot('SUBSCRIBE', 2);
    stub.say(aStompMessage('5', '5'));
    // As many as the prefetch: what waited beyond it would grow with every break.
    expect(bodies(await waited)).toEqual(['2', '3', '5']);
  });

  test('of a line that broke counts no more, nor does its late acknowledgement', async () => {
    const pause = vi.spyOn(Socket.prototype, 'pause');
    await using stub = await aStompStub();
    const source = aStompSource(stub.url, { prefetch: 1 });
    const messages = Buffer.concat(Array.from({ length: 4 }, (_, at) => aStompMessage(`${at}`, `${at}`)));
    const taking = source.take(4);
    await stub.whenGot('SUBSCRIBE', 1);
    stub.say(messages);
    const before = await taking;
    stub.cut();
    await stub.whenGot('SUBSCRIBE', 2);
    for (const { acknowledge } of before) await acknowledge();
    stub.say(messages);
    await source.take(4);
    expect(pause).not.toHaveBeenCalled();
    stub.say(aStompMessage('5', '5'));
    await source.take(1);
    expect(pause).toHaveBeenCalledTimes(1);
  });

  test('while the socket is held, the silence of the broker is none', async () => {
    await using stub = await aStompStub(beating(100));
    const source = aStompSource(stub.url, { prefetch: 1, heartbeatMs: 100 });
    const taking = source.take(5);
    await stub.whenGot('SUBSCRIBE', 1);
    stub.say(Buffer.concat(Array.from({ length: 5 }, (_, at) => aStompMessage(`${at}`, `${at}`))));
    const held = await taking;
    const before = stub.got('BEAT').length;
    await stub.whenGot('BEAT', before + 4);
    expect(source.breaks).toEqual([]);
    for (const { acknowledge } of held) await acknowledge();
    expect((await stub.whenGot('ACK', 5)).every(({ line }) => line === 1)).toBe(true);
  });
});
