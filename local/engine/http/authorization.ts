import * as z from 'zod';
import type { Connection } from './connections.ts';
import { HttpFailure } from './http-failure.ts';
import { sendRequest, type Wire } from './send-request.ts';

/** A header that authorizes a call, and the texts in it that nobody may see. */
export type Authorization = { readonly name: string; readonly value: string; readonly secrets: readonly string[] };

/** Makes headers of connections. */
export type Authorizer = {
  readonly authorize: (connection: Connection) => Promise<Authorization>;
  /** Forgets the token of a connection that was not accepted; false if it has none. */
  readonly forget: (connection: Connection) => boolean;
};

type OAuth = Extract<Connection, { AuthorizationType: 'OAUTH_CLIENT_CREDENTIALS' }>;
type Token = { readonly value: string; readonly endsAtMs: number };

const Answer = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().optional() });

/** A token that ends within this time is replaced before it is used. */
const MARGIN_MS = 60_000;

const basicOf = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

const deauthorized = (reason: string): HttpFailure =>
  new HttpFailure('Events.ConnectionResource.InvalidConnectionState', `The connection is not authorized: ${reason}`);

/** Asks for a token as RFC 6749 §4.4 has it, with what the connection adds. */
const requestOf = ({ AuthParameters }: OAuth) => {
  const { AuthorizationEndpoint, HttpMethod, ClientParameters, OAuthHttpParameters } = AuthParameters.OAuthParameters;
  const url = new URL(AuthorizationEndpoint);
  for (const { Key, Value } of OAuthHttpParameters.QueryStringParameters) url.searchParams.set(Key, Value);
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  for (const { Key, Value } of OAuthHttpParameters.BodyParameters) form.set(Key, Value);
  const headers: Record<string, string[]> = {
    'Content-Type': ['application/x-www-form-urlencoded'],
    Authorization: [basicOf(ClientParameters.ClientID, ClientParameters.ClientSecret)],
  };
  for (const { Key, Value } of OAuthHttpParameters.HeaderParameters) headers[Key] = [Value];
  if (HttpMethod !== 'GET') return { url, method: HttpMethod, headers, body: form.toString() };
  for (const [name, value] of form) url.searchParams.set(name, value);
  return { url, method: HttpMethod, headers };
};

const tokenOf = async (connection: OAuth, wire: Wire): Promise<Token> => {
  const request = requestOf(connection);
  const { host } = request.url;
  const answer = await sendRequest(request, wire);
  if (answer.status < 200 || answer.status > 299) throw deauthorized(`${host} answered ${answer.status}`);
  const parsed = Answer.safeParse(jsonOf(answer.body));
  if (!parsed.success) throw deauthorized(`${host} gave no access_token`);
  const { access_token, expires_in = 3600 } = parsed.data;
  return { value: access_token, endsAtMs: wire.clock.nowMs() + expires_in * 1000 };
};

const jsonOf = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
};

/** Makes headers of connections, and keeps tokens in memory while they last. */
export const createAuthorizer = (wire: Wire): Authorizer => {
  const tokens = new Map<Connection, Promise<Token>>();

  /** Who asks at the same time waits for the same token. */
  const current = async (connection: OAuth): Promise<Token> => {
    const asked = tokens.get(connection);
    if (asked === undefined) return ask(connection);
    const token = await asked;
    if (token.endsAtMs - MARGIN_MS > wire.clock.nowMs()) return token;
    if (tokens.get(connection) === asked) tokens.delete(connection);
    return current(connection);
  };

  const ask = (connection: OAuth): Promise<Token> => {
    const asked = tokenOf(connection, wire);
    tokens.set(connection, asked);
    asked.catch(() => tokens.delete(connection));
    return asked;
  };

  return {
    authorize: async (connection) => {
      if (connection.AuthorizationType === 'BASIC') {
        const { Username, Password } = connection.AuthParameters.BasicAuthParameters;
        const value = basicOf(Username, Password);
        return { name: 'Authorization', value, secrets: [Password, value.slice('Basic '.length)] };
      }
      if (connection.AuthorizationType === 'API_KEY') {
        const { ApiKeyName, ApiKeyValue } = connection.AuthParameters.ApiKeyAuthParameters;
        return { name: ApiKeyName, value: ApiKeyValue, secrets: [ApiKeyValue] };
      }
      const { value } = await current(connection);
      return { name: 'Authorization', value: `Bearer ${value}`, secrets: [value] };
    },
    forget: (connection) => tokens.delete(connection),
  };
};
