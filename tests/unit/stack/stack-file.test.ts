import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readFunctionHost, registerFunctionHost } from '../../../local/stack/function-hosts.ts';
import { awsConfigOf, readStack, sqsConfigOf, stackPath, writeStack } from '../../../local/stack/stack-file.ts';
import { aStack } from './a-stack.ts';

const aFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'papilio stack '));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

test('a stack is read as it was written, by its owner alone', async () => {
  const stack = aStack({ folder: await aFolder() });
  await writeStack(stack);
  expect(await readStack(stackPath(stack.folder))).toEqual(stack);
  expect((await stat(stackPath(stack.folder))).mode & 0o777).toBe(0o600);
});

test('where there is no stack none is read; what is no stack is refused', async () => {
  const folder = await aFolder();
  expect(await readStack(stackPath(folder))).toBeUndefined();
  for (const text of ['{"format":1', '{}', JSON.stringify({ ...aStack(), format: 2 })]) {
    await writeFile(stackPath(folder), text);
    await expect(readStack(stackPath(folder))).rejects.toMatchObject({ code: 'folder-foreign' });
  }
});

test('an endpoint beyond this machine is none of a stack', async () => {
  const folder = await aFolder();
  const { endpoints } = aStack();
  for (const s3 of ['http://minio.example.org:9000', 'https://127.0.0.1:9000', 'http://127.0.0.1.example.org']) {
    await writeFile(stackPath(folder), JSON.stringify(aStack({ endpoints: { ...endpoints, s3 } })));
    await expect(readStack(stackPath(folder))).rejects.toMatchObject({ code: 'folder-foreign' });
  }
});

test('a plane’s account is the id of its key, and queues are asked for where the stack is', () => {
  const stack = aStack();
  expect(awsConfigOf(stack, '000000000002', 'sfn')).toMatchObject({
    endpoint: 'http://127.0.0.1:1',
    credentials: { accessKeyId: '000000000002' },
    disableHostPrefix: true,
  });
  expect(sqsConfigOf(stack, '000000000001')).toMatchObject({ useQueueUrlAsEndpoint: false });
});

test('a function host is found until it takes its word back, and leaves the word of its successor', async () => {
  const folder = await aFolder();
  const account = '000000000001';
  expect(await readFunctionHost(folder, account)).toBeUndefined();
  const takeBack = await registerFunctionHost(folder, account, 'http://127.0.0.1:4001');
  expect(await readFunctionHost(folder, account)).toBe('http://127.0.0.1:4001');
  const takeSecondBack = await registerFunctionHost(folder, account, 'http://127.0.0.1:4002');
  await takeBack();
  expect(await readFunctionHost(folder, account)).toBe('http://127.0.0.1:4002');
  await takeSecondBack();
  expect(await readFunctionHost(folder, account)).toBeUndefined();
});

test('a function host beyond this machine is refused', async () => {
  await expect(registerFunctionHost(await aFolder(), '000000000001', 'http://host.example.org')).rejects.toThrow();
});
