import { Connection, connectionsOf } from '../../local/engine/http/connections.ts';
import { httpInvoke } from '../../local/engine/http/http-invoke.ts';
import { createReach } from '../../local/engine/http/reach.ts';
import type { CallService } from '../../local/stepfunctions/host.ts';
import type { JsonObject } from '../../local/stepfunctions/json.ts';
import { fakeClock } from './fake-clock.ts';

/** The ARN of a connection. */
export const arnOf = (name: string) => `arn:aws:events:us-east-1:111111111111:connection/${name}/0000`;
/** A connection by the key of an API. */
export const apiKey = {
  AuthorizationType: 'API_KEY',
  AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'X-Key', ApiKeyValue: 'key-that-is-secret' } },
};
/** A connection by a password. */
export const basic = {
  AuthorizationType: 'BASIC',
  AuthParameters: { BasicAuthParameters: { Username: 'ada', Password: 'password-of-ada' } },
};
const parameters = {
  HeaderParameters: [{ Key: 'x-mode', Value: 'connection' }],
  QueryStringParameters: [{ Key: 'q', Value: 'connection' }],
  BodyParameters: [{ Key: 'k', Value: 'connection' }],
};
const merging = {
  ...apiKey,
  AuthParameters: { ...apiKey.AuthParameters, InvocationHttpParameters: parameters },
};
/** A connection by tokens of a server. */
export const oauth = (url: string) => ({
  AuthorizationType: 'OAUTH_CLIENT_CREDENTIALS',
  AuthParameters: {
    OAuthParameters: {
      AuthorizationEndpoint: `${url}/token`,
      HttpMethod: 'POST',
      ClientParameters: { ClientID: 'me', ClientSecret: 'secret-of-mine' },
      OAuthHttpParameters: { BodyParameters: [{ Key: 'scope', Value: 'read' }] },
    },
  },
});

/** Calls APIs over connections, each for the first host that is asked unless it says for which, with a clock that the test turns. */
export const callerOf = (more: Record<string, unknown> = {}, opened = ['127.0.0.1']) => {
  const clock = fakeClock();
  const known = Object.entries({ key: apiKey, basic, merging, ...more });
  const callFor = (Hosts: readonly string[]) => {
    const parsed = known.map(([name, value]) => [name, Connection.parse({ Hosts, ...Object(value) })]);
    return httpInvoke({ reach: createReach(opened), connections: connectionsOf(Object.fromEntries(parsed)), clock });
  };
  let call: CallService | undefined;
  const { signal } = new AbortController();
  const asked = { service: 'http', action: 'Invoke', invocationId: 'i', signal };
  const invoke = (input: JsonObject, traceparent?: string) => {
    const url = String(input.ApiEndpoint);
    call ??= callFor([URL.canParse(url) ? new URL(url).host : ''].filter(Boolean));
    return call({ ...asked, input, traceparent });
  };
  return { clock, invoke };
};

/** The parameters of an HTTP task. */
export const task = (url: string, more: JsonObject = {}, connection = 'key'): JsonObject => ({
  ApiEndpoint: url,
  Method: 'GET',
  InvocationConfig: { ConnectionArn: arnOf(connection) },
  ...more,
});

/** The name of the error in an answer. */
export const failing = (answer: { ok: boolean; error?: string }) => (answer.ok ? 'none' : answer.error);
