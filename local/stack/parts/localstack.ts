import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dynamoDbLocalJars, dynamoDbLocalPart } from './dynamodb-local.ts';
import { type Emulator, isGood, type Place, type Program, startEmulator } from './emulator.ts';
import { javaHome, mavenPart } from './maven-part.ts';
import { pathWith } from './part-home.ts';
import { exactly, pythonPart } from './python-part.ts';
import { pythonOf } from './python-path.ts';

/** LocalStack (Apache-2.0) in host mode, all services at one endpoint on loopback. */
export type Localstack = Pick<Emulator, 'url' | 'stop'>;

const version = '4.14.0';
const startWithinMs = 120_000;
/** LocalStack as it is installed, with versions of its packages that later ones break: some minutes and 500 MB. */
export const localstackPart = pythonPart(
  'localstack',
  version,
  [
    [`localstack-core[runtime]==${version}`, 'cbor2<5.7'],
    ['cryptography<46', 'pyopenssl==25.1.0', 'service-identity<25'],
  ],
  exactly(13),
);

const jsonataVersion = '0.9.7';
/** What LocalStack evaluates JSONata by (Apache-2.0): jars for the Java in its process. */
export const jsonataPart = mavenPart('jsonata', jsonataVersion, [
  `com.dashjoin:jsonata:${jsonataVersion}`,
  ...(['jackson-core', 'jackson-annotations', 'jackson-databind'] as const).map(
    (jar) => `com.fasterxml.jackson.core:${jar}:2.16.2` as const,
  ),
]);

const link = (to: string, from: string): void => {
  mkdirSync(dirname(from), { recursive: true });
  // Anew each time: what an earlier one points to may have moved, or be gone.
  rmSync(from, { recursive: true, force: true });
  symlinkSync(to, from);
};

/** What LocalStack would fetch from elsewhere, put where it looks for it first. */
const furnish = (root: string): void => {
  const lib = join(root, 'var/lib/localstack/lib');
  const isDynamoDbThere = dynamoDbLocalPart.isInstalled();
  if (isDynamoDbThere || jsonataPart.isInstalled()) link(javaHome(), join(lib, 'java/21'));
  if (isDynamoDbThere)
    for (const [name, jar] of Object.entries(dynamoDbLocalJars)) link(jar, join(lib, 'dynamodb-local/2', name));
  if (jsonataPart.isInstalled()) link(jsonataPart.lib, join(lib, 'jsonata', jsonataVersion));
};

/** How LocalStack is started. */
export type LocalstackOptions = {
  /** Those that it has; all by default. */
  readonly services?: readonly string[];
  /** Folder that says where functions are invoked, by account; without it there is no Lambda. */
  readonly functionHosts?: string;
  /** What calls must be signed with; without it any call is taken. */
  readonly secret?: string | undefined;
};

const environmentOf = ({ folder, port }: Place, { services, functionHosts, secret }: LocalstackOptions) => ({
  PATH: pathWith(dirname(localstackPart.bin('python'))),
  ...pythonOf(functionHosts, secret),
  HOME: folder,
  TMPDIR: folder,
  OVERRIDE_IN_DOCKER: '0',
  FILESYSTEM_ROOT: join(folder, 'root'),
  GATEWAY_LISTEN: `127.0.0.1:${port}`,
  LOCALSTACK_HOST: `localhost:${port}`,
  DISABLE_EVENTS: '1',
  // Otherwise a line for each request.
  LS_LOG: 'warning',
  SKIP_SSL_CERT_DOWNLOAD: '1',
  DNS_ADDRESS: '0',
  ...(services !== undefined && { SERVICES: services.join(','), STRICT_SERVICE_LOADING: '1' }),
  ...(functionHosts !== undefined && { PROVIDER_OVERRIDE_LAMBDA: 'papilio' }),
});

/** LocalStack as a program. */
export const localstackProgram = (options: LocalstackOptions): Program => ({
  name: 'LocalStack',
  command: localstackPart.bin('python'),
  prepare: ({ folder }) => furnish(join(folder, 'root')),
  args: () => ['-m', options.secret === undefined ? 'localstack.runtime.main' : 'papilio_localstack'],
  env: (place) => environmentOf(place, options),
  path: '/_localstack/health',
  isThere: isGood,
  startWithinMs,
});

/** Starts it on a free port with some of its services. */
export const startLocalstack = (services: readonly string[]): Promise<Localstack> =>
  startEmulator(localstackProgram({ services }));
