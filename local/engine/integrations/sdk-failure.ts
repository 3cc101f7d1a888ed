import * as z from 'zod';
import type { ServiceAnswer } from '../../stepfunctions/host.ts';
import type { Sdk } from './sdk-clients.ts';
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

/** What was refused, and the service's words for it. */
const toldBy = (error: Error, action: string, status: number): { readonly code: string; readonly said: string } => {
  const code = (status === 404 ? WITHOUT_BODY.get(action) : undefined) ?? error.name;
  return { code, said: code === error.name ? error.message : 'Not Found' };
};

/** What asks to come again later keeps its name, though no model has it: Retry can then name it. */
const isThrottle = (error: Error, status: number): boolean => status === 429 || THROTTLED.test(error.name);

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return error.errors[0].message;
  return error.message || error.name;
};

/** The failure of a task whose service refused, did not answer, or was asked for what it has not. */
export const sdkFailure = (
  error: unknown,
  { isModelled }: Pick<Sdk, 'isModelled'>,
  action: string,
  requestId: string,
): ServiceAnswer => {
  if (error instanceof BadParameter) {
    const cause = `The Parameters could not be used to start the Task: [${error.message}]`;
    return { ok: false, error: 'States.Runtime', cause };
  }
  const answered = Metadata.safeParse(error).data?.$metadata;
  if (!(error instanceof Error) || answered === undefined) {
    return { ok: false, error: 'SdkClientException', cause: `Unable to execute HTTP request: ${reasonOf(error)}` };
  }
  const { httpStatusCode: status, extendedRequestId } = answered;
  const { code, said } = toldBy(error, action, status);
  return {
    ok: false,
    error: code,
    cause: said,
    isModelled: code !== error.name || isModelled(error) || isThrottle(error, status),
    http: { status, requestId: answered.requestId ?? requestId, ...(extendedRequestId && { extendedRequestId }) },
  };
};
