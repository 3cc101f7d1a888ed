import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { CreateQueueCommand, ListQueuesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { SignatureV4 } from '@smithy/signature-v4';
import { expect, onTestFinished, test } from 'vitest';
import { serveEngine } from '../../../../../local/engine/server.ts';
import { Sha256 } from '../../../../../local/engine/signing/sha256.ts';
import { createVerifier } from '../../../../../local/engine/signing/verifier.ts';
import { anEngine } from '../../../../builders/an-engine.ts';

const key = { accessKeyId: 'PAPILIO1', secretAccessKey: 'the-secret-that-both-sides-know' };
const region = 'us-east-1';
const nowMs = Date.now();

/** An engine that only answers who knows the key. */
const guarded = async (): Promise<string> => {
  const engine = await anEngine();
  const keys = new Map([[key.accessKeyId, key.secretAccessKey]]);
  const server = await serveEngine({
    call: engine.call,
    listen: { port: 0 },
    guard: { verify: createVerifier(keys, { nowMs: () => nowMs, at: () => () => undefined }) },
    pages: { '/metrics': async () => ({ contentType: 'text/plain', body: 'metrics' }) },
  });
  onTestFinished(() => server.close());
  return server.address;
};

type Made = { readonly credentials?: typeof key; readonly systemClockOffset?: number };
const clientsOf = (endpoint: string, { credentials = key, systemClockOffset = 0 }: Made = {}) => {
  const options = { endpoint, region, credentials, systemClockOffset, maxAttempts: 1 };
  const clients = { sqs: new SQSClient(options), sfn: new SFNClient(options) };
  onTestFinished(() => {
    clients.sqs.destroy();
    clients.sfn.destroy();
  });
  return clients;
};

test('clients that know the key are answered', async () => {
  const { sqs, sfn } = clientsOf(await guarded());
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'stf' }));
  const sent = await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'größer  als\n\u{1F98B} %2F+' }));
  expect(sent.MessageId).toBeDefined();
  expect(await sfn.send(new ListStateMachinesCommand())).toMatchObject({ stateMachines: [] });
});

const wrongSecret = { ...key, secretAccessKey: 'the-secret-that-nobody-else-knows' };
const minuteMs = 60_000;
test.each<[string, Made, string, string]>([
  ['a wrong secret', { credentials: wrongSecret }, 'InvalidSignatureException', 'SignatureDoesNotMatch'],
  [
    'a key that nobody has',
    { credentials: { ...key, accessKeyId: 'any' } },
    'UnrecognizedClientException',
    'InvalidClientTokenId',
  ],
  ['six minutes late', { systemClockOffset: -6 * minuteMs }, 'InvalidSignatureException', 'SignatureDoesNotMatch'],
  ['six minutes early', { systemClockOffset: 6 * minuteMs }, 'InvalidSignatureException', 'SignatureDoesNotMatch'],
])('%s gets the error that AWS has for it', async (_, made, code, queryCode) => {
  const { sqs, sfn } = clientsOf(await guarded(), made);
  await expect(sfn.send(new ListStateMachinesCommand())).rejects.toMatchObject({
    name: code,
    $metadata: { httpStatusCode: 400 },
  });
  await expect(sqs.send(new ListQueuesCommand())).rejects.toMatchObject({
    name: queryCode,
    $metadata: { httpStatusCode: 403 },
  });
});

test('a clock that is four minutes off is right enough', async () => {
  const address = await guarded();
  for (const systemClockOffset of [-4 * minuteMs, 4 * minuteMs]) {
    const { sqs } = clientsOf(address, { systemClockOffset });
    await expect(sqs.send(new ListQueuesCommand())).resolves.toMatchObject({ $metadata: { httpStatusCode: 200 } });
  }
});

type Sent = {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
};

/** A request that is signed as a client does it. */
const signed = async (address: string, part: Partial<Sent> = {}, service = 'sqs'): Promise<Sent> => {
  const { host, hostname } = new URL(address);
  const target = { host, 'x-amz-target': 'AmazonSQS.ListQueues' };
  const sent = { method: 'POST', path: '/', headers: target, body: '{}', ...part };
  const signer = new SignatureV4({ credentials: key, region, service, sha256: Sha256 });
  const [path = '', search = ''] = sent.path.split('?');
  const query = Object.fromEntries(new URLSearchParams(search));
  const { headers } = await signer.sign({ ...sent, path, query, protocol: 'http:', hostname });
  return { ...sent, headers };
};

