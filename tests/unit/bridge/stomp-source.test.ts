import { Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { createIds } from '#lib/ids';
import { runBridge } from '../../../clients/bridge/bridge.ts';
import { envelopeOf } from '../../../clients/bridge/envelope.ts';
import { openStompSender } from '../../../clients/bridge/stomp-sender.ts';
import { aFolder } from '../../builders/a-folder.ts';
import { aMessage } from '../../builders/a-message.ts';
import { aStompSource } from '../../builders/stomp-client.ts';
import { aFrame, aStompMessage, aStompStub, type ClientFrame } from '../../builders/stomp-stub.ts';

const bodies = (deliveries: readonly { frame: { body: string } }[]) => deliveries.map(({ frame }) => frame.body);
const ids = createIds('test', 'bnl', 1);
const connected = (heartBeat: string) => (frame: ClientFrame) =>
  frame.command === 'CONNECT' ? String(aFrame('CONNECTED', { version: '1.2', 'heart-beat': heartBeat })) : undefined;

describe('a line to a broker', () => {
  test('says who it is, when it beats, what it listens to and how much it takes', async () => {
    await using stub = await aStompStub();
    const selector = "msg_type = 'stf_gen'";
    const source = aStompSource(stub.url, {
      ...{ login: 'papilio', passcode: 'env:PAPILIO_TEST_SECRET', vhost: 'epic', clientId: 'papilio-bnl' },
      ...{ heartbeatMs: 30_000, prefetch: 7 },
      subscriptions: [
        { destination: '/topic/a', selector, headers: { 'durable-subscription-name': 'papilio', ack: 'auto' } },
        { destination: '/queue/b', headers: {} },
      ],
    });
    const taking = source.take(1);
    const subscriptions = await stub.whenGot('SUBSCRIBE', 2);
    expect(stub.got('CONNECT')[0]?.headers).toMatchObject({
      ...{ login: 'papilio', passcode: 'lepidoptera', host: 'epic', 'client-id': 'papilio-bnl' },
      ...{ 'heart-beat': '30000,30000', 'accept-version': expect.stringContaining('1.2') },
    });
    const common = { ack: 'client-individual', 'prefetch-count': '7' };
    expect(subscriptions.map(({ headers }) => headers)).toMatchObject([
      { ...common, destination: '/topic/a', selector, 'durable-subscription-name': 'papilio' },
      { ...common, destination: '/queue/b' },
    ]);
    expect(subscriptions[1]?.headers).not.toHaveProperty('selector');
    await source.close();
    await taking;
  });

  test('counts as connected when the broker has confirmed every subscription', async () => {
    await using stub = await aStompStub(({ command, headers }) =>
      command === 'SUBSCRIBE' && headers.destination === '/queue/b' ? '' : undefined,
    );
    const subscriptions = ['/topic/a', '/queue/b'].map((destination) => ({ destination, headers: {} }));
    const source = aStompSource(stub.url, { subscriptions });
    const taking = source.take(1);
    await stub.whenGot('SUBSCRIBE', 2);
    stub.say(aStompMessage('1', 'of the first'));
    expect(bodies(await taking)).toEqual(['of the first']);
    expect(source.connects()).toBe(0);
    stub.say(Buffer.concat([aFrame('RECEIPT', { 'receipt-id': 'papilio-1' }), aStompMessage('2', 'x', 'papilio-1')]));
    await source.take(1);
    expect(source.connects()).toBe(1);
  });

  test('is made again after pauses that count how often it broke', async () => {
    let refusals = 3;
    await using stub = await aStompStub(({ command }) => {
      if (command !== 'SUBSCRIBE' || refusals === 0) return undefined;
      refusals -= 1;
      return String(aFrame('ERROR', { message: 'not today' }, 'queue is\naway'));
    });
    const source = aStompSource(stub.url);
    const taking = source.take(1);
    await stub.whenGot('SUBSCRIBE', 4);
    stub.say(aStompMessage('1', 'at last'));
    await taking;
    expect(source.breaks).toEqual([1, 2, 3].map((tries) => ({ reason: 'not today: queue is away', tries })));
  });

  test('that nobody answers is tried again, and says why', async () => {
    const stub = await aStompStub();
    await stub[Symbol.asyncDispose]();
    const source = aStompSource(stub.url);
    const taking = source.take(1);
    await source.whenBroken(3);
    expect(source.breaks[0]?.reason).toContain('ECONNREFUSED');
    await source.close();
    expect(await taking).toEqual([]);
  });

  test('needs no good secret and no good certificate to fail in peace', async () => {
    using folder = aFolder();
    await using stub = await aStompStub();
    const caFile = join(folder.path, 'none.pem');
    const cases = [
      { fields: { passcode: 'env:PAPILIO_NONE' }, reason: 'env:PAPILIO_NONE names no secret', url: stub.url },
      { fields: { tls: { caFile } }, reason: caFile, url: stub.url.replace('stomp:', 'stomp+ssl:') },
    ];
    for (const { fields, reason, url } of cases) {
      const source = aStompSource(url, fields);
      const taking = source.take(1);
      await source.whenBroken(2);
      expect(source.breaks[0]?.reason).toContain(reason);
      await source.close();
      await taking;
    }
  });

  test('repeats no secret that a broker repeats', async () => {
    await using stub = await aStompStub(({ command }) =>
      command === 'CONNECT' ? String(aFrame('ERROR', { message: 'bad passcode lepidoptera' })) : undefined,
    );
    const source = aStompSource(stub.url, { login: 'x', passcode: 'env:PAPILIO_TEST_SECRET' });
    const taking = source.take(1);
    await source.whenBroken(1);
    expect(source.breaks[0]?.reason).toBe('bad passcode ***');
    await source.close();
    await taking;
  });

  test('is left when the broker falls silent, and made again', async () => {
    await using stub = await aStompStub(connected('20,20'));
    const source = aStompSource(stub.url, { heartbeatMs: 20 });
    const taking = source.take(1);
    const [, again] = await stub.whenGot('SUBSCRIBE', 2);
    expect(again?.line).toBe(2);
    expect(source.breaks[0]?.reason).toBe('no heart-beat came in time');
    await source.close();
    await taking;
  });

  test.each([
    ['a frame without a command', 'hello\n\n\0', /malformed/],
    ['a web server', 'HTTP/1.1 200 OK\r\n\r\n', /malformed/],
    ['a head without an end', 'MESSAGE\n'.padEnd(70_000, 'a:b\n'), /head is larger/],
    ['a huge frame', 'MESSAGE\ncontent-length:99999999999\n\n', /larger than 16777216/],
  ])('%s breaks it, and nothing else', async (_, said, reason) => {
    await using stub = await aStompStub();
    const source = aStompSource(stub.url);
    const taking = source.take(1);
    await stub.whenGot('SUBSCRIBE', 1);
    stub.say(said);
    await stub.whenGot('SUBSCRIBE', 2);
    stub.say(aStompMessage('1', 'well'));
    expect(bodies(await taking)).toEqual(['well']);
    expect(source.breaks).toEqual([{ reason: expect.stringMatching(reason), tries: 1 }]);
  });

  test.each([
    ['an unknown command', aFrame('WELCOME', { a: 'b' })],
    ['a message of no subscription of ours', aStompMessage('0', 'stray', 'other')],
    ['a message without headers', aFrame('MESSAGE', {})],
    ['a receipt that nobody waits for', aFrame('RECEIPT', { 'receipt-id': 'papilio-99' })],
    ['a header that is a trap', aFrame('MESSAGE', { __proto__x: '1', constructor: '2', subscription: 'toString' })],
  ])('%s is passed over', async (_, frame) => {
    await using stub = await aStompStub();
    const source = aStompSource(stub.url);
    const taking = source.take(1);
    await stub.whenGot('SUBSCRIBE', 1);
    stub.say(Buffer.concat([frame, aStompMessage('1', 'well')]));
    expect(bodies(await taking)).toEqual(['well']);
    expect(source.breaks).toEqual([]);
  });
});

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
    await using stub = await aStompStub(connected('100,100'));
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
