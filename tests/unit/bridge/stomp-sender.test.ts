import { describe, expect, test } from 'vitest';
import { brokerOf } from '../../../clients/bridge/brokers.ts';
import { openStompSender } from '../../../clients/bridge/stomp-sender.ts';
import { aStompStub } from '../../builders/stomp-stub.ts';

const aBroker = (url: string) => ({ ...brokerOf(url, ['/topic/epictopic']), heartbeatMs: 0 });
const frame = (body: string) => ({ destination: '/topic/epictopic', body });

describe('a sender', () => {
  test('gives the headers that subscribers select by, where the text is one for a header', async () => {
    await using stub = await aStompStub();
    const sender = await openStompSender(aBroker(stub.url), {});
    const bodies = [
      { msg_type: 'stf_gen', namespace: 'prod', run_id: 1001 },
      { msg_type: 'x\nreceipt:y', namespace: 'dev' },
      { msg_type: 7 },
    ].map((body) => JSON.stringify(body));
    for (const body of [...bodies, '{']) await sender.send(frame(body));
    await sender.close();
    const common = { destination: '/topic/epictopic', persistent: 'true', vo: 'eic' };
    expect(stub.got('SEND').map(({ headers, body }) => ({ ...headers, body }))).toMatchObject([
      { ...common, msg_type: 'stf_gen', namespace: 'prod', run_id: '1001', body: bodies[0] },
      { ...common, namespace: 'dev', body: bodies[1] },
      { ...common, body: bodies[2] },
      { ...common, body: '{' },
    ]);
    for (const { headers } of stub.got('SEND').slice(1)) expect(headers).not.toHaveProperty('msg_type');
    expect(stub.got('DISCONNECT')).toHaveLength(1);
  });

  test('says that a message is sent when the broker has it, and fails if the line breaks before', async () => {
    await using stub = await aStompStub(({ command, body }) => (command === 'SEND' && body === '2' ? '' : undefined));
    const sender = await openStompSender(aBroker(stub.url), {});
    await sender.send(frame('1'));
    const second = sender.send(frame('2')).catch((error: unknown) => error);
    await stub.whenGot('SEND', 2);
    stub.cut();
    expect(String(await second)).toContain(`${stub.url}: the line was closed`);
    await expect(sender.send(frame('3'))).rejects.toThrow();
  });

  test('is not opened where nobody answers', async () => {
    const stub = await aStompStub();
    await stub[Symbol.asyncDispose]();
    await expect(openStompSender(aBroker(stub.url), {})).rejects.toThrow('ECONNREFUSED');
  });
});