const send = (address: string, { method, path, headers, body }: Sent) =>
  new Promise<{ status: number | undefined; code: unknown }>((resolve, reject) => {
    const sent = request(address, { method, path, headers }, (response) => {
      const code = response.headers['x-amzn-errortype'];
      text(response).then(() => resolve({ status: response.statusCode, code }), reject);
    });
    sent.on('error', reject);
    sent.end(method === 'GET' ? undefined : body);
  });

const without = (headers: Record<string, string>, name: string) =>
  Object.fromEntries(Object.entries(headers).filter(([each]) => each !== name));

/** What somebody may do with a request that they saw, without the key. */
const changes: readonly [string, (sent: Sent) => Sent, string][] = [
  ['another body', (sent) => ({ ...sent, body: '{"MaxResults":1}' }), 'InvalidSignatureException'],
  [
    'another body, without the sum of the first',
    (sent) => ({ ...sent, body: '{ }', headers: without(sent.headers, 'x-amz-content-sha256') }),
    'InvalidSignatureException',
  ],
  [
    'another body, and a word that none is signed',
    (sent) => ({ ...sent, body: '{ }', headers: { ...sent.headers, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' } }),
    'InvalidSignatureException',
  ],
  [
    'another operation',
    (sent) => ({ ...sent, headers: { ...sent.headers, 'x-amz-target': 'AmazonSQS.PurgeQueue' } }),
    'InvalidSignatureException',
  ],
  [
    'an operation of another service',
    (sent) => ({ ...sent, headers: { ...sent.headers, 'x-amz-target': 'AWSStepFunctions.ListActivities' } }),
    'InvalidSignatureException',
  ],
  ['another path', (sent) => ({ ...sent, path: '/1/stf' }), 'InvalidSignatureException'],
  [
    'another time',
    (sent) => ({ ...sent, headers: { ...sent.headers, 'x-amz-date': '20200101T000000Z' } }),
    'InvalidSignatureException',
  ],
  [
    'a header less that is signed',
    ({ headers: { authorization = '', ...headers }, ...sent }) => ({
      ...sent,
      headers: { ...headers, authorization: authorization.replace(';x-amz-target', '') },
    }),
    'InvalidSignatureException',
  ],
  [
    'half a signature',
    ({ headers: { authorization = '', ...headers }, ...sent }) => ({
      ...sent,
      headers: { ...headers, authorization: authorization.slice(0, -1) },
    }),
    'InvalidSignatureException',
  ],
  [
    'headers that none has',
    ({ headers: { authorization = '', ...headers }, ...sent }) => ({
      ...sent,
      path: '/?__proto__=1&constructor=2',
      headers: { ...headers, authorization: authorization.replace('host;', 'host;__proto__;constructor;') },
    }),
    'InvalidSignatureException',
  ],
  [
    'no signature in it',
    ({ headers: { authorization = '', ...headers }, ...sent }) => ({
      ...sent,
      headers: { ...headers, authorization: authorization.replace(/, Signature=.*/, '') },
    }),
    'IncompleteSignatureException',
  ],
  [
    'another scheme',
    (sent) => ({ ...sent, headers: { ...sent.headers, authorization: 'Bearer PAPILIO1' } }),
    'IncompleteSignatureException',
  ],
  [
    'nothing that says who',
    (sent) => ({ ...sent, headers: without(sent.headers, 'authorization') }),
    'MissingAuthenticationTokenException',
  ],
];

test.each(changes)('a request with %s is refused', async (_, change, code) => {
  const address = await guarded();
  const sent = await signed(address);
  expect(await send(address, sent)).toEqual({ status: 200, code: undefined });
  expect(await send(address, change(sent))).toMatchObject({ code });
});

test('pages need a signature too', async () => {
  const address = await guarded();
  const { host } = new URL(address);
  const page = { method: 'GET', path: '/metrics?b=2&a=%20x', headers: { host }, body: '' };
  expect(await send(address, page)).toMatchObject({ status: 403, code: 'MissingAuthenticationTokenException' });
  expect(await send(address, await signed(address, page, 'states'))).toMatchObject({ status: 200 });
});
