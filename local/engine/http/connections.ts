import { readFile } from 'node:fs/promises';
import * as z from 'zod';

const Parameters = z
  .array(z.object({ Key: z.string(), Value: z.string(), IsValueSecret: z.boolean().optional() }))
  .default([]);

const HttpParameters = z.strictObject({
  HeaderParameters: Parameters,
  QueryStringParameters: Parameters,
  BodyParameters: Parameters,
});

const none = { HeaderParameters: [], QueryStringParameters: [], BodyParameters: [] };
const InvocationHttpParameters = HttpParameters.default(none);

const Basic = z.strictObject({
  AuthorizationType: z.literal('BASIC'),
  AuthParameters: z.strictObject({
    BasicAuthParameters: z.strictObject({ Username: z.string(), Password: z.string() }),
    InvocationHttpParameters,
  }),
});

const ApiKey = z.strictObject({
  AuthorizationType: z.literal('API_KEY'),
  AuthParameters: z.strictObject({
    ApiKeyAuthParameters: z.strictObject({ ApiKeyName: z.string().min(1), ApiKeyValue: z.string() }),
    InvocationHttpParameters,
  }),
});

const OAuth = z.strictObject({
  AuthorizationType: z.literal('OAUTH_CLIENT_CREDENTIALS'),
  AuthParameters: z.strictObject({
    OAuthParameters: z.strictObject({
      AuthorizationEndpoint: z.url(),
      HttpMethod: z.enum(['GET', 'POST', 'PUT']),
      ClientParameters: z.strictObject({ ClientID: z.string(), ClientSecret: z.string() }),
      OAuthHttpParameters: HttpParameters.default(none),
    }),
    InvocationHttpParameters,
  }),
});

/** What authorizes calls of an API, as EventBridge's CreateConnection takes it. */
export const Connection = z.discriminatedUnion('AuthorizationType', [Basic, ApiKey, OAuth]);

/** What authorizes calls of an API. */
export type Connection = z.infer<typeof Connection>;

/** Headers, query and body that a connection adds to a call. */
export type HttpParameters = z.infer<typeof HttpParameters>;

/** Finds the connection of an ARN. */
export type Connections = (arn: string) => Connection | undefined;

const connectionArn = /^arn:[^:]+:events:[^:]*:[^:]*:connection\/([^/]+)(?:\/.+)?$/;

/** Whether a text is the ARN of a connection. */
export const isConnectionArn = (text: string): boolean => connectionArn.test(text);

/** Connections that are known by their whole ARN, or by the name in it. */
export const connectionsOf = (known: Readonly<Record<string, Connection>>): Connections => {
  const byName = new Map(Object.entries(known));
  return (arn) => byName.get(arn) ?? byName.get(connectionArn.exec(arn)?.[1] ?? '');
};

/** Reads connections from a JSON file: one object, each by its ARN or name. @throws if a part is not understood; no value is shown */
export const readConnections = async (path: string): Promise<Connections> => {
  const parsed = z.record(z.string(), Connection).safeParse(parse(await readFile(path, 'utf8'), path));
  if (parsed.success) return connectionsOf(parsed.data);
  const issues = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`${path} does not say connections as EventBridge does. ${issues.join('; ')}`);
};

const parse = (text: string, path: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    // What the parser says would quote the text, and with it a secret.
    throw new Error(`${path} is not JSON.`);
  }
};
