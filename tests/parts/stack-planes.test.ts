import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { Summary } from '#schema/status';
import { installMissing } from '../../local/stack/installing.ts';
import { readStack, type StackFile, type StackPart, stackPath } from '../../local/stack/stack-file.ts';
import { plainEnvironment } from '../builders/plain-environment.ts';
import { stackCommand } from './stack/a-stack.ts';

/** `npm start -- --on stack`, whole, and what it does when parts of its stack go away under it. */
const papilio = fileURLToPath(new URL('../../local/main.ts', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'papilio planes '));
const kinds: readonly StackFile['kind'][] = ['ministack', 'localstack'];
const stackOf = (name: string): string => join(scratch, `stack-${name}`);
const stacks = new Set<string>();
const stackDo = (name: string, ...words: string[]) => stackCommand([...words, '--stack', stackOf(name)]);

beforeAll(() => {
  for (const kind of kinds) installMissing(kind, () => undefined);
}, 1_500_000);
afterAll(async () => {
  for (const name of stacks) await stackDo(name, 'reset', '--yes');
  await rm(scratch, { recursive: true, force: true });
}, 120_000);

/** Papilio as it runs: what it says so far, and how it ends. */
type Running = {
  readonly process: ChildProcess;
  readonly said: () => string;
  /** Resolves as soon as what it said matches. */
  readonly says: (pattern: RegExp) => Promise<void>;
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly said: string }>;
};

const start = (name: string, words: readonly string[], environment: Readonly<Record<string, string>> = {}): Running => {
  const args = [papilio, '--data', join(scratch, name), '--port', '0', ...words];
  const child = spawn(process.execPath, args, {
    env: { ...plainEnvironment, PAPILIO_INSTANCE: 'test', PAPILIO_RUN_CLOSE_S: '20', ...environment },
    cwd: scratch,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const heard = { out: '', said: '' };
  const listeners = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => (heard.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    heard.said += text;
    for (const listener of listeners) listener();
  });
  const ended = once(child, 'close').then(([code]) => ({ code: z.number().nullable().parse(code), ...heard }));
  const says = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = () => pattern.test(heard.said) && resolve();
      listeners.add(look);
      ended.then(({ said }) => reject(new Error(`it ended without saying ${pattern}: ${said.slice(-2000)}`)), reject);
      look();
    });
  return { process: child, said: () => heard.said, says, ended };
};

/** Plays a demo to its end on a stack of its own; what it printed is JSON. */
const play = (kind: StackFile['kind'], name: string, environment: Readonly<Record<string, string>> = {}): Running => {
  stacks.add(name);
  const words = ['--on', 'stack', '--with', kind, '--stack', stackOf(name), '--speed', 'max', '--exit', '--json'];
  return start(name, words, environment);
};

const killPart = async (name: string, part: StackPart['name']): Promise<void> => {
  const stack = await readStack(stackPath(stackOf(name)));
  const pid = stack?.parts.find((one) => one.name === part)?.pid ?? 0;
  process.kill(-pid, 'SIGKILL');
};

const wholeRun = { seen: 12, archived: 12, processed: 12, failed: 0, quarantined: 0 };
const logOf = (name: string, process: string): string =>
  readFileSync(join(scratch, name, 'log', `${process}.jsonl`), 'utf8');

/** How often each payload began, as the payloads themselves told it. */
const startsOf = (tally: string): string[] =>
  readFileSync(tally, 'utf8')
    .trim()
    .split('\n')
    .flatMap((line) => {
      const { attempt, event } = z.object({ attempt: z.string(), event: z.string() }).parse(JSON.parse(line));
      return event === 'started' && !attempt.includes('warm') ? [attempt] : [];
    });

const summaryOf = ({ out, said, code }: Awaited<Running['ended']>): Summary => {
  expect(code, said.slice(-3000)).toBe(0);
  return Summary.parse(JSON.parse(out));
};

test('LocalStack is killed in the middle of a run and brought up again: every STF comes to its end', async () => {
  const running = play('localstack', 'killed');
  await running.says(/archived 12 processed [1-9] /);
  await killPart('killed', 'localstack');
  const status = await stackDo('killed', 'status');
  expect(status).toMatchObject({ code: 1, out: expect.stringContaining('localstack 4.14.0: down') });
  await running.says(/broken: queues and state machines of the archive plane do not answer/);
  expect(await stackDo('killed', 'up')).toMatchObject({ code: 0 });
  expect(summaryOf(await running.ended).stfs).toEqual(wholeRun);
  for (const plane of ['archive', 'work']) {
    const log = logOf('killed', plane);
    expect(log).toContain('the stack has lost its queues, state machines and executions');
    expect(log).toContain('messages are sent to the plane again');
  }
}, 300_000);

test('MinIO is away while STFs arrive: nothing is lost, and archiving goes on when it is back', async () => {
  const running = play('ministack', 'without-minio');
  await running.says(/plays a demo/);
  await killPart('without-minio', 'minio');
  await running.says(/STFs seen 12 archived \d+ processed/);
  await running.says(/broken: objects of the archive plane do not answer/);
  expect(await stackDo('without-minio', 'up', '--with', 'ministack')).toMatchObject({ code: 0 });
  expect(summaryOf(await running.ended).stfs).toEqual(wholeRun);
}, 300_000);

test('a work plane that is stopped holds up no archiving, and goes on once it is started again', async () => {
  const running = play('ministack', 'stopped');
  await running.says(/plays a demo/);
  const { pid } = z
    .object({ pid: z.int() })
    .parse(JSON.parse(readFileSync(join(scratch, 'stopped/work/lock'), 'utf8')));
  process.kill(pid, 'SIGSTOP');
  await running.says(/archived 12 processed 0 /);
  expect(summaryOf(await running.ended).stfs).toEqual(wholeRun);
  expect(running.said()).toContain('work ended: SIGKILL; it is started again');
}, 300_000);

test('functions run in processes of their own under Lambda’s runtime, and each payload runs once', async () => {
  const tally = join(scratch, 'tally');
  const environment = { PAPILIO_FUNCTIONS: 'process', PAPILIO_PAYLOAD_TALLY: tally };
  const running = play('ministack', 'processes', environment);
  expect(summaryOf(await running.ended).stfs).toEqual(wholeRun);
  const starts = startsOf(tally);
  expect(new Set(starts).size).toBe(starts.length);
  expect(starts).toHaveLength(13);
}, 300_000);

test('a folder that works on a stack is refused without it, and nothing of it is opened', async () => {
  const name = 'foreign';
  const first = play('ministack', name);
  await first.says(/plays a demo/);
  first.process.kill('SIGTERM');
  await first.ended;
  const { code, said } = await start(name, ['--no-demo', '--exit']).ended;
  expect({ code, said }).toMatchObject({ code: 1, said: expect.stringContaining('start it with --on stack --stack') });
  expect(existsSync(join(scratch, name, 'work', 'store.db'))).toBe(false);
}, 120_000);

test('a port for an engine of papilio’s own is refused on a stack, before anything is started', async () => {
  const { code, said } = await start('port', ['--on', 'stack', '--stack', stackOf('port'), '--aws-port', '0']).ended;
  expect(code).toBe(1);
  expect(said).toContain('--aws-port opens an engine of papilio');
  expect(existsSync(stackOf('port'))).toBe(false);
});
