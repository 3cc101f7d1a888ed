import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.ts';

/** DynamoDB Local (AWS's own; may be used, not redistributed: it is only ever installed by Maven). It listens on every interface. */
export type DynamoDbLocal = {
  readonly url: string;
  readonly stop: () => Promise<void>;
};

const version = '3.3.1';
const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
/** Outside the repository, kept from run to run. */
const home = join(cache, 'papilio', `dynamodb-local-${version}`);
const lib = join(home, 'lib');
const startWithinMs = 120_000;

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>papilio</groupId><artifactId>parts</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>software.amazon.dynamodb</groupId><artifactId>DynamoDBLocal</artifactId><version>${version}</version>
  </dependency></dependencies>
</project>
`;

const isInstalled = (): boolean => existsSync(join(home, 'installed'));

/** The major version of the Java there is; 0 without one. */
const javaVersion = (): number => {
  const { stderr = '' } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  return Number(/version "(\d+)/.exec(stderr ?? '')?.[1] ?? 0);
};

/** Why it cannot be had on this machine; undefined if it can. */
export const whyNoDynamoDbLocal = (): string | undefined => {
  if (javaVersion() < 17) return 'it needs Java 17 or newer';
  if (isInstalled() || spawnSync('mvn', ['--version']).status === 0) return undefined;
  return 'it needs Maven to be installed by';
};

/** Installs it from Maven Central into the cache, if it is not there: 50 MB. */
export const installDynamoDbLocal = (): void => {
  if (isInstalled()) return;
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'pom.xml'), pom);
  const args = ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${lib}`, '-DincludeScope=runtime'];
  const { status, stdout, stderr, error } = spawnSync('mvn', args, { cwd: home, encoding: 'utf8' });
  if (status !== 0) throw new Error(`mvn ${args.join(' ')}: ${error?.message ?? stdout}${stderr ?? ''}`);
  // The last thing: an installation that was cut off begins anew.
  writeFileSync(join(home, 'installed'), `${version}\n`);
};

const answers = async (url: string): Promise<boolean> => {
  try {
    // It answers what is no call of DynamoDB with an error: it is there.
    return (await fetch(url)).status === 400;
  } catch {
    return false;
  }
};

/** Starts it on a free port; it keeps everything in memory. */
export const startDynamoDbLocal = async (): Promise<DynamoDbLocal> => {
  const folder = mkdtempSync(join(tmpdir(), 'papilio-dynamodb-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const out = openSync(join(folder, 'out'), 'a');
  const main = 'software.amazon.dynamodb.services.local.main.ServerRunner';
  const java = ['-Xmx256m', `-Djava.library.path=${lib}`, '-cp', join(lib, '*'), main];
  const args = [...java, '-port', String(port), '-sharedDb', '-inMemory', '-disableTelemetry'];
  const env = { PATH: process.env.PATH ?? '', HOME: folder, DDB_LOCAL_TELEMETRY: '0' };
  const child = spawn('java', args, { cwd: folder, env, stdio: ['ignore', out, out] });
  const untilMs = performance.now() + startWithinMs;
  while (!(await answers(url))) {
    if (child.exitCode !== null || performance.now() > untilMs)
      throw new Error(`DynamoDB Local did not start: ${readFileSync(join(folder, 'out'), 'utf8').slice(-2000)}`);
    await sleep(200);
  }
  const stop = async (): Promise<void> => {
    const ended = new Promise((resolve) => child.once('exit', resolve));
    if (child.exitCode === null) {
      child.kill('SIGKILL');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  return { url, stop };
};
