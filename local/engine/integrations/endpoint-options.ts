import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Endpoints } from './endpoints.ts';

/** Where services are, as the command line and AWS's names of the environment say it. */
export type EndpointOptions = {
  readonly awsEndpoint?: string;
  readonly awsRegion?: string;
  readonly dynamodbEndpoint?: string;
  readonly eventbridgeEndpoint?: string;
  readonly snsEndpoint?: string;
  readonly s3Endpoint?: string;
  readonly s3Key?: string;
  readonly s3Secret?: string;
  readonly awsSession?: string;
};

const readUrl = (value: string): string => {
  if (!URL.canParse(value)) throw new InvalidArgumentError(`${value} is not a URL.`);
  return value;
};

const endpoint = (flags: string, service: string, name: string): Option =>
  new Option(flags, `${service} that Task states reach`).env(name).argParser(readUrl);

/** Options that say where the services of Task states are. */
export const addEndpointOptions = (command: Command): Command =>
  command
    .addOption(endpoint('--dynamodb-endpoint <url>', 'DynamoDB', 'AWS_ENDPOINT_URL_DYNAMODB'))
    .addOption(endpoint('--sns-endpoint <url>', 'SNS', 'AWS_ENDPOINT_URL_SNS'))
    .addOption(endpoint('--eventbridge-endpoint <url>', 'EventBridge', 'AWS_ENDPOINT_URL_EVENTBRIDGE'))
    .addOption(endpoint('--aws-endpoint <url>', 'any of these services', 'AWS_ENDPOINT_URL'))
    .addOption(new Option('--aws-region <name>', 'region that requests to them are signed for').env('AWS_REGION'))
    .addOption(new Option('--aws-session <token>').env('AWS_SESSION_TOKEN').hideHelp());

/** The endpoints that options name. */
export const endpointsOf = (options: EndpointOptions): Endpoints => ({
  urls: {
    dynamodb: options.dynamodbEndpoint,
    eventbridge: options.eventbridgeEndpoint,
    s3: options.s3Endpoint,
    sns: options.snsEndpoint,
  },
  url: options.awsEndpoint,
  region: options.awsRegion,
  accessKeyId: options.s3Key,
  secretAccessKey: options.s3Secret,
  sessionToken: options.awsSession,
});
