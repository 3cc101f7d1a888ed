import * as z from 'zod';
import type { ServiceAnswer } from '../../stepfunctions/host.ts';
import { BadParameter } from './sdk-schema.ts';

/** What a client says of an answer that is an error. */
const Metadata = z.object({
  $metadata: z.object({
    httpStatusCode: z.int(),
    requestId: z.string().optional(),
    extendedRequestId: z.string().optional(),
  }),
});

const THROTTLED = /thrott|slowdown|toomanyrequests|requestlimitexceeded|throughputexceeded/i;

/** What HEAD cannot say, for its answers have no bodies. */
const WITHOUT_BODY = new Map([
  ['HeadObject', 'NoSuchKey'],
  ['HeadBucket', 'NoSuchBucket'],
]);

const codeOf = (error: Error, action: string): string =>
  (error.name === 'NotFound' ? WITHOUT_BODY.get(action) : undefined) ?? error.name;

/**
 * Errors that the API model has are classes of their own; all others have only the service's name, as with AWS, but for
 * what asks to come again later.
 */
const isModelled = (error: Error, status: number): boolean =>
  !error.constructor.name.endsWith('ServiceException') || status === 429 || THROTTLED.test(error.name);

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return error.errors[0].message;
  return error.message || error.name;
};

/** The failure of a task whose service refused, did not answer, or was asked for what it has not. */
export const sdkFailure = (error: unknown, action: string, requestId: string): ServiceAnswer => {
  if (error instanceof BadParameter) {
    const cause = `The Parameters could not be used to start the Task: [${error.message}]`;
    return { ok: false, error: 'States.Runtime', cause };
  }
  const answered = Metadata.safeParse(error).data?.$metadata;
  if (!(error instanceof Error) || answered === undefined) {
    return { ok: false, error: 'SdkClientException', cause: `Unable to execute HTTP request: ${reasonOf(error)}` };
  }
  const { httpStatusCode: status, extendedRequestId } = answered;
  return {
    ok: false,
    error: codeOf(error, action),
    cause: error.message,
    isModelled: isModelled(error, status) || codeOf(error, action) !== error.name,
    http: { status, requestId: answered.requestId ?? requestId, ...(extendedRequestId && { extendedRequestId }) },
  };
};
