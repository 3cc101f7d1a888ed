import { mkdtempSync } from 'node:fs';
import { readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { DeleteQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { accounts } from '../../functions/catalog.ts';
import { registerFunctionHost } from '../../local/stack/function-hosts.ts';
import { installMissing } from '../../local/stack/installing.ts';
import { membersOf } from '../../local/stack/part-process.ts';
import { type StackFile, s3ConfigOf, sqsConfigOf, stackPath } from '../../local/stack/stack-file.ts';
import { stateOf } from '../../local/supervisor/process-identity.ts';
import { aWebServer } from '../builders/a-web-server.ts';
import { runMachine } from './stack/a-machine-run.ts';
import { pidOf, type Said, stackCommand, theStack } from './stack/a-stack.ts';
import { listening } from './stack/listening.ts';

/** `npm run stack` with the real parts: what it starts, heals, ends, and says. */
const kinds: readonly StackFile['kind'][] = ['ministack', 'localstack'];

const isGone = async (pid: number): Promise<boolean> => [undefined, 'Z'].includes(await stateOf(pid));
const statesIn = ({ out }: Said): Record<string, string> =>
  Object.fromEntries(JSON.parse(out).parts.map((part: { name: string; state: string }) => [part.name, part.state]));

describe.each(kinds)('a stack of %s', (kind) => {
  const folder = mkdtempSync(join(tmpdir(), 'papilio stack '));
  const run = (word: string, ...words: string[]) => stackCommand([word, '--stack', folder, ...words]);
  const up = (...words: string[]) => run('up', '--with', kind, ...words);
  const status = () => run('status', '--json');
  const pids = async () => (await theStack(folder)).parts.map(({ pid }) => pid);

  const withQueues = async <T>(work: (sqs: SQSClient, stack: StackFile) => Promise<T>): Promise<T> => {
    const stack = await theStack(folder);
    const sqs = new SQSClient(sqsConfigOf(stack, accounts.work));
    return work(sqs, stack).finally(() => sqs.destroy());
  };
  const urlOf = ({ endpoints }: StackFile, queue: string) => `${endpoints.sqs}/${accounts.work}/${queue}`;

  beforeAll(async () => {
    installMissing(kind, () => undefined);
    expect(await up()).toMatchObject({ code: 0 });
  }, 1_500_000);
  afterAll(async () => {
    await run('reset', '--yes');
    await rm(folder, { recursive: true, force: true });
  }, 60_000);

  test('what is up is left alone', async () => {
    const before = await theStack(folder);
    expect(JSON.parse((await up('--dry-run', '--json')).out)).toEqual({ steps: [] });
    const again = await up('--json');
    expect(again).toMatchObject({ code: 0, err: '' });
    expect(await theStack(folder)).toEqual(before);
    expect(JSON.parse((await status()).out)).toMatchObject({ kind, missing: [], isWhole: true });
  });

  test('nothing of it listens where others reach it', async () => {
    const { parts } = await theStack(folder);
    const members = (await Promise.all(parts.map(membersOf))).flat();
    const all = (await Promise.all(members.map(listening))).flat();
    expect(all.filter(({ isLoopback }) => !isLoopback)).toEqual([]);
    for (const { port } of parts) {
      const hex = port.toString(16).toUpperCase().padStart(4, '0');
      expect(all.some(({ address }) => address.endsWith(`:${hex}`))).toBe(true);
    }
  });

  test('its secret stands in its file, which only its owner reads, and is said nowhere', async () => {
    const stack = await theStack(folder);
    const { secretAccessKey } = stack.minio;
    expect((await stat(stackPath(folder))).mode & 0o777).toBe(0o600);
    const said = [await up(), await up('--json'), await status(), await run('status')];
    for (const { out, err } of said) expect(out + err).not.toContain(secretAccessKey);
    for (const { pid, name } of stack.parts) {
      expect(await readFile(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(secretAccessKey);
      expect(await readFile(join(folder, 'log', `${name}.log`), 'utf8')).not.toContain(secretAccessKey);
    }
  });

  test('an emulator that was killed has forgotten all: status says so, up heals, objects are still there', async () => {
    const before = await theStack(folder);
    const s3 = new S3Client(s3ConfigOf(before));
    onTestFinished(() => s3.destroy());
    const object = { Bucket: 'test-bnl-outputs', Key: 'kept' };
    await s3.send(new PutObjectCommand({ ...object, Body: 'bytes' }));
    process.kill(pidOf(before, kind), 'SIGKILL');
    await expect.poll(() => isGone(pidOf(before, kind)), { timeout: 20_000 }).toBe(true);

    const down = await status();
    expect(down.code).toBe(1);
    expect(statesIn(down)).toMatchObject({ minio: 'up', [kind]: 'down' });
    const healed = await up();
    expect(healed).toMatchObject({ code: 0, err: expect.stringMatching(/creates \d+ queues/) });
    const after = await theStack(folder);
    expect(after.endpoints).toEqual(before.endpoints);
    expect(pidOf(after, 'minio')).toBe(pidOf(before, 'minio'));
    expect(pidOf(after, kind)).not.toBe(pidOf(before, kind));
    expect(await status()).toMatchObject({ code: 0 });
    const { Body } = await s3.send(new GetObjectCommand(object));
    expect(await Body?.transformToString()).toBe('bytes');
  });

  test('a part that answers nobody is ended and started again', async () => {
    const before = await theStack(folder);
    process.kill(-pidOf(before, 'minio'), 'SIGSTOP');
    expect(statesIn(await status())).toMatchObject({ minio: 'silent' });
    expect(await up()).toMatchObject({ code: 0, err: expect.stringContaining('does not answer') });
    expect(await isGone(pidOf(before, 'minio'))).toBe(true);
    expect(await status()).toMatchObject({ code: 0 });
  });

  test('a queue that is missing is named and made again, and the others keep their messages', async () => {
    await withQueues(async (sqs, stack) => {
      await sqs.send(new SendMessageCommand({ QueueUrl: urlOf(stack, 'settle'), MessageBody: 'kept' }));
      await sqs.send(new DeleteQueueCommand({ QueueUrl: urlOf(stack, 'broker') }));
    });
    const lacking = await status();
    expect(lacking.code).toBe(1);
    expect(JSON.parse(lacking.out).missing).toEqual(['queue broker']);
    expect(JSON.parse((await up('--dry-run', '--json')).out)).toEqual({ steps: ['create queue broker'] });
    expect(await up()).toMatchObject({ code: 0 });
    expect(await status()).toMatchObject({ code: 0 });
    const { Messages = [] } = await withQueues((sqs, stack) =>
      sqs.send(new ReceiveMessageCommand({ QueueUrl: urlOf(stack, 'settle'), WaitTimeSeconds: 5 })),
    );
    expect(Messages.map(({ Body }) => Body)).toEqual(['kept']);
  });

  test('what the archive holds is locked; an archive that locks nothing is named, and locks again after up', async () => {
    const s3 = new S3Client(s3ConfigOf(await theStack(folder)));
    onTestFinished(() => s3.destroy());
    const Bucket = 'test-bnl-archive';
    const put = () => s3.send(new PutObjectCommand({ Bucket, Key: 'an-stf', Body: 'bytes' }));
    const { VersionId } = await put();
    const remove = () => s3.send(new DeleteObjectCommand({ Bucket, Key: 'an-stf', VersionId }));
    await expect(remove()).rejects.toThrow(/WORM/);

    await s3.send(
      new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled' } }),
    );
    const open = await status();
    expect(open.code).toBe(1);
    expect(JSON.parse(open.out).missing).toEqual([`bucket ${Bucket}`]);
    expect(await up()).toMatchObject({ code: 0 });
    expect(await status()).toMatchObject({ code: 0 });
    const later = await put();
    const removeLater = s3.send(new DeleteObjectCommand({ Bucket, Key: 'an-stf', VersionId: later.VersionId }));
    await expect(removeLater).rejects.toThrow(/WORM/);
  });

  test('a state machine calls the functions of its account where their plane says that they are', async () => {
    const stack = await theStack(folder);
    const host = await aWebServer(({ path, body }, response) => {
      if (path.includes('assign-jobs')) response.setHeader('X-Amz-Function-Error', 'Unhandled');
      const failure = { errorType: 'Transient', errorMessage: 'not now' };
      response.end(path.includes('assign-jobs') ? JSON.stringify(failure) : body);
    });
    const takeBack = await registerFunctionHost(folder, accounts.work, host.url);
    const call = (name: string) => ({
      StartAt: 'Call',
      States: {
        Call: { Type: 'Task', Resource: `arn:aws:lambda:us-east-1:${accounts.work}:function:${name}`, End: true },
      },
    });
    const input = { text: 'Grüße' };
    const answered = await runMachine(stack, accounts.work, call('plan-merge'), input);
    expect(answered.status).toBe('SUCCEEDED');
    expect(JSON.parse(answered.output ?? '')).toEqual(input);
    const failed = await runMachine(stack, accounts.work, call('assign-jobs'), input);
    expect(failed).toMatchObject({ status: 'FAILED', error: 'Transient' });
    expect(JSON.parse(failed.cause ?? '')).toMatchObject({ errorType: 'Transient', errorMessage: 'not now' });
    expect(host.seen.every(({ path }) => /^\/2015-03-31\/functions\/[^/]+\/invocations$/.test(path))).toBe(true);
    await takeBack();
    const alone = await runMachine(stack, accounts.work, call('plan-merge'), input);
    expect(alone).toMatchObject({ status: 'FAILED', error: 'Lambda.ServiceException' });
    expect(alone.cause).toContain(`nobody serves the functions of account ${accounts.work}`);
  });

  test('JSONata is evaluated', async () => {
    const sum = { Type: 'Pass', Output: '{% $sum($states.input.numbers) %}', End: true };
    const definition = { QueryLanguage: 'JSONata', StartAt: 'Sum', States: { Sum: sum } };
    const ended = await runMachine(await theStack(folder), accounts.work, definition, { numbers: [1, 2, 3] });
    expect(ended).toMatchObject({ status: 'SUCCEEDED', output: '6' });
  });

  test('one who comes while another brings it up is refused', async () => {
    const before = await pids();
    const both = await Promise.all([up(), up()]);
    const refused = both.filter(({ code }) => code !== 0);
    for (const { err } of refused) expect(err).toContain('folder-in-use');
    expect(both.some(({ code }) => code === 0)).toBe(true);
    expect(await pids()).toEqual(before);
  });

  test('a stack stays of its kind and of its papilio', async () => {
    const other = kind === 'ministack' ? 'localstack' : 'ministack';
    expect(await run('up', '--with', other)).toMatchObject({ code: 1, err: expect.stringContaining('folder-foreign') });
    const planned = await run('up', '--with', other, '--dry-run');
    expect(planned).toMatchObject({ code: 1, out: expect.stringContaining(`is a stack of ${kind}`) });
    expect(await run('up'), 'which kind it is need not be said again').toMatchObject({ code: 0, err: '' });
    expect(await status()).toMatchObject({ code: 0 });
  });

  test('down ends what up started, up brings it back with its objects, elsewhere if its port was taken', async () => {
    const before = await theStack(folder);
    expect(await run('down')).toMatchObject({ code: 0 });
    for (const { pid } of before.parts) expect(await isGone(pid)).toBe(true);
    for (const part of before.parts) expect(await membersOf(part)).toEqual([]);

    const port = Number(new URL(before.endpoints.sfn).port);
    const squatter = createServer((_, response) => response.end('mine'));
    await new Promise<void>((resolve) => squatter.listen(port, '127.0.0.1', resolve));
    onTestFinished(() => new Promise((resolve) => squatter.close(() => resolve())));
    expect(statesIn(await status())).toMatchObject({ [kind]: 'foreign', minio: 'down' });
    const moved = await up();
    expect(moved).toMatchObject({ code: 0, err: expect.stringContaining('another process has the port') });
    const after = await theStack(folder);
    expect(after.endpoints.sfn).not.toBe(before.endpoints.sfn);
    expect(after.endpoints.s3).toBe(before.endpoints.s3);
    expect(await status()).toMatchObject({ code: 0 });
    const s3 = new S3Client(s3ConfigOf(after));
    onTestFinished(() => s3.destroy());
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'test-bnl-outputs', Key: 'kept' }));
    expect(await Body?.transformToString()).toBe('bytes');
  });
});

test('reset asks; where nobody can answer it has to be said', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'papilio stack '));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const refused = await stackCommand(['reset', '--stack', folder]);
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('give --yes') });
});
