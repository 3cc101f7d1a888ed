import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { aFolder } from '../../builders/a-folder.ts';
import { aStompSource } from '../../builders/stomp-client.ts';
import { aFrame, aStompMessage, aStompStub, beating } from '../../builders/stomp-stub.ts';

const bodies = (deliveries: readonly { frame: { body: string } }[]) => deliveries.map(({ frame }) => frame.body);

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

  test('is left when what answers does not speak in ten seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    await using stub = await aStompStub(() => '');
    const source = aStompSource(stub.url);
    const taking = source.take(1);
    await stub.whenGot('CONNECT', 1);
    vi.advanceTimersByTime(9_999);
    expect(source.breaks).toEqual([]);
    vi.advanceTimersByTime(1);
    await source.whenBroken(1);
    expect(source.breaks).toEqual([{ reason: 'no answer within 10 s', tries: 1 }]);
    await source.close();
    await taking;
  });

  test('that stands is not left, however little it says', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    await using stub = await aStompStub();
    const source = aStompSource(stub.url);
    const taking = source.take(1);
    await stub.whenGot('SUBSCRIBE', 1);
    vi.advanceTimersByTime(3_600_000);
    stub.say(aStompMessage('1', 'well'));
    expect(bodies(await taking)).toEqual(['well']);
    expect(source.breaks).toEqual([]);
  });

  test('needs no good secret and no good certificate to fail in peace', async () => {
    using folder = aFolder();
    await using stub = await aStompStub();
    const caFile = join(folder.path, 'none.pem');
    const cases = [
      { fields: { passcode: 'env:PAPILIO_NONE' }, reason: 'env:PAPILIO_NONE is not set', url: stub.url },
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
    await using stub = await aStompStub(beating(20));
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
    ['a frame without an end', 'MESSAGE\ncontent-length:99999999999\n\n', /larger than 16777216/],
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
