import { expect, onTestFinished, test } from 'vitest';
import { askPeers } from '../../../../../local/engine/integrations/ask-peers.ts';
import { serveEngine } from '../../../../../local/engine/server.ts';
import { anEngine } from '../../../../builders/an-engine.ts';

const peer = '222222222222';

const aPeer = async () => {
  const engine = await anEngine({ account: peer });
  await engine.call('sqs', 'CreateQueue', { QueueName: 'q' });
  const server = await serveEngine({ call: engine.call, listen: { port: 0 } });
  onTestFinished(() => server.close());
  return { server, engine, ask: askPeers({ [peer]: { port: Number(new URL(server.address).port) } }) };
};

const message = { QueueUrl: `http://127.0.0.1/${peer}/q`, MessageBody: 'b' };

test('a peer is asked by its account, and answers', async () => {
  const { engine, ask } = await aPeer();
  expect(await ask(peer, 'sqs', 'SendMessage', message)).toMatchObject({ MessageId: expect.any(String) });
  expect(engine.stats().queues).toMatchObject({ q: { ready: 1 } });
});

test('what a peer refuses is refused by its name', async () => {
  const { ask } = await aPeer();
  const QueueUrl = `http://127.0.0.1/${peer}/nowhere`;
  await expect(ask(peer, 'sqs', 'SendMessage', { ...message, QueueUrl })).rejects.toMatchObject({
    code: 'QueueDoesNotExist',
    status: 400,
  });
  await expect(ask('333333333333', 'sqs', 'ListQueues', {})).rejects.toMatchObject({ code: 'InvalidAddress' });
});

test('a peer that has stopped does not answer', async () => {
  const { server, ask } = await aPeer();
  await server.close();
  await expect(ask(peer, 'sqs', 'SendMessage', message)).rejects.toMatchObject({ name: 'PeerAway' });
});
