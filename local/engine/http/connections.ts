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

/** A host as it stands in a URL: with its port, unless that is the usual one. */
const Host = z.string().transform((text, context) => {
  const url = /^[\w.:[\]-]+$/.test(text) && URL.canParse(`https://${text}`) ? new URL(`https://${text}`) : undefined;
  if (url !== undefined) return url.host;
  context.addIssue('is no host such as api.example or 127.0.0.1:8080');
  return z.NEVER;
});

/** Those that a connection may be used for. AWS has no such field: there, who may use a connection is a matter of IAM. */
const Hosts = z.array(Host).default([]);

const Basic = z.strictObject({
  Hosts,
  AuthorizationType: z.literal('BASIC'),
  AuthParameters: z.strictObject({
    BasicAuthParameters: z.strictObject({ Username: z.string(), Password: z.string() }),
    InvocationHttpParameters,
  }),
});

const ApiKey = z.strictObject({
  Hosts,
  AuthorizationType: z.literal('API_KEY'),
  AuthParameters: z.strictObject({
    ApiKeyAuthParameters: z.strictObject({ ApiKeyName: z.string().min(1), ApiKeyValue: z.string() }),
    InvocationHttpParameters,
  }),
});

const OAuth = z.strictObject({
  Hosts,
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

/** A use of a connection that the operator has written down elsewhere. */
export type NamedUse = { readonly arn: string; readonly host: string };

const nameIn = (arn: string): string => connectionArn.exec(arn)?.[1] ?? '';

/** Connections that are known by their whole ARN, or by the name in it; what they are named for elsewhere they may do. */
export const connectionsOf = (
  known: Readonly<Record<string, Connection>>,
  uses: readonly NamedUse[] = [],
): Connections => {
  const byName = new Map<string, Connection>();
  for (const [key, connection] of Object.entries(known)) {
    const named = uses.filter(({ arn }) => key === arn || key === nameIn(arn)).map(({ host }) => host);
    byName.set(key, { ...connection, Hosts: [...connection.Hosts, ...named] });
  }
  return (arn) => byName.get(arn) ?? byName.get(nameIn(arn));
};

/** Why a connection's secret must not be sent to where a URL leads; `undefined` if it may. */
export const misuseOf = ({ Hosts: hosts }: Connection, arn: string, { host }: URL): string | undefined => {
  if (hosts.includes(host)) return undefined;
  const bound = hosts.length === 0 ? 'names no host that it may be used for' : `is for ${hosts.join(', ')}`;
  return `Connection ${arn} ${bound}, not for ${host}. If it should be, add "${host}" to its "Hosts" in the file of --connections.`;
};

/** Reads connections from a JSON file: one object, each by its ARN or name. @throws if a part is not understood; no value is shown */
export const readConnections = async (path: string, uses: readonly NamedUse[] = []): Promise<Connections> => {
  const parsed = z.record(z.string(), Connection).safeParse(parse(await readFile(path, 'utf8'), path));
  if (parsed.success) return connectionsOf(parsed.data, uses);
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
