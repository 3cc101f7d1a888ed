import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { GetQueueUrlCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createRequestHandler } from '../../../../local/engine/request-handler.ts';
import { type Listen, type PortGuard, serveEngine } from '../../../../local/engine/server.ts';
import { clientOf } from '../../../builders/a-queue.ts';
import { account, aFolder, anEngine } from '../../../builders/an-engine.ts';

async function served(listen: Listen = { port: 0 }, guard: PortGuard = {}) {
  const engine = await anEngine();
  const server = await serveEngine({
    call: engine.call,
    listen,
    guard,
    pages: { '/metrics': async () => ({ contentType: 'text/plain', body: 'fine' }) },
    bodyLimitBytes: 10_000,
    extraRoute: (incoming, response) => {
      if (incoming.url !== '/status') return false;
      response.end('fine');
      return true;
    },
  });
  onTestFinished(() => server.close());
  return { engine, server };
}

const post = (address: string, target: string, body: string) =>
  fetch(address, { method: 'POST', body, headers: { 'x-amz-target': target } });

test.each([
  ['bad JSON', 'AmazonSQS.ListQueues', '{"a":', 'SerializationException', 400],
  ['an unknown target', 'AmazonS3.PutObject', '{}', 'UnknownOperationException', 400],
  ['no target', '', '{}', 'UnknownOperationException', 400],
  ['an unknown operation', 'AmazonSQS.constructor', '{}', 'UnknownOperationException', 400],
  ['a body that is too large', 'AmazonSQS.ListQueues', ' '.repeat(20_000), 'RequestEntityTooLargeException', 413],
])('%s gets the error that AWS has for it', async (_, target, body, code, status) => {
  const { server } = await served();
  const response = await post(server.address, target, body);
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/x-amz-json-1.0');
  expect(response.headers.get('x-amzn-errortype')).toBe(code);
  expect(response.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
  expect(await response.json()).toMatchObject({ __type: `com.amazonaws.sqs#${code}` });
});

test('an error carries the name of the older query protocol besides its own', async () => {
  const { server } = await served();
  const response = await post(server.address, 'AmazonSQS.GetQueueUrl', '{"QueueName":"nowhere"}');
  expect(response.headers.get('x-amzn-query-error')).toBe('AWS.SimpleQueueService.NonExistentQueue;Sender');
  expect(await response.json()).toEqual({
    __type: 'com.amazonaws.sqs#QueueDoesNotExist',
    message: 'The specified queue does not exist.',
  });
});

test('a queue URL leads back to the host under which it was asked for', async () => {
  const { server } = await served();
  const local = server.address.replace('127.0.0.1', 'localhost');
  const created = await (await post(local, 'AmazonSQS.CreateQueue', '{"QueueName":"stf"}')).json();
  expect(created).toEqual({ QueueUrl: `${local}/${account}/stf` });
  const listed = await (await post(server.address, 'AmazonSQS.ListQueues', '{}')).json();
  expect(listed).toEqual({ QueueUrls: [`${server.address}/${account}/stf`] });
});

/** What `fetch` does not let one say: a foreign Host, more than one, a URI in full. */
const ask = (address: string, { path = '/', method = 'POST', headers }: Asked) =>
  new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    const { port } = new URL(address);
    const sent = request({ host: '127.0.0.1', port, path, method, headers, setHost: false }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode, body }), reject);
    });
    sent.on('error', reject);
    sent.end(method === 'POST' ? '{}' : undefined);
  });
type Asked = { readonly path?: string; readonly method?: string; readonly headers: readonly string[] };

const listQueues = ['x-amz-target', 'AmazonSQS.ListQueues'];

test.each<[string, Asked]>([
  ['a foreign name (DNS rebinding)', { headers: ['Host', 'evil.example'] }],
  ['a foreign name with a port', { headers: ['Host', 'evil.example:4566'] }],
  ['a name that only begins like this machine', { headers: ['Host', 'localhost.evil.example'] }],
  ['a name with a user before it', { headers: ['Host', 'evil@localhost'] }],
  ['two names', { headers: ['Host', 'localhost', 'Host', 'evil.example'] }],
  ['no name', { headers: [] }],
  ['a URI in full', { path: 'http://evil.example/', headers: ['Host', 'localhost'] }],
  ['a page of its own foreign name', { headers: ['Host', 'evil.example', 'Origin', 'http://evil.example'] }],
  ['a page of another origin', { headers: ['Host', 'localhost', 'Origin', 'http://evil.example'] }],
  ['a page in a sandbox', { headers: ['Host', 'localhost', 'Origin', 'null'] }],
  ['a page that asks without an origin', { headers: ['Host', 'localhost', 'Sec-Fetch-Site', 'cross-site'] }],
  ['a page of another port', { headers: ['Host', 'localhost', 'Sec-Fetch-Site', 'same-site'] }],
])('%s is refused at a port, by the operations and by the pages', async (_, asked) => {
  const { server } = await served();
  const headers = [...asked.headers, ...listQueues];
  for (const [path, method] of [
    ['/', 'POST'],
    ['/metrics', 'GET'],
  ] as const) {
    const answer = await ask(server.address, { path: (asked.path ?? path).replace(/\/$/, path), method, headers });
    expect([403, 400]).toContain(answer.status);
    expect(answer.body).not.toContain('QueueUrls');
    expect(answer.body).not.toContain('http://evil.example/');
  }
});

