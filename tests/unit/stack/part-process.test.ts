import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { startOf } from '../../../local/engine/lock.ts';
import { endPart, isPartRunning, logOf, startPart } from '../../../local/stack/part-process.ts';
import { answers, isGood, type Program, urlOf } from '../../../local/stack/parts/emulator.ts';
import { freePort, isFree } from '../../../local/stack/parts/free-port.ts';
import type { StackPart } from '../../../local/stack/stack-file.ts';
import { stateOf } from '../../../local/supervisor/process-identity.ts';

const path = fileURLToPath(new URL('./slow-starter.mjs', import.meta.url));

const program = (some: Partial<Program> = {}): Program => ({
  name: 'a part',
  command: process.execPath,
  args: ({ port }) => [path, String(port)],
  env: () => ({}),
  path: '/',
  isThere: isGood,
  startWithinMs: 10_000,
  ...some,
});

const aFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'papilio stack '));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

const start = async (given: Program, begun: StackPart[] = []): Promise<StackPart> => {
  const part = await startPart({
    stackFolder: await aFolder(),
    name: 'ministack',
    version: '1',
    program: given,
    port: await freePort(),
    onStart: async (one) => void begun.push(one),
  });
  onTestFinished(async () => void (await endPart(part)));
  return part;
};

const isGone = async (pid: number): Promise<boolean> => [undefined, 'Z'].includes(await stateOf(pid));
const childOf = async ({ port }: StackPart): Promise<number> => Number(await (await fetch(urlOf(port))).text());

test('a part is written down when it begins, and ends with all that it started', async () => {
  const begun: StackPart[] = [];
  const part = await start(program(), begun);
  expect(begun).toEqual([part]);
  expect(await isPartRunning(part)).toBe(true);
  const child = await childOf(part);
  expect(await endPart(part)).toBe(true);
  expect(await isPartRunning(part)).toBe(false);
  expect(await isGone(child)).toBe(true);
  expect(await isFree(part.port)).toBe(true);
  expect(await endPart(part), 'nothing is left to end').toBe(false);
});

test('a part is not gone before its port is free, though its first thread is dead', async () => {
  for (let again = 0; again < 10; again++) {
    const part = await start(program());
    process.kill(-part.pid, 'SIGKILL');
    while (await isPartRunning(part));
    expect(await isFree(part.port)).toBe(true);
  }
});

test('what a killed part started is ended too', async () => {
  const part = await start(program());
  const child = await childOf(part);
  process.kill(part.pid, 'SIGKILL');
  await expect.poll(() => isPartRunning(part)).toBe(false);
  expect(await isGone(child)).toBe(false);
  expect(await endPart(part)).toBe(true);
  expect(await isGone(child)).toBe(true);
});

test('a part that was stopped by a signal is ended all the same', async () => {
  const part = await start(program());
  process.kill(-part.pid, 'SIGSTOP');
  expect(await isPartRunning(part)).toBe(true);
  expect(await endPart(part)).toBe(true);
  expect(await isPartRunning(part)).toBe(false);
});

test('a process that has the number of an earlier part is somebody else’s', async () => {
  const stranger = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { detached: true });
  onTestFinished(async () => {
    const ended = once(stranger, 'exit');
    stranger.kill('SIGKILL');
    await ended;
  });
  const { pid = 0 } = stranger;
  const part: StackPart = { name: 'minio', version: '1', pid, startedAt: '1', port: 1 };
  expect(await isPartRunning(part)).toBe(false);
  expect(await endPart(part)).toBe(false);
  expect(await startOf(pid)).toBeDefined();
  expect(await isGone(pid)).toBe(false);
});

test('a part that cannot begin, ends at once, or never answers is told with what it said', async () => {
  await expect(start(program({ command: '/nowhere/ministack' }))).rejects.toThrow('ENOENT');
  const dies = program({ args: () => ['-e', 'console.error("no room"); process.exit(3)'] });
  await expect(start(dies)).rejects.toThrow(/ended with code 3[\s\S]*no room/);
  const killed = program({ args: () => ['-e', 'console.error("no memory"); process.kill(process.pid, "SIGKILL")'] });
  await expect(start(killed)).rejects.toThrow(/ended by SIGKILL[\s\S]*no memory/);
  const begun: StackPart[] = [];
  const silent = program({ isThere: () => false, startWithinMs: 500 });
  await expect(start(silent, begun)).rejects.toThrow('does not answer');
  const [part] = begun;
  if (part === undefined) throw new Error('it was not written down');
  await expect.poll(() => isPartRunning(part)).toBe(false);
});

test('only its owner reads what a part says', async () => {
  const stackFolder = await aFolder();
  const port = await freePort();
  const part = await startPart({
    stackFolder,
    name: 'minio',
    version: '1',
    program: program(),
    port,
    onStart: async () => undefined,
  });
  onTestFinished(async () => void (await endPart(part)));
  expect((await stat(logOf(stackFolder, 'minio'))).mode & 0o777).toBe(0o600);
  expect(await answers(program(), port)).toBe(true);
  expect(await answers(program({ path: '/', isThere: (status) => status === 400 }), port)).toBe(false);
});
