import { isObject, type Json } from '../../stepfunctions/json.ts';
import type { Authorization } from './authorization.ts';
import type { Connection } from './connections.ts';
import { formOf } from './form-encoding.ts';
import { runtime } from './http-failure.ts';
import type { HttpTask } from './http-task.ts';
import type { HttpRequest } from './send-request.ts';

type RequestFields = Omit<HttpTask, 'connectionArn'>;
type Named = readonly { readonly Key: string; readonly Value: string }[];

/** Headers by name without regard to case: the later ones win. */
const mergedHeaders = (
  ...sets: readonly (readonly (readonly [string, readonly string[]])[])[]
): HttpRequest['headers'] => {
  const byName = new Map<string, readonly [string, readonly string[]]>();
  for (const set of sets) for (const entry of set) byName.set(entry[0].toLowerCase(), entry);
  return Object.fromEntries(byName.values());
};

const asHeaders = (parameters: Named) => parameters.map(({ Key, Value }) => [Key, [Value]] as const);

const withQuery = (task: RequestFields, parameters: Named): URL => {
  const url = new URL(task.url);
  if (task.QueryParameters.length === 0 && parameters.length === 0) return url;
  for (const [name, value] of task.QueryParameters) url.searchParams.append(name, value);
  for (const { Key, Value } of parameters) url.searchParams.set(Key, Value);
  url.search = url.searchParams.toString().replaceAll('+', '%20');
  return url;
};

const mergedBody = (body: Json | undefined, parameters: Named): Json | undefined => {
  if (parameters.length === 0) return body;
  if (body !== undefined && !isObject(body)) {
    throw runtime('RequestBody is no object, so the body parameters of the connection cannot be merged into it.');
  }
  return { ...body, ...Object.fromEntries(parameters.map(({ Key, Value }) => [Key, Value])) };
};

const bodyText = (body: Json | undefined, { RequestBodyEncoding, RequestEncodingOptions }: HttpTask['Transform']) => {
  if (body === undefined || body === null) return undefined;
  if (RequestBodyEncoding === 'URL_ENCODED') return formOf(body, RequestEncodingOptions.ArrayFormat);
  return typeof body === 'string' ? body : JSON.stringify(body);
};

const CONTENT_TYPES = { NONE: 'application/json; charset=UTF-8', URL_ENCODED: 'application/x-www-form-urlencoded' };

/** Whose authority a request has, and what else every one of its kind has. */
export type Sender = {
  readonly connection?: Connection | undefined;
  readonly authorization?: Authorization | undefined;
  readonly headers: Readonly<Record<string, string>>;
};

/** The request of a task: what its connection says wins over what the task says. */
export const mergeRequest = (task: RequestFields, { connection, authorization, headers }: Sender): HttpRequest => {
  const parameters = connection?.AuthParameters.InvocationHttpParameters;
  const body = bodyText(mergedBody(task.RequestBody, parameters?.BodyParameters ?? []), task.Transform);
  const type = CONTENT_TYPES[task.Transform.RequestBodyEncoding];
  const all = mergedHeaders(
    body === undefined ? [] : [['Content-Type', [type]]],
    Object.entries(task.Headers),
    asHeaders(parameters?.HeaderParameters ?? []),
    authorization ? [[authorization.name, [authorization.value]]] : [],
    Object.entries(headers).map(([name, value]) => [name, [value]] as const),
  );
  return { url: withQuery(task, parameters?.QueryStringParameters ?? []), method: task.Method, headers: all, body };
};
