import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DescribeStateMachineCommand, SFNClient, UpdateStateMachineCommand } from '@aws-sdk/client-sfn';
import { ListQueuesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { hashOfToken, tokenText } from '#lib/model/token-text';
import { Status } from '#schema/status';
import { storeTableNames } from '#schema/store-table';
import { machineArn } from '../../functions/adapters/machines/sfn.ts';
import { queueUrl } from '../../functions/adapters/queues/sqs.ts';
import { accounts } from '../../functions/catalog.ts';
import { installMissing } from '../../local/stack/installing.ts';
import { awsConfigOf, type StackFile, sqsConfigOf } from '../../local/stack/stack-file.ts';
import { aCommand } from '../builders/a-command.ts';
import { plainEnvironment } from '../builders/plain-environment.ts';
import { stackCommand, theStack } from './stack/a-stack.ts';

/** What another user of the machine can do to a stack, and what papilio does with what is not its own there. */
const scratch = mkdtempSync(join(tmpdir(), 'papilio-strangers-'));
const kinds: readonly StackFile['kind'][] = ['ministack', 'localstack'];
const folderOf = (kind: string): string => join(scratch, `stack-${kind}`);

beforeAll(() => {
  for (const kind of kinds) installMissing(kind, () => undefined);
}, 1_500_000);
afterAll(async () => {
  for (const kind of kinds) await stackCommand(['reset', '--yes', '--stack', folderOf(kind)]);
  await rm(scratch, { recursive: true, force: true });
}, 120_000);

const nobody = ['--reuid', '65534', '--regid', '65534', '--clear-groups', 'curl'];
/** The HTTP status that a stranger gets: another user where this one is root, else this one without the stack's folder. */
const asStranger = (url: string, ...words: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const [command, first] = process.geteuid?.() === 0 ? ['setpriv', nobody] : ['curl', []];
    const args = [...first, '-s', '-o', '/dev/null', '-w', '%{http_code}', '--max-time', '20', ...words, url];
    execFile(command, args, { cwd: '/' }, (error, out) => (error ? reject(error) : resolve(out)));
  });

