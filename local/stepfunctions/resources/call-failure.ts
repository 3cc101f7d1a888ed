import { AwsError } from '../../engine/part.ts';
import type { ServiceAnswer } from '../host.ts';
import { seededUuid } from '../random.ts';
import type { Request } from '../request.ts';

type Failure = Extract<ServiceAnswer, { ok: false }>;

/** How a failed task is told: what Retry and Catch know it by, and why. */
export type TaskFailure = { readonly error: string; readonly cause: string };

/** Words of the two generations of AWS's Java SDK, which are what state machines see. */
type Words = { readonly prefix: string; readonly other: string; readonly service: string };

/** Of the integrations that a service has of its own. */
const OPTIMISED = new Map<string, Words>([
  ['dynamodb', { prefix: 'DynamoDB', other: 'AmazonDynamoDBException', service: 'AmazonDynamoDBv2' }],
  ['eventbridge', { prefix: 'EventBridge', other: 'AmazonEventBridgeException', service: 'AmazonEventBridge' }],
  ['sfn', { prefix: 'StepFunctions', other: 'AWSStepFunctionsException', service: 'AWSStepFunctions' }],
  ['sns', { prefix: 'SNS', other: 'AmazonSNSException', service: 'AmazonSNS' }],
  ['sqs', { prefix: 'SQS', other: 'AmazonSQSException', service: 'AmazonSQS' }],
]);

/** Of `aws-sdk:` integrations. */
const SDK = new Map([
  ['dynamodb', 'DynamoDb'],
  ['eventbridge', 'EventBridge'],
  ['lambda', 'Lambda'],
  ['s3', 'S3'],
  ['sfn', 'Sfn'],
  ['sns', 'Sns'],
  ['sqs', 'Sqs'],
]);

/** Errors of our own queues and machines that no API model has. */
const UNMODELLED = new Set([
  ...['InternalFailure', 'InvalidParameterCombination', 'InvalidParameterValue', 'MissingParameter'],
  ...['SerializationException', 'UnknownOperationException', 'ValidationException'],
]);

/** Codes of SQS's older protocol, which the optimised integration speaks. */
const OLDER_CODES = new Map([
  ['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'],
  ['UnsupportedOperation', 'AWS.SimpleQueueService.UnsupportedOperation'],
]);

const exception = (name: string): string => (name.endsWith('Exception') ? name : `${name}Exception`);

const nameOf = ({ error, isModelled }: Failure, prefix: string, other: string): string =>
  `${prefix}.${isModelled === false ? other : exception(error)}`;

const sdkFailure = (service: string, failure: Failure): TaskFailure => {
  const prefix = SDK.get(service) ?? service;
  const { cause, http } = failure;
  const extended = http?.extendedRequestId === undefined ? '' : `, Extended Request ID: ${http.extendedRequestId}`;
  const told = `(Service: ${prefix}, Status Code: ${http?.status}, Request ID: ${http?.requestId}${extended})`;
  return { error: nameOf(failure, prefix, `${prefix}Exception`), cause: http ? `${cause} ${told}` : cause };
};

const optimisedFailure = (service: string, failure: Failure): TaskFailure => {
  const words = OPTIMISED.get(service) ?? { prefix: service, other: 'SdkClientException', service };
  const { cause, http } = failure;
  const code = OLDER_CODES.get(failure.error) ?? failure.error;
  const told = `(Service: ${words.service}; Status Code: ${http?.status}; Error Code: ${code}; Request ID: ${http?.requestId}; Proxy: null)`;
  return { error: nameOf(failure, words.prefix, words.other), cause: http ? `${cause} ${told}` : cause };
};

/** What a task is told of a service's failure; an error that has a dot has its full name already. */
export const serviceFailure = (
  { service, isSdk }: Pick<Extract<Request, { type: 'call' }>, 'service' | 'isSdk'>,
  failure: Failure,
): TaskFailure => {
  if (failure.error.includes('.')) return { error: failure.error, cause: failure.cause };
  return isSdk ? sdkFailure(service, failure) : optimisedFailure(service, failure);
};

/** What a task is told of what our own queues or machines threw; `seed` names the try. */
export const thrownFailure = (service: 'sqs' | 'sfn', error: unknown, seed: string): TaskFailure => {
  if (!(error instanceof AwsError)) {
    const reason = error instanceof Error ? error.message : String(error);
    return optimisedFailure(service, {
      ok: false,
      error: 'SdkClientException',
      cause: `Unable to execute HTTP request: ${reason}`,
    });
  }
  return optimisedFailure(service, {
    ok: false,
    error: error.code,
    cause: error.message,
    isModelled: !UNMODELLED.has(error.code),
    http: { status: error.status, requestId: seededUuid(`request/${seed}`) },
  });
};
