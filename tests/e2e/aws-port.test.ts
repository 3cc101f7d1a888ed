import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import {
  CreateStateMachineCommand,
  ListStateMachinesCommand,
  SFNClient,
  StartExecutionCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import {
  ListQueuesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { makeId } from '#lib/model/ids';
import { newToken } from '../../functions/api/machine-tokens.ts';
import { accounts } from '../../functions/catalog.ts';
import type { AwsPort } from '../../local/plane/aws-port.ts';
import { freePort } from '../../local/stack/parts/free-port.ts';
import { frontOf } from '../../local/supervisor/front-client.ts';
import { type House, startHouse } from '../../local/supervisor/house.ts';
import { aCommand } from '../builders/a-command.ts';
import { spawnEngineProcess } from '../builders/an-engine-process.ts';
import { plainEnvironment } from '../builders/plain-environment.ts';

/** What may be done at the ports of `--aws-port`, with the processes that papilio really starts. */
const scratch = mkdtempSync(join(tmpdir(), 'papilio-aws-port-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 }));

const region = 'us-east-1';
const key = { accessKeyId: 'PAPILIO1', secretAccessKey: 'the-secret-that-both-sides-know' };
const keysFile = [
  '[default]',
  `aws_access_key_id=${key.accessKeyId}`,
  `aws_secret_access_key=${key.secretAccessKey}`,
].join('\n');
const anyKey = { accessKeyId: 'any', secretAccessKey: 'any' };

const started = async (name: string, more: Partial<AwsPort>): Promise<{ house: House; port: number }> => {
  const port = await freePort();
  const folder = join(scratch, name);
  const house = await startHouse({ folder, port: 0, awsPort: { ...more, port }, environment: { ...plainEnvironment } });
  onTestFinished(() => house.stop());
  return { house, port };
};

const clientsAt = (port: number, credentials: typeof key) => {
  const options = { endpoint: `http://127.0.0.1:${port}`, region, credentials, maxAttempts: 1 };
  const clients = { sqs: new SQSClient(options), sfn: new SFNClient(options) };
  onTestFinished(() => {
    clients.sqs.destroy();
    clients.sfn.destroy();
  });
  return clients;
};

const steerTokens = `http://127.0.0.1/${accounts.work}/steer-tokens`;

/** The order to make an administrator's token of which the forger knows the secret, as the front would send it. */
const forged = ({ instance }: House) => {
  const idHex = randomBytes(8).toString('hex');
  const id = makeId(instance, 'token', idHex);
  const { text: token, hashSha256 } = newToken(id, randomBytes(32));
  const data = { name: 'forged', owner: 'director', roles: ['admin'], facilities: [], days: 1, hashSha256 };
  const command = aCommand('token.create', id, { id: makeId(instance, 'command', idHex), by: 'director', data });
  return { token, MessageBody: JSON.stringify({ ...command, at: new Date().toISOString() }) };
};

/** What the front says of the holder of a token. */
const whoIs = async ({ folder }: House, token: string) => {
  const { baseUrl } = await frontOf(folder);
  const answer = await fetch(`${baseUrl}/v1/me`, { headers: { authorization: `Bearer ${token}` } });
  return { status: answer.status, said: await answer.text() };
};

/** What a page makes a browser send: to its own name, which leads to this machine. */
const fromPage = (port: number, target: string, input: object, headers: Readonly<Record<string, string>>) =>
  new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    const asked = { 'x-amz-target': target, 'content-type': 'text/plain', ...headers };
    const sent = request({ host: '127.0.0.1', port, method: 'POST', headers: asked }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode, body }), reject);
    });
    sent.on('error', reject);
    sent.end(JSON.stringify(input));
  });

