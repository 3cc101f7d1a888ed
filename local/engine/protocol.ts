import { randomUUID } from 'node:crypto';
import { AwsError, type PartName } from './part.ts';

/** An answer as it goes over the wire. */
export type WireAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** Runs one operation; an engine, or somebody who knows one. */
export type Call = (service: PartName, operation: string, input: unknown, signal?: AbortSignal) => Promise<object>;

const contentType = 'application/x-amz-json-1.0';

const services: Readonly<Record<string, PartName>> = { AmazonSQS: 'sqs', AWSStepFunctions: 'sfn' };

const queryPrefix = 'AWS.SimpleQueueService.';

/** Names that SQS's errors had in its older query protocol, which its clients still go by. */
const queryCodes: Readonly<Record<string, string>> = {
  QueueDoesNotExist: `${queryPrefix}NonExistentQueue`,
  QueueNameExists: 'QueueAlreadyExists',
  QueueDeletedRecently: `${queryPrefix}QueueDeletedRecently`,
  PurgeQueueInProgress: `${queryPrefix}PurgeQueueInProgress`,
  MessageNotInflight: `${queryPrefix}MessageNotInflight`,
  BatchEntryIdsNotDistinct: `${queryPrefix}BatchEntryIdsNotDistinct`,
  BatchRequestTooLong: `${queryPrefix}BatchRequestTooLong`,
  EmptyBatchRequest: `${queryPrefix}EmptyBatchRequest`,
  InvalidBatchEntryId: `${queryPrefix}InvalidBatchEntryId`,
  TooManyEntriesInBatchRequest: `${queryPrefix}TooManyEntriesInBatchRequest`,
  UnsupportedOperation: `${queryPrefix}UnsupportedOperation`,
  AccessDeniedException: 'AccessDenied',
  IncompleteSignatureException: 'IncompleteSignature',
  InvalidSignatureException: 'SignatureDoesNotMatch',
  MissingAuthenticationTokenException: 'MissingAuthenticationToken',
  UnrecognizedClientException: 'InvalidClientTokenId',
};

/** Service and operation from the target header (`AmazonSQS.SendMessage`). */
export function readTarget(target: unknown): { readonly service: PartName; readonly operation: string } | undefined {
  const [, prefix = '', operation = ''] = /^(\w+)\.(\w+)$/.exec(typeof target === 'string' ? target : '') ?? [];
  const service = Object.hasOwn(services, prefix) ? services[prefix] : undefined;
  return service === undefined ? undefined : { service, operation };
}

/** Runs a request of the AWS JSON protocol from its target and body; never throws. */
export async function answerRequest(
  call: Call,
  target: unknown,
  body: string,
  signal?: AbortSignal,
): Promise<WireAnswer> {
  const named = readTarget(target);
  try {
    if (named === undefined) {
      throw new AwsError('UnknownOperationException', `No operation is named ${JSON.stringify(target)}.`);
    }
    const output = await call(named.service, named.operation, readJson(body), signal);
    return wire(200, {}, JSON.stringify(output));
  } catch (error) {
    return errorAnswer(named?.service ?? 'sqs', error);
  }
}

/** An error as AWS sends it; what is not an AWS error is an internal failure. */
export function errorAnswer(service: PartName, error: unknown): WireAnswer {
  const known =
    error instanceof AwsError
      ? error
      : new AwsError('InternalFailure', error instanceof Error ? error.message : String(error), 500);
  const __type = service === 'sqs' ? `com.amazonaws.sqs#${known.code}` : known.code;
  const fault = known.status < 500 ? 'Sender' : 'Receiver';
  const headers = {
    'x-amzn-errortype': known.code,
    ...(service === 'sqs' && { 'x-amzn-query-error': `${queryCodes[known.code] ?? known.code};${fault}` }),
  };
  return wire(known.status, headers, JSON.stringify({ __type, message: known.message, ...known.details }));
}

function readJson(body: string): unknown {
  if (body === '') return {};
  try {
    return JSON.parse(body);
  } catch {
    throw new AwsError('SerializationException', 'The body of the request is not JSON.');
  }
}

function wire(status: number, headers: Readonly<Record<string, string>>, body: string): WireAnswer {
  return {
    status,
    headers: { 'content-type': contentType, 'x-amzn-requestid': randomUUID(), ...headers },
    body,
  };
}
