import { spawn, spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** LocalStack (Apache-2.0) in host mode. It listens on every interface, whatever it is told. */
export type Localstack = {
  /** The endpoint of all its services. */
  readonly url: string;
  readonly stop: () => Promise<void>;
};

const version = '4.14.0';
const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
/** Outside the repository, kept from run to run. */
const home = join(cache, 'papilio', `localstack-${version}`);
const inHome = (program: string): string => join(home, 'bin', program);
const startWithinMs = 120_000;
/** Versions with which it starts; later ones of these packages break it. */
const packages = [
  [`localstack-core[runtime]==${version}`, 'cbor2<5.7'],
  ['cryptography<46', 'pyopenssl==25.1.0', 'service-identity<25'],
] as const;

/** A Python that it runs on: 3.13, wherever that is. */
const python = (): string | undefined =>
  ['python3.13', ...globSync(join(homedir(), '.pyenv/versions/3.13*/bin/python'))].find((program) => {
    const check = 'import ensurepip, sys, venv; sys.exit(sys.version_info[:2] != (3, 13))';
    return spawnSync(program, ['-c', check]).status === 0;
  });

const isInstalled = (): boolean => existsSync(join(home, 'installed'));

/** Why it cannot be had on this machine; undefined if it can. */
export const whyNoLocalstack = (): string | undefined =>
  isInstalled() || python() !== undefined ? undefined : 'it needs Python 3.13 with venv';

const must = (command: string, args: readonly string[]): void => {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
};

/** Installs it from PyPI into the cache, if it is not there: some minutes and 500 MB. */
export const installLocalstack = (): void => {
  if (isInstalled()) return;
  rmSync(home, { recursive: true, force: true });
  must(python() ?? 'python3.13', ['-m', 'venv', home]);
  for (const some of packages) must(inHome('pip'), ['install', '--quiet', ...some]);
  // The last thing: an installation that was cut off begins anew.
  must('touch', [join(home, 'installed')]);
};

const answers = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/_localstack/health`)).ok;
  } catch {
    return false;
  }
};

/** Starts it on a free port with some of its services. */
export const startLocalstack = async (services: readonly string[]): Promise<Localstack> => {
  const folder = mkdtempSync(join(tmpdir(), 'papilio-localstack-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const out = openSync(join(folder, 'out'), 'a');
  const env = {
    PATH: `${join(home, 'bin')}:${process.env.PATH ?? ''}`,
    HOME: folder,
    TMPDIR: folder,
    OVERRIDE_IN_DOCKER: '0',
    FILESYSTEM_ROOT: join(folder, 'root'),
    GATEWAY_LISTEN: `127.0.0.1:${port}`,
    LOCALSTACK_HOST: `localhost:${port}`,
    SERVICES: services.join(','),
    DISABLE_EVENTS: '1',
    SKIP_SSL_CERT_DOWNLOAD: '1',
    DNS_ADDRESS: '0',
  };
  const args = ['-m', 'localstack.runtime.main'];
  const child = spawn(inHome('python'), args, { cwd: folder, env, stdio: ['ignore', out, out], detached: true });
  const untilMs = performance.now() + startWithinMs;
  while (!(await answers(url))) {
    if (child.exitCode !== null || performance.now() > untilMs)
      throw new Error(`LocalStack did not start: ${readFileSync(join(folder, 'out'), 'utf8').slice(-2000)}`);
    await sleep(200);
  }
  const stop = async (): Promise<void> => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.pid !== undefined && child.exitCode === null) {
      process.kill(-child.pid, 'SIGKILL');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  return { url, stop };
};