test('at a port that is not opened for acts nobody orders papilio about: no page, and no program', async () => {
  const { house, port } = await started('reading', {});
  const { token, MessageBody } = forged(house);
  const rebinding = { host: 'evil.example', origin: 'http://evil.example' };
  for (const headers of [rebinding, { host: 'evil.example' }, { origin: 'http://evil.example' }]) {
    const order = await fromPage(port, 'AmazonSQS.SendMessage', { QueueUrl: steerTokens, MessageBody }, headers);
    expect(order).toMatchObject({ status: 403, body: expect.stringContaining('AccessDeniedException') });
    const listed = await fromPage(port, 'AmazonSQS.ListQueues', {}, headers);
    expect([listed.status, listed.body]).toEqual([403, expect.not.stringContaining('steer-tokens')]);
  }

  const { sqs } = clientsAt(port, anyKey);
  const archive = clientsAt(port + 1, anyKey);
  const { QueueUrls } = await sqs.send(new ListQueuesCommand());
  expect(QueueUrls).toContain(`http://127.0.0.1:${port}/${accounts.work}/steer-tokens`);
  const { stateMachines = [] } = await archive.sfn.send(new ListStateMachinesCommand());
  const stateMachineArn = stateMachines.find(({ name }) => name === 'archive-stf')?.stateMachineArn ?? '';
  const definition = '{"StartAt":"Done","States":{"Done":{"Type":"Succeed"}}}';
  const roleArn = `arn:aws:iam::${accounts.archive}:role/any`;
  const refused = { name: expect.stringMatching(/^AccessDenied/), message: expect.stringContaining('--aws-acts') };
  const acts = [
    () => sqs.send(new SendMessageCommand({ QueueUrl: steerTokens, MessageBody })),
    () => sqs.send(new PurgeQueueCommand({ QueueUrl: steerTokens })),
    () => sqs.send(new ReceiveMessageCommand({ QueueUrl: steerTokens })),
    () => archive.sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition })),
    () => archive.sfn.send(new StartExecutionCommand({ stateMachineArn })),
    () => archive.sfn.send(new CreateStateMachineCommand({ name: 'mine', definition, roleArn })),
  ];
  for (const act of acts) await expect(act()).rejects.toMatchObject(refused);
  expect(await whoIs(house, token)).toMatchObject({ status: 401 });
});

test('npm run engine answers who has a key of its file alone, and under the names that it is given', async () => {
  const credentials = join(scratch, 'keys-of-engine');
  writeFileSync(credentials, keysFile, { mode: 0o600 });
  const more = ['--credentials', credentials, '--host-name', 'host.docker.internal'];
  const engine = spawnEngineProcess({ folder: join(scratch, 'engine'), more });
  onTestFinished(() => engine.kill());
  const port = Number(new URL(await engine.ready).port);
  await expect(clientsAt(port, key).sqs.send(new ListQueuesCommand())).resolves.toBeDefined();
  await expect(clientsAt(port, anyKey).sqs.send(new ListQueuesCommand())).rejects.toMatchObject({
    name: 'InvalidClientTokenId',
  });
  const unsigned = (host: string) => fromPage(port, 'AmazonSQS.ListQueues', {}, { host });
  expect((await unsigned('host.docker.internal')).body).toContain('MissingAuthenticationToken');
  expect((await unsigned('evil.example')).body).toContain('AccessDenied');
});

test('an operator opens it for acts, for who has the key, and by the name that containers have for this machine', async () => {
  const credentials = join(scratch, 'keys');
  writeFileSync(credentials, keysFile, { mode: 0o600 });
  const { house, port } = await started('acting', { acts: true, credentials, hostNames: ['host.docker.internal'] });
  const { token, MessageBody } = forged(house);
  const order = new SendMessageCommand({ QueueUrl: steerTokens, MessageBody });
  await expect(clientsAt(port, anyKey).sqs.send(order)).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
  const unsigned = (host: string) => fromPage(port, 'AmazonSQS.ListQueues', {}, { host });
  expect((await unsigned('host.docker.internal')).body).toContain('MissingAuthenticationToken');
  expect((await unsigned('evil.example')).body).toContain('AccessDenied');
  expect(await whoIs(house, token)).toMatchObject({ status: 401 });
  await clientsAt(port, key).sqs.send(order);
  await expect
    .poll(() => whoIs(house, token), { timeout: 20_000, interval: 500 })
    .toMatchObject({ status: 200, said: expect.stringContaining('admin') });
});
