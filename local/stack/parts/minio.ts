import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';
import { partHome } from './part-home.ts';

/** Who may do all on it. */
export type MinioUser = { readonly accessKeyId: string; readonly secretAccessKey: string };

/** MinIO (AGPL-3.0, a process of its own that papilio speaks S3 to) at `url`, with its data in `folder`. */
export type Minio = {
  readonly url: string;
  readonly pid: () => number | undefined;
  readonly folder: string;
  readonly credentials: MinioUser;
  /** Kills it with -9, as a machine that dies does; its data stay. */
  readonly kill: () => Promise<void>;
  /** Starts it again on the same data and ports, if it does not run, and returns when it answers. */
  readonly restart: () => Promise<void>;
  /** Kills it and removes its data. */
  readonly stop: () => Promise<void>;
};

/** What MinIO is started with. */
export type MinioOptions = {
  /** Holds `data/` and `out`; without it, a new folder for the time it runs. */
  readonly folder?: string;
  readonly port?: number;
  readonly credentials?: MinioUser;
  /** Where it posts the events of buckets, by the name of the target: `arn:minio:sqs::NAME:webhook`. */
  readonly webhooks?: Readonly<Record<string, string>>;
};

/** As it is installed. */
export const minioVersion = 'v0.0.0-20260212201848-7aac2a2c5b7c';
const module = `github.com/minio/minio@${minioVersion}`;
const home = partHome('minio', minioVersion);
const program = join(home, 'bin', 'minio');
const startWithinMs = 60_000;
/** Who may do all where nobody was named: for tests, on loopback. */
const anyone: MinioUser = { accessKeyId: 'papilio', secretAccessKey: 'papilio-of-loopback' };

const isInstalled = (): boolean => existsSync(join(home, 'installed'));

/** Why it cannot be had on this machine; undefined if it can. */
export const whyNoMinio = (): string | undefined => {
  if (isInstalled() || spawnSync('go', ['version']).status === 0) return undefined;
  return 'it needs Go to be built by';
};

/** Builds it from the Go module proxy into the cache, if it is not there: some minutes and 150 MB. */
export const installMinio = (): void => {
  if (isInstalled()) return;
  mkdirSync(home, { recursive: true });
  const { status, stderr, error } = spawnSync('go', ['install', module], {
    env: { ...process.env, GOBIN: join(home, 'bin') },
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`go install ${module}: ${error?.message ?? stderr}`);
  // The last thing: an installation that was cut off begins anew.
  writeFileSync(join(home, 'installed'), `${minioVersion}\n`);
};

const isReady = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/minio/health/ready`)).ok;
  } catch {
    return false;
  }
};

/** A started process, until it answers. @throws what it said if it does not */
const untilReady = async (url: string, child: ChildProcess, outPath: string): Promise<void> => {
  const untilMs = performance.now() + startWithinMs;
  while (!(await isReady(url))) {
    if (child.exitCode !== null || child.signalCode !== null || performance.now() > untilMs)
      throw new Error(`MinIO did not start: ${readFileSync(outPath, 'utf8').slice(-2000)}`);
    await sleep(50);
  }
};

const webhookEnvironment = (webhooks: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(webhooks).flatMap(([name, url]) => [
      [`MINIO_NOTIFY_WEBHOOK_ENABLE_${name}`, 'on'],
      [`MINIO_NOTIFY_WEBHOOK_ENDPOINT_${name}`, url],
    ]),
  );

/** Starts it on loopback, on free ports, and returns when it answers. */
export const startMinio = async (options: MinioOptions = {}): Promise<Minio> => {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'papilio-minio-'));
  const outPath = join(folder, 'out');
  const credentials = options.credentials ?? anyone;
  const address = `127.0.0.1:${options.port ?? (await freePort())}`;
  const consoleAddress = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  mkdirSync(join(folder, 'data'), { recursive: true, mode: 0o700 });
  let child: ChildProcess | undefined;

  const isRunning = (): boolean => child !== undefined && child.exitCode === null && child.signalCode === null;
  const restart = async (): Promise<void> => {
    if (isRunning()) return;
    const out = openSync(outPath, 'a');
    const places = ['--address', address, '--console-address', consoleAddress];
    child = spawn(program, ['server', join(folder, 'data'), ...places], {
      cwd: folder,
      env: {
        PATH: process.env.PATH ?? '',
        HOME: folder,
        MINIO_ROOT_USER: credentials.accessKeyId,
        MINIO_ROOT_PASSWORD: credentials.secretAccessKey,
        MINIO_BROWSER: 'off',
        MINIO_UPDATE: 'off',
        ...webhookEnvironment(options.webhooks ?? {}),
      },
      stdio: ['ignore', out, out],
      detached: true,
    });
    // It goes on when the process that started it has done.
    child.unref();
    await untilReady(url, child, outPath);
  };
  const kill = async (): Promise<void> => {
    if (child === undefined || !isRunning()) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  const stop = async (): Promise<void> => {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  };
  await restart();
  return { url, folder, credentials, pid: () => child?.pid, kill, restart, stop };
};
