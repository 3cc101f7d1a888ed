import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { environment } from '#lib/config';
import { type Emulator, type Program, startEmulator } from './emulator.ts';
import { type MavenPart, mavenPart } from './maven-part.ts';
import { must, run, type Say } from './python-part.ts';
import { gateOf } from './python-path.ts';

/** DynamoDB Local (AWS's own; may be used, not redistributed: it is only ever installed by Maven), on loopback. */
export type DynamoDbLocal = Pick<Emulator, 'url' | 'stop'>;

const version = '3.3.1';
const startWithinMs = 120_000;
const sources = fileURLToPath(new URL('../java/', import.meta.url));

/** A manifest's line may have 72 bytes; what is longer goes on behind a blank. */
const folded = (line: string): string => [line.slice(0, 70), ...(line.slice(70).match(/.{1,69}/g) ?? [])].join('\n ');

/** Jars that hold nothing but the name of a class to begin with, and where it and all that it needs lies. */
const makeJars = (home: string): void => {
  const jars = readdirSync(join(home, 'lib')).map((jar) => join(home, 'lib', jar));
  const classes = join(home, 'classes');
  const source = (name: string): string => join(sources, `${name}.java`);
  must(run('javac', ['-d', classes, '-cp', jars.join(':'), source('LoopbackServer'), source('NoAgent')]));
  const path = [`${pathToFileURL(classes).href}/`, ...jars.map((jar) => pathToFileURL(jar).href)].join(' ');
  for (const [jar, entry] of [
    ['DynamoDBLocal.jar', 'Main-Class: LoopbackServer'],
    ['ddb-local-loader-0.1.jar', 'Premain-Class: NoAgent'],
  ] as const) {
    const manifest = join(home, `${jar}.manifest`);
    writeFileSync(manifest, `${entry}\n${folded(`Class-Path: ${path}`)}\n`);
    must(run('jar', ['--create', '--file', join(home, jar), '--manifest', manifest]));
  }
};

const fetched = mavenPart('dynamodb-local', version, [`software.amazon.dynamodb:DynamoDBLocal:${version}`], makeJars);

const whyNoCompiler = (): string | undefined =>
  fetched.isInstalled() || run('javac', ['-version']) === undefined
    ? undefined
    : 'it needs a JDK to be installed by: there is no javac';

/** DynamoDB Local as it is installed: 50 MB. */
export const dynamoDbLocalPart: MavenPart = { ...fetched, whyNot: () => fetched.whyNot() ?? whyNoCompiler() };

const home = dirname(dynamoDbLocalPart.lib);

/** The jars by which LocalStack starts it too: by what name each has to lie in LocalStack's folder, and where it is. */
export const dynamoDbLocalJars: Readonly<Record<string, string>> = {
  'DynamoDBLocal.jar': join(home, 'DynamoDBLocal.jar'),
  'ddb-local-loader-0.1.jar': join(home, 'ddb-local-loader-0.1.jar'),
};

/** Why it cannot be had on this machine; undefined if it can. */
export const whyNoDynamoDbLocal = (): string | undefined => dynamoDbLocalPart.whyNot();

/** Installs it from Maven Central into the cache, if it is not there. */
export const installDynamoDbLocal = (say?: Say): void => dynamoDbLocalPart.install(say);

/** How DynamoDB Local is started. */
export type DynamoDbLocalOptions = {
  /** In files of its place; else all is in memory. */
  readonly isDurable: boolean;
  /** What calls must be signed with; without it any call is taken. */
  readonly secret?: string | undefined;
};

/** From its source where it has a gate: what is installed may be of an earlier papilio. */
const startedBy = (secret: string | undefined): readonly string[] =>
  secret === undefined
    ? ['-jar', join(home, 'DynamoDBLocal.jar')]
    : ['-cp', join(dynamoDbLocalPart.lib, '*'), join(sources, 'LoopbackServer.java')];

/** How it is started: with everything in memory, or in files of its place. */
export const dynamoDbLocalProgram = ({ isDurable, secret }: DynamoDbLocalOptions): Program => ({
  name: 'DynamoDB Local',
  command: 'java',
  prepare: ({ folder }) => void mkdirSync(join(folder, 'db'), { recursive: true, mode: 0o700 }),
  args: ({ folder, port }) => {
    const java = ['-Xmx256m', `-Djava.library.path=${dynamoDbLocalPart.lib}`, ...startedBy(secret)];
    const where = isDurable ? ['-dbPath', join(folder, 'db')] : ['-inMemory'];
    return [...java, '-port', String(port), '-sharedDb', ...where, '-disableTelemetry'];
  },
  env: ({ folder }) => ({ PATH: environment().PATH ?? '', HOME: folder, DDB_LOCAL_TELEMETRY: '0', ...gateOf(secret) }),
  path: '',
  // It answers what is no call of DynamoDB with an error: it is there.
  isThere: (status) => status === (secret === undefined ? 400 : 403),
  startWithinMs,
});

/** Starts it on a free port; it keeps everything in memory. */
export const startDynamoDbLocal = (): Promise<DynamoDbLocal> =>
  startEmulator(dynamoDbLocalProgram({ isDurable: false }));