test('programs may ask under the names that the operator gives, and queue URLs lead back there', async () => {
  const { server } = await served({ port: 0 }, { hostNames: ['Host.docker.internal'] });
  for (const host of ['host.docker.internal:4566', 'LOCALHOST:4566', 'sync-localhost:4566', '[::1]', '127.0.0.1:1']) {
    const headers = ['Host', host, 'x-amz-target', 'AmazonSQS.CreateQueue'];
    const { status, body } = await ask(server.address, { headers });
    expect([host, status, body]).toEqual([host, 400, expect.stringContaining('QueueName')]);
  }
  await post(server.address, 'AmazonSQS.CreateQueue', '{"QueueName":"stf"}');
  const { body } = await ask(server.address, { headers: ['Host', 'host.docker.internal:4566', ...listQueues] });
  expect(JSON.parse(body)).toEqual({ QueueUrls: [`http://host.docker.internal:4566/${account}/stf`] });
});

test('a person who opens the metrics in a browser sees them', async () => {
  const { server } = await served();
  const headers = ['Host', 'localhost:4566', 'Sec-Fetch-Site', 'none', 'Sec-Fetch-Mode', 'navigate'];
  expect(await ask(server.address, { path: '/metrics', method: 'GET', headers })).toEqual({
    status: 200,
    body: 'fine',
  });
});

test('other routes live beside the protocol on a socket', async () => {
  const socketPath = join(await aFolder(), 'sock');
  const { server } = await served({ socketPath });
  expect(server.address).toBe(socketPath);
  const answer = new Promise<string>((resolve, reject) => {
    const ask = request({ socketPath, path: '/status' }, (response) => {
      response.setEncoding('utf8');
      response.on('data', resolve);
    });
    ask.on('error', reject);
    ask.end();
  });
  expect(await answer).toBe('fine');
});

test('closing answers a long poll and takes no more', async () => {
  const { engine, server } = await served();
  await engine.call('sqs', 'CreateQueue', { QueueName: 'stf' });
  const body = JSON.stringify({ QueueUrl: `${server.address}/${account}/stf`, WaitTimeSeconds: 20 });
  const poll = post(server.address, 'AmazonSQS.ReceiveMessage', body);
  // A request that is answered behind it shows that the poll has arrived.
  await post(server.address, 'AmazonSQS.ListQueues', '{}');
  await server.close();
  expect(await (await poll).json()).toEqual({});
  await expect(post(server.address, 'AmazonSQS.ListQueues', '{}')).rejects.toThrow();
});

test('a call goes to the engine of the account that it names, here or behind a socket', async () => {
  const socketPath = join(await aFolder(), 'sock');
  const other = '222222222222';
  const near = await anEngine();
  const far = await anEngine({ account: other });
  const server = await serveEngine({ call: far.call, listen: { socketPath } });
  onTestFinished(() => server.close());
  for (const engine of [near, far]) await engine.call('sqs', 'CreateQueue', { QueueName: 'inbox' });
  const handler = createRequestHandler({
    routes: { [account]: near, [other]: { socketPath } },
    defaultAccount: account,
  });
  onTestFinished(() => handler.destroy());
  const client = clientOf(near, handler);
  const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: 'inbox', QueueOwnerAWSAccountId: other }));
  expect(QueueUrl).toContain(`/${other}/`);
  await client.send(new SendMessageCommand({ QueueUrl, MessageBody: `not "QueueUrl":"http://x/${account}/inbox"` }));
  expect(near.stats().queues.inbox?.ready).toBe(0);
  expect(far.stats().queues.inbox?.ready).toBe(1);
  expect((await client.send(new ReceiveMessageCommand({ QueueUrl }))).Messages).toHaveLength(1);
});

test('a peer that is away gives an error which the SDK tries again', async () => {
  const client = clientOf({ socketPath: join(await aFolder(), 'nobody') });
  await expect(client.send(new GetQueueUrlCommand({ QueueName: 'x' }))).rejects.toMatchObject({
    name: 'PeerAway',
    $retryable: {},
  });
});

test('a caller that gives up in process ends its long poll', async () => {
  const engine = await anEngine();
  await engine.call('sqs', 'CreateQueue', { QueueName: 'stf' });
  const QueueUrl = `http://127.0.0.1/${account}/stf`;
  const gone = new AbortController();
  const client = clientOf(engine);
  const poll = client.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }), { abortSignal: gone.signal });
  gone.abort();
  await expect(poll).rejects.toMatchObject({ name: 'AbortError' });
});

test('who is connected and never sends a request does not hold up the end', async () => {
  const { server } = await served();
  const silent = connect(Number(new URL(server.address).port), '127.0.0.1');
  await once(silent, 'connect');
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const closed = server.close();
  const cutOff = once(silent, 'close');
  await vi.advanceTimersByTimeAsync(2_000);
  await Promise.all([closed, cutOff]);
});
