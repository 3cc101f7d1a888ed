import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { environment } from '#lib/config';
import { isGood, launch, type Program, urlOf } from './emulator.ts';
import { freePort } from './free-port.ts';
import { partHome } from './part-home.ts';
import { must, run, type Say } from './python-part.ts';
import { whileInstalling } from './while-installing.ts';

/** Who may do all on it. */
export type MinioUser = { readonly accessKeyId: string; readonly secretAccessKey: string };

/** Where events are posted, and the token by which who takes them knows MinIO. */
export type Webhook = { readonly url: string; readonly token: string };

/** What MinIO is started with. */
export type MinioOptions = {
  /** The port of its console, which is switched off: any. */
  readonly consolePort?: number;
  readonly user?: MinioUser;
  /** Where it posts the events of buckets, by the name of the target: `arn:minio:sqs::NAME:webhook`. */
  readonly webhooks?: Readonly<Record<string, Webhook>>;
};

/** MinIO (AGPL-3.0, a process of its own to which papilio speaks S3) at `url`. */
export type Minio = {
  readonly url: string;
  readonly user: MinioUser;
  readonly folder: string;
  /** Kills it with -9, as a machine that dies does; its data stay. */
  readonly kill: () => Promise<void>;
  /** The process, while it runs. */
  readonly pid: () => number | undefined;
  /** Starts it again on the same data and port, if it does not run, and returns when it answers. */
  readonly restart: () => Promise<void>;
  /** Kills it and removes its data. */
  readonly stop: () => Promise<void>;
};

/** As it is installed: MinIO's releases have no versions that Go knows, so this is a commit with its date. */
export const minioVersion = 'v0.0.0-20260212201848-7aac2a2c5b7c';
const module = `github.com/minio/minio@${minioVersion}`;
const home = partHome('minio', minioVersion);
const mark = join(home, 'installed');
const startWithinMs = 60_000;
/** Who may do all where nobody was named: for tests, on loopback. */
const anyone: MinioUser = { accessKeyId: 'papilio', secretAccessKey: 'papilio-of-loopback' };

/** Whether it is in the cache. */
export const isMinioInstalled = (): boolean => existsSync(mark);

/** Why it cannot be had on this machine; undefined if it can. */
export const whyNoMinio = (): string | undefined => {
  if (isMinioInstalled() || run('go', ['version']) === undefined) return undefined;
  return 'it needs Go to be built by';
};

const build = (say?: Say): void => {
  say?.(`minio ${minioVersion}: Go builds it, up to ten minutes`);
  mkdirSync(home, { recursive: true });
  must(run('env', [`GOBIN=${join(home, 'bin')}`, 'go', 'install', module]));
  // The last thing: an installation that was cut off begins anew, with what Go has already built.
  writeFileSync(mark, `${minioVersion}\n`);
};

/** Builds it from Go's module proxy into the cache, if it is not there: up to ten minutes and 150 MB. */
export const installMinio = (say?: Say): void => {
  if (!isMinioInstalled()) whileInstalling(home, () => void (isMinioInstalled() || build(say)));
};

const webhookEnvironment = (webhooks: Readonly<Record<string, Webhook>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(webhooks).flatMap(([name, { url, token }]) => [
      [`MINIO_NOTIFY_WEBHOOK_ENABLE_${name}`, 'on'],
      [`MINIO_NOTIFY_WEBHOOK_ENDPOINT_${name}`, url],
      [`MINIO_NOTIFY_WEBHOOK_AUTH_TOKEN_${name}`, token],
    ]),
  );

/** MinIO as a program to start: on loopback, with its data in `data` of its folder. */
export const minioProgram = ({ consolePort = 0, user = anyone, webhooks = {} }: MinioOptions): Program => ({
  name: 'MinIO',
  command: join(home, 'bin', 'minio'),
  prepare: ({ folder }) => mkdirSync(join(folder, 'data'), { recursive: true, mode: 0o700 }),
  args: ({ folder, port }) => {
    const addresses = ['--address', `127.0.0.1:${port}`, '--console-address', `127.0.0.1:${consolePort}`];
    return ['server', join(folder, 'data'), ...addresses];
  },
  env: ({ folder }) => ({
    PATH: environment().PATH ?? '',
    HOME: folder,
    MINIO_ROOT_USER: user.accessKeyId,
    MINIO_ROOT_PASSWORD: user.secretAccessKey,
    MINIO_BROWSER: 'off',
    MINIO_UPDATE: 'off',
    ...webhookEnvironment(webhooks),
  }),
  path: '/minio/health/ready',
  isThere: isGood,
  startWithinMs,
});

/** Starts it on free ports, in a folder that goes with it, and returns when it answers. */
export const startMinio = async (options: MinioOptions = {}): Promise<Minio> => {
  const folder = mkdtempSync(join(tmpdir(), 'papilio-minio-'));
  const place = { folder, port: await freePort() };
  const program = minioProgram(options);
  let child: ChildProcess | undefined;

  const isRunning = (of: ChildProcess): boolean => of.exitCode === null && of.signalCode === null;
  const kill = async (): Promise<void> => {
    if (child === undefined || !isRunning(child)) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  const restart = async (): Promise<void> => {
    if (child === undefined || !isRunning(child)) child = await launch(program, place, join(folder, 'out'));
  };
  const stop = async (): Promise<void> => {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  };
  await restart();
  return {
    url: urlOf(place.port),
    user: options.user ?? anyone,
    folder,
    kill,
    pid: () => child?.pid,
    restart,
    stop,
  };
};
