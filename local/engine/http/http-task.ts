import * as z from 'zod';
import { JsonValue } from '../../stepfunctions/stimulus.ts';
import { isConnectionArn } from './connections.ts';
import { runtime } from './http-failure.ts';

const Scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const Values = z.union([Scalar.transform((value) => [value]), z.array(Scalar)]);
const ConnectionArn = z.object({ ConnectionArn: z.string().refine(isConnectionArn, 'is no ARN of a connection') });

const Query = z.union([
  z.string().transform((text) => [...new URLSearchParams(text)]),
  z.array(z.string()).transform((texts) => texts.flatMap((text) => [...new URLSearchParams(text)])),
  z
    .record(z.string(), z.union([z.null().transform(() => []), Values]))
    .transform((named) =>
      Object.entries(named).flatMap(([name, values]) => values.map((value): [string, string] => [name, value])),
    ),
]);

const Task = z.strictObject({
  ApiEndpoint: z.string(),
  Method: z.enum(['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD']),
  Authentication: ConnectionArn.optional(),
  InvocationConfig: ConnectionArn.optional(),
  Headers: z.record(z.string(), Values).default({}),
  QueryParameters: Query.default([]),
  RequestBody: JsonValue.optional(),
  Transform: z
    .strictObject({
      RequestBodyEncoding: z.enum(['NONE', 'URL_ENCODED']).default('NONE'),
      RequestEncodingOptions: z
        .strictObject({ ArrayFormat: z.enum(['INDICES', 'REPEAT', 'COMMAS', 'BRACKETS']).default('INDICES') })
        .default({ ArrayFormat: 'INDICES' }),
    })
    .default({ RequestBodyEncoding: 'NONE', RequestEncodingOptions: { ArrayFormat: 'INDICES' } }),
});

/** What an HTTP task says, understood. */
export type HttpTask = Omit<z.infer<typeof Task>, 'ApiEndpoint' | 'Authentication' | 'InvocationConfig'> & {
  readonly url: URL;
  readonly connectionArn: string;
};

/**
 * Headers that a task must not set: they are the engine's own, or speak for somebody else.
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html
 */
const FORBIDDEN = new Set([
  ...['a-im', 'accept-charset', 'accept-datetime', 'accept-encoding', 'authorization', 'cache-control', 'connection'],
  ...['content-encoding', 'content-md5', 'date', 'expect', 'forwarded', 'from', 'host', 'http2-settings', 'if-match'],
  ...['if-modified-since', 'if-none-match', 'if-range', 'if-unmodified-since', 'max-forwards', 'origin', 'pragma'],
  ...['proxy-authorization', 'referer', 'server', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'via', 'warning'],
]);
const forbiddenPrefix = /^x-(forwarded|amz|amzn)-/;

const isForbidden = (name: string): boolean =>
  FORBIDDEN.has(name.toLowerCase()) || forbiddenPrefix.test(name.toLowerCase());

const urlOf = (endpoint: string): URL => {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:')
    throw runtime(`ApiEndpoint ${endpoint} is no HTTPS URL.`);
  // Whatever stands in a task stands in the history.
  if (url.username || url.password)
    throw runtime('ApiEndpoint has a password in it; a connection is the place for it.');
  return url;
};

/** Reads the parameters of an HTTP task. @throws HttpFailure `States.Runtime` */
export const readTask = (input: unknown): HttpTask => {
  const parsed = Task.safeParse(input);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw runtime(`HTTP task: ${issue?.path.join('.') || 'the parameters'}: ${issue?.message ?? 'not understood'}`);
  }
  const { ApiEndpoint, Authentication, InvocationConfig, ...task } = parsed.data;
  const forbidden = Object.keys(task.Headers).find(isForbidden);
  if (forbidden !== undefined) throw runtime(`The header ${forbidden} cannot be set by an HTTP task.`);
  const { ConnectionArn: connectionArn } = InvocationConfig ?? Authentication ?? {};
  if (connectionArn === undefined) {
    throw runtime('An HTTP task needs a connection: InvocationConfig.ConnectionArn or Authentication.ConnectionArn.');
  }
  return { ...task, url: urlOf(ApiEndpoint), connectionArn };
};
