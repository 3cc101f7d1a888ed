/** A client of a service, as all of AWS's clients are. */
export type SdkClient = {
  readonly send: (command: object, options: { readonly abortSignal: AbortSignal }) => Promise<object>;
};

/** A service's client, and what its package says of an action. */
export type Sdk = {
  readonly client: SdkClient;
  readonly command: (action: string, input: object) => object;
  /** The schema of an action. */
  readonly action: (action: string) => unknown;
  /** Whether the API model has the error: it is then a class of its own. */
  readonly isModelled: (error: Error) => boolean;
};

/** Loaded when a state machine first asks for the service. */
const PACKAGES = {
  dynamodb: { load: () => import('@aws-sdk/client-dynamodb'), client: 'DynamoDBClient' },
  eventbridge: { load: () => import('@aws-sdk/client-eventbridge'), client: 'EventBridgeClient' },
  s3: { load: () => import('@aws-sdk/client-s3'), client: 'S3Client' },
  sfn: { load: () => import('@aws-sdk/client-sfn'), client: 'SFNClient' },
  sns: { load: () => import('@aws-sdk/client-sns'), client: 'SNSClient' },
  sqs: { load: () => import('@aws-sdk/client-sqs'), client: 'SQSClient' },
} as const;

/** A service that has a client. */
export type SdkService = keyof typeof PACKAGES;

/** Tells the services that have a client. */
export const isSdkService = (service: string): service is SdkService => Object.hasOwn(PACKAGES, service);

type Constructor<T> = new (given: object) => T;

const isClient = (value: unknown): value is Constructor<SdkClient> => typeof value === 'function';
const isCommand = (value: unknown): value is Constructor<object> => typeof value === 'function';

/** Opens a client; every try is the state machine's own, so it makes none by itself. */
export const openSdk = async (service: SdkService, config: object): Promise<Sdk> => {
  const { load, client: name } = PACKAGES[service];
  const names: ReadonlyMap<string, unknown> = new Map(Object.entries(await load()));
  const Client = names.get(name);
  if (!isClient(Client)) throw new Error(`@aws-sdk/client-${service} has no ${name}`);
  return {
    client: new Client({ maxAttempts: 1, ...config }),
    action: (action) => names.get(`${action}$`),
    isModelled: (error) => {
      const { name: kind } = error.constructor;
      return names.get(kind) === error.constructor && !kind.endsWith('ServiceException');
    },
    command: (action, input) => {
      const Command = names.get(`${action}Command`);
      if (!isCommand(Command)) throw new Error(`@aws-sdk/client-${service} has no ${action}`);
      return new Command(input);
    },
  };
};
