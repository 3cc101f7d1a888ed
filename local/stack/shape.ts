import { hostsFolder } from './function-hosts.ts';
import { dynamoDbLocalPart, dynamoDbLocalProgram } from './parts/dynamodb-local.ts';
import { type Program, urlOf } from './parts/emulator.ts';
import { freePort } from './parts/free-port.ts';
import { localstackPart, localstackProgram } from './parts/localstack.ts';
import { minioProgram, minioVersion } from './parts/minio.ts';
import { ministackPart, ministackProgram } from './parts/ministack.ts';
import { StackFile, type StackPart, type StackService, services } from './stack-file.ts';

/** A part of a stack as it is to be: what it gives, and how it starts. */
export type PartPlan = {
  readonly name: StackPart['name'];
  readonly version: string;
  readonly gives: readonly StackService[];
  /** What it kept is there again when it was killed and started. */
  readonly isDurable: boolean;
  readonly program: (stack: Pick<StackFile, 'folder' | 'minio' | 'secret'>) => Program;
};

const minio: PartPlan = {
  name: 'minio',
  version: minioVersion,
  gives: ['s3'],
  isDurable: true,
  program: ({ minio: user }) => minioProgram({ user, consolePort: 0 }),
};

const dynamoDbLocal: PartPlan = {
  name: 'dynamodb-local',
  version: dynamoDbLocalPart.version,
  gives: ['dynamodb'],
  isDurable: true,
  program: ({ secret }) => dynamoDbLocalProgram({ isDurable: true, secret }),
};

const localstack: PartPlan = {
  name: 'localstack',
  version: localstackPart.version,
  gives: ['sfn', 'sqs', 'events', 'lambda'],
  isDurable: false,
  program: ({ folder, secret }) =>
    localstackProgram({
      secret,
      services: ['stepfunctions', 'sqs', 'events', 'lambda'],
      functionHosts: hostsFolder(folder),
    }),
};

const ministack: PartPlan = {
  name: 'ministack',
  version: ministackPart.version,
  gives: ['sfn', 'sqs', 'events', 'lambda', 'dynamodb'],
  isDurable: false,
  program: ({ folder, secret }) => ministackProgram({ functionHosts: hostsFolder(folder), secret }),
};

/**
 * What each kind of stack is made of, in the order in which it starts. DynamoDB Local stands beside LocalStack and not
 * behind it: LocalStack forgets its tables when it ends, DynamoDB Local does not.
 */
export const shapes: Readonly<Record<StackFile['kind'], readonly PartPlan[]>> = {
  localstack: [minio, dynamoDbLocal, localstack],
  ministack: [minio, ministack],
};

/** The part of a kind of stack that gives a service. */
const giverOf = (kind: StackFile['kind'], service: StackService): PartPlan['name'] | undefined =>
  shapes[kind].find(({ gives }) => gives.includes(service))?.name;

export type Ports = ReadonlyMap<StackPart['name'], number>;

/** Free ports, one for each part, none twice. */
export const choosePorts = async (kind: StackFile['kind']): Promise<Ports> => {
  const ports = new Map<StackPart['name'], number>();
  for (const { name } of shapes[kind]) {
    let port = await freePort();
    while ([...ports.values()].includes(port)) port = await freePort();
    ports.set(name, port);
  }
  return ports;
};

/** Where each service of a kind of stack is, with these ports. */
export const endpointsOf = (kind: StackFile['kind'], ports: Ports): StackFile['endpoints'] => {
  const at = (service: StackService): string => urlOf(ports.get(giverOf(kind, service) ?? 'minio') ?? 0);
  return StackFile.shape.endpoints.parse(Object.fromEntries(services.map((service) => [service, at(service)])));
};

/** The port of each part of a stack: it stays when the part is started again. */
export const portsOf = ({ kind, endpoints }: StackFile): Ports =>
  new Map(
    shapes[kind].flatMap(({ name, gives: [service] }) =>
      service === undefined ? [] : [[name, Number(new URL(endpoints[service]).port)] as const],
    ),
  );
