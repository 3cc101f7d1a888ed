import type { Clock } from '#ports/clock';
import { createAuthorizer } from '../engine/http/authorization.ts';
import { type Connection, type Connections, misuseOf } from '../engine/http/connections.ts';
import { mergeRequest } from '../engine/http/merge-request.ts';
import type { Reach } from '../engine/http/reach.ts';
import { type HttpAnswer, Refused, type Resolve, sendRequest, type Wire } from '../engine/http/send-request.ts';
import { parseJson } from '../stepfunctions/json.ts';
import type { WebPlace } from './delivery.ts';

/** Whom deliveries over the web may reach, and by whose authority. */
export type WebOptions = {
  readonly clock: Clock;
  readonly reach: Reach;
  readonly connections: Connections;
  readonly resolve?: Resolve;
};

/** Sends one delivery. @throws Declined, Refused, or what the socket says */
export type SendToWeb = (place: WebPlace, body: string, signal: AbortSignal) => Promise<void>;

/** An answer that says no. */
export class Declined extends Error {
  override readonly name = 'Declined';
  readonly isForGood: boolean;
  /** When to come again, if it said so. */
  readonly afterS: number | undefined;
  constructor({ status, headers }: HttpAnswer, host: string) {
    super(`${host} answered ${status}`);
    this.isForGood = status >= 300 && status < 500 && !COME_AGAIN.has(status);
    const after = Object.entries(headers).find(([name]) => name.toLowerCase() === 'retry-after')?.[1][0];
    this.afterS = /^\d{1,6}$/.test(after ?? '') ? Number(after) : undefined;
  }
}

/** Who is asked, who is known, and who is busy may answer otherwise later. */
const COME_AGAIN = new Set([401, 407, 408, 409, 429]);
const TOKEN_REFUSED = new Set([401, 407]);
const TIMEOUT_MS = 15_000;
const LIMIT_BYTES = 65_536;

const TRANSFORM = { RequestBodyEncoding: 'NONE', RequestEncodingOptions: { ArrayFormat: 'INDICES' } } as const;

/** What is sent, but for what a connection adds; a body that parameters are merged into is its value. */
const requestOf = ({ url, method }: WebPlace, body: string, connection: Connection | undefined) => ({
  ...{ url: new URL(url), Method: method, Headers: {}, QueryParameters: [], Transform: TRANSFORM },
  RequestBody: connection?.AuthParameters.InvocationHttpParameters.BodyParameters.length
    ? (parseJson(body) ?? body)
    : body,
});

/** Makes what sends deliveries over the web; tokens of connections are kept while they last. */
export const createWebSender = ({ clock, reach, connections, resolve }: WebOptions): SendToWeb => {
  const limits = { timeoutMs: TIMEOUT_MS, limitBytes: LIMIT_BYTES, isTlsOnly: true };
  const wire: Wire = { reach, clock, ...limits, ...(resolve && { resolve }) };
  const authorizer = createAuthorizer(wire);

  const connectionOf = ({ connectionArn, url }: WebPlace): Connection | undefined => {
    if (connectionArn === undefined) return undefined;
    const connection = connections(connectionArn);
    if (!connection) throw new Refused(`Connection ${connectionArn} does not exist`);
    const misuse = misuseOf(connection, connectionArn, new URL(url));
    if (misuse !== undefined) throw new Refused(misuse);
    return connection;
  };

  return async (place, body, signal) => {
    const connection = connectionOf(place);
    const authorization = connection && (await authorizer.authorize(connection));
    const { headers } = place;
    const request = mergeRequest(requestOf(place, body, connection), { connection, authorization, headers });
    const answer = await sendRequest(request, wire, signal);
    if (answer.status >= 200 && answer.status < 300) return;
    if (connection && TOKEN_REFUSED.has(answer.status)) authorizer.forget(connection);
    throw new Declined(answer, request.url.host);
  };
};
