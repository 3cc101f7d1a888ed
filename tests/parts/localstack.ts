import { dirname, join } from 'node:path';
import { type Emulator, isGood, startEmulator } from './emulator.ts';
import { exactly, pythonPart } from './python-part.ts';

/** LocalStack (Apache-2.0) in host mode, all services at one endpoint. It listens on every interface, whatever it is told. */
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

/** Starts it on a free port with some of its services. */
export const startLocalstack = (services: readonly string[]): Promise<Localstack> =>
  startEmulator({
    name: 'LocalStack',
    command: localstackPart.bin('python'),
    args: () => ['-m', 'localstack.runtime.main'],
    env: ({ folder, port }) => ({
      PATH: `${dirname(localstackPart.bin('python'))}:${process.env.PATH ?? ''}`,
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
    }),
    path: '/_localstack/health',
    isThere: isGood,
    startWithinMs,
  });
