import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { freePort } from './free-port.ts';

/** Another emulator of AWS (MIT), to compare answers with; in no way an authority. */
export type Ministack = {
  /** The endpoint of all its services. */
  readonly url: string;
  /** Calls an operation of Step Functions. */
  readonly call: (operation: string, input: object) => Promise<Record<string, unknown>>;
  readonly stop: () => Promise<void>;
};

const version = '1.5.33';
const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
/** Outside the repository, kept from run to run. */
const home = join(cache, 'papilio', `ministack-${version}`);
const program = join(home, 'bin', 'ministack');
const startWithinMs = 60_000;

const run = (command: string, args: readonly string[], cwd?: string): string | undefined => {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8', ...(cwd !== undefined && { cwd }) });
  return status === 0 ? undefined : `${command} ${args.join(' ')}: ${error?.message ?? stderr}`;
};

const must = (failure: string | undefined): void => {
  if (failure !== undefined) throw new Error(failure);
};

/** Why it cannot be had on this machine; undefined if it can. */
export const whyNoMinistack = (): string | undefined => {
  if (existsSync(program)) return undefined;
  const check = 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))';
  return run('python3', ['-c', check]) === undefined ? undefined : 'it needs Python 3.10 or newer with venv';
};

/** Installs it from PyPI into the cache, if it is not there. */
export const installMinistack = (): void => {
  if (existsSync(program)) return;
  must(run('python3', ['-m', 'venv', home]));
  must(run(join(home, 'bin', 'pip'), ['install', '--quiet', `ministack==${version}`]));
};

/** What both sides' functions do: `echo` gives its input back, `broken` fails. */
const SOURCE = `
class Broken(Exception):
    pass

def echo(event, context):
    return event

def broken(event, context):
    raise Broken("it broke")
`;

const Answer = z.record(z.string(), z.unknown());

const post = async (url: string, headers: Record<string, string>, body: object) => {
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  return Answer.parse(JSON.parse(text || '{}'));
};

/** What emulators find a service by: the scope of a signature, which they do not check. */
export const signedFor = (service: string) => ({
  Authorization: `AWS4-HMAC-SHA256 Credential=111111111111/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});

const createFunctions = async (url: string, folder: string): Promise<void> => {
  writeFileSync(join(folder, 'index.py'), SOURCE);
  must(run(join(home, 'bin', 'python'), ['-m', 'zipfile', '-c', 'code.zip', 'index.py'], folder));
  const code = readFileSync(join(folder, 'code.zip')).toString('base64');
  for (const name of ['echo', 'broken']) {
    await post(
      `${url}/2015-03-31/functions`,
      { ...signedFor('lambda'), 'Content-Type': 'application/json' },
      {
        FunctionName: name,
        Runtime: 'python3.12',
        Role: 'arn:aws:iam::111111111111:role/r',
        Handler: `index.${name}`,
        Code: { ZipFile: code },
      },
    );
  }
};

const answers = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/_ministack/health`)).ok;
  } catch {
    return false;
  }
};

/** Starts it on a free port, with two functions; its waits take no time. */
export const startMinistack = async (): Promise<Ministack> => {
  const folder = mkdtempSync(join(tmpdir(), 'papilio-ministack-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  mkdirSync(join(folder, 'home'));
  const out = openSync(join(folder, 'out'), 'a');
  const env = {
    PATH: `${join(home, 'bin')}:${process.env.PATH ?? ''}`,
    HOME: join(folder, 'home'),
    TMPDIR: folder,
    BIND_HOST: '127.0.0.1',
    GATEWAY_PORT: String(port),
    MINISTACK_HOST: '127.0.0.1',
    LAMBDA_EXECUTOR: 'local',
    SFN_WAIT_SCALE: '0',
  };
  const child = spawn(program, [], { cwd: folder, env, stdio: ['ignore', out, out], detached: true });
  const untilMs = performance.now() + startWithinMs;
  while (!(await answers(url))) {
    if (child.exitCode !== null || performance.now() > untilMs)
      throw new Error(`ministack did not start: ${readFileSync(join(folder, 'out'), 'utf8').slice(-2000)}`);
    await sleep(100);
  }
  const stop = async (): Promise<void> => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.pid !== undefined && child.exitCode === null) {
      process.kill(-child.pid, 'SIGKILL');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  await createFunctions(url, folder).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    url,
    stop,
    call: (operation, input) =>
      post(
        url,
        {
          ...signedFor('states'),
          'Content-Type': 'application/x-amz-json-1.0',
          'X-Amz-Target': `AWSStepFunctions.${operation}`,
        },
        input,
      ),
  };
};
