import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Emulator, startEmulator } from './emulator.ts';
import { partHome } from './part-home.ts';

/** DynamoDB Local (AWS's own; may be used, not redistributed: it is only ever installed by Maven). It listens on every interface. */
export type DynamoDbLocal = Pick<Emulator, 'url' | 'stop'>;

const version = '3.3.1';
const home = partHome('dynamodb-local', version);
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

/** Starts it on a free port; it keeps everything in memory. */
export const startDynamoDbLocal = (): Promise<DynamoDbLocal> => {
  const main = 'software.amazon.dynamodb.services.local.main.ServerRunner';
  const java = ['-Xmx256m', `-Djava.library.path=${lib}`, '-cp', join(lib, '*'), main];
  return startEmulator({
    name: 'DynamoDB Local',
    command: 'java',
    args: ({ port }) => [...java, '-port', String(port), '-sharedDb', '-inMemory', '-disableTelemetry'],
    env: ({ folder }) => ({ PATH: process.env.PATH ?? '', HOME: folder, DDB_LOCAL_TELEMETRY: '0' }),
    path: '',
    // It answers what is no call of DynamoDB with an error: it is there.
    isThere: (status) => status === 400,
    startWithinMs,
  });
};