const calling = (target: string, service: string, body: object): readonly string[] => {
  const scope = `${accounts.work}/20260101/us-east-1/${service}/aws4_request`;
  const signature = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=${'0'.repeat(64)}`;
  const headers = ['-H', `X-Amz-Target: ${target}`, '-H', `Authorization: ${signature}`];
  return ['-H', 'Content-Type: application/x-amz-json-1.0', ...headers, '-d', JSON.stringify(body)];
};

describe.each(kinds)('another user of the machine, and a stack of %s', (kind) => {
  let stack: StackFile;
  beforeAll(async () => {
    expect(await stackCommand(['up', '--with', kind, '--stack', folderOf(kind)])).toMatchObject({ code: 0 });
    stack = await theStack(folderOf(kind));
  }, 300_000);

  const endpointOf = (service: string): string => {
    const { sqs, sfn, dynamodb } = stack.endpoints;
    return service === 'dynamodb' ? dynamodb : service === 'sqs' ? sqs : sfn;
  };
  const owner = { instance: 'test', wing: 'bnl', plane: 'work' } as const;
  const machine = machineArn('archive-stf', 'archive', 'us-east-1');
  const done = JSON.stringify({ StartAt: 'Done', States: { Done: { Type: 'Succeed' } } });
  test.each([
    ['SQS', 'AmazonSQS.SendMessage', 'sqs', { QueueUrl: queueUrl('steer-tokens', 'work'), MessageBody: '{}' }],
    ['SQS', 'AmazonSQS.ReceiveMessage', 'sqs', { QueueUrl: queueUrl('steer-tokens', 'work') }],
    ['SQS', 'AmazonSQS.PurgeQueue', 'sqs', { QueueUrl: queueUrl('work-inbox', 'archive') }],
    ['Step Functions', 'AWSStepFunctions.StartExecution', 'states', { stateMachineArn: machine, input: '{}' }],
    ['Step Functions', 'AWSStepFunctions.UpdateStateMachine', 'states', { stateMachineArn: machine, definition: done }],
    ['Step Functions', 'AWSStepFunctions.ListExecutions', 'states', { stateMachineArn: machine }],
    ['DynamoDB', 'DynamoDB_20120810.Scan', 'dynamodb', { TableName: storeTableNames(owner).records }],
    ['DynamoDB', 'DynamoDB_20120810.DeleteTable', 'dynamodb', { TableName: storeTableNames(owner).log }],
  ])('%s: %s is refused', async (_, target, service, body) => {
    expect(await asStranger(endpointOf(service), ...calling(target, service, body))).toBe('403');
  });

  test('who signs with another secret is refused, and who signs with the right one is answered', async () => {
    const list = async (secretAccessKey: string) => {
      const config = sqsConfigOf(stack, accounts.work);
      const client = new SQSClient({ ...config, credentials: { ...config.credentials, secretAccessKey } });
      onTestFinished(() => client.destroy());
      return (await client.send(new ListQueuesCommand({}))).QueueUrls?.length;
    };
    await expect(list('papilio')).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
    expect(await list(stack.secret ?? '')).toBeGreaterThan(0);
  });

  test('no function can be invoked, no page of the emulator opened, no bucket listed', async () => {
    const { lambda, s3, sqs } = stack.endpoints;
    const invoke = `${lambda}/2015-03-31/functions/hold-stf/invocations`;
    const [, auth] = calling('', 'lambda', {}).flatMap((word) =>
      word.startsWith('Authorization') ? ['-H', word] : [],
    );
    expect(await asStranger(invoke, '-H', auth ?? '', '-d', '{}')).toBe('403');
    for (const path of ['_localstack/init', '_ministack/reset', '_aws/sqs/messages', ''])
      expect(await asStranger(`${sqs}/${path}`), path).toBe('403');
    expect(await asStranger(`${sqs}/_${kind}/health`)).toBe('200');
    expect(await asStranger(s3)).toBe('403');
  });
});

test('who has the stack’s secret and not its seal is held and named, acts on nothing, and changes no definition for long', async () => {
  const data = join(scratch, 'data');
  const words = ['--data', data, '--port', '0', '--no-demo', '--on', 'stack', '--stack', folderOf('ministack')];
  const papilio = fileURLToPath(new URL('../../local/main.ts', import.meta.url));
  const env = { ...plainEnvironment, PAPILIO_INSTANCE: 'test' };
  const child = spawn(process.execPath, [papilio, ...words], { env, cwd: scratch, stdio: 'ignore' });
  onTestFinished(
    () =>
      new Promise((resolve) => {
        child.once('exit', () => resolve());
        child.kill('SIGTERM');
      }),
  );
  const front = (): string => JSON.parse(readFileSync(join(data, 'front.json'), 'utf8')).url;
  await expect.poll(front, { timeout: 120_000 }).toMatch(/^http/);
  const admin = readFileSync(join(data, 'admin.token'), 'utf8').trim();
  const get = async (path: string, token = admin) =>
    fetch(`${front()}${path}`, { headers: { authorization: `Bearer ${token}` } });
  const forgedIn = async (): Promise<string[]> => {
    const { broken } = Status.parse(await (await get('/v1/status')).json());
    return broken.filter(({ kind }) => kind === 'stack-forged').map(({ what }) => what);
  };
  await expect.poll(async () => (await get('/v1/health')).status, { timeout: 120_000, interval: 500 }).toBe(200);

  const stack = await theStack(folderOf('ministack'));
  const hex = '0123456789abcdef';
  const text = tokenText(hex, new Uint8Array(32));
  const grant = {
    name: 'mine',
    owner: 'eve',
    roles: ['admin'],
    facilities: [],
    days: 2,
    hashSha256: hashOfToken(text),
  };
  const sqs = new SQSClient(sqsConfigOf(stack, accounts.work));
  const sfn = new SFNClient(awsConfigOf(stack, accounts.archive, 'sfn'));
  onTestFinished(() => {
    sqs.destroy();
    sfn.destroy();
  });
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: queueUrl('steer-tokens', 'work', stack.endpoints.sqs),
      MessageBody: JSON.stringify(aCommand('token.create', `test_token_${hex}`, { data: grant, by: 'director' })),
    }),
  );
  const definition = JSON.stringify({ StartAt: 'Done', States: { Done: { Type: 'Succeed' } } });
  const stateMachineArn = machineArn('archive-stf', 'archive', 'us-east-1');
  // Before it has made its state machines, a plane that starts takes whatever is there for an older version.
  const describeMachine = () =>
    sfn.send(new DescribeStateMachineCommand({ stateMachineArn })).then(() => 'made', String);
  await expect.poll(describeMachine, { timeout: 60_000, interval: 500 }).toBe('made');
  await sfn.send(new UpdateStateMachineCommand({ stateMachineArn, definition }));
  await expect
    .poll(forgedIn, { timeout: 60_000, interval: 500 })
    .toEqual(
      expect.arrayContaining([
        "somebody else speaks in papilio's place: queue steer-tokens of the work plane",
        "somebody else speaks in papilio's place: state machine archive-stf of the archive plane",
      ]),
    );
  expect((await get('/v1/me', text)).status).toBe(401);
  expect(await (await get('/v1/quarantine')).json()).toMatchObject({
    items: [{ problem: { code: 'message-forged', reason: 'queue steer-tokens: it has no seal' } }],
  });
  const audit = JSON.stringify(await (await get('/v1/audit')).json());
  expect(audit).toContain('queue steer-tokens');
  expect(audit).toContain('state machine archive-stf');
}, 300_000);
