import { type LookupAddress, lookup as systemLookup } from 'node:dns';
import { type Agent, type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Clock } from '#ports/clock';
import { hasCode } from '../disk.ts';
import type { Reach } from './reach.ts';

/** Headers by name, each with its values. */
export type Headers = Readonly<Record<string, readonly string[]>>;

/** A request as it goes out. */
export type HttpRequest = {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body?: string | undefined;
};

/** An answer as it came in; names of headers are as the server wrote them. */
export type HttpAnswer = {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly body: Buffer;
};

/** Finds the addresses of a host. */
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;

/** How requests are sent: to whom they may go, for how long, and how much of an answer is read. */
export type Wire = {
  readonly reach: Reach;
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly limitBytes: number;
  /** Plain HTTP goes only to what is opened. */
  readonly isTlsOnly?: boolean;
  readonly resolve?: Resolve;
  /** Keeps connections open; without it none is shared. */
  readonly agent?: Agent;
};

/** A request that must not be sent where it would go. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** No whole answer came in time. */
export class TimedOut extends Error {
  override readonly name = 'TimedOut';
}

/** An answer that is larger than what is read. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

const bySystem: Resolve = (host) =>
  new Promise((resolve, reject) =>
    systemLookup(host, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses))),
  );

const refusalOf = ({ reach, isTlsOnly }: Wire, { protocol }: URL, host: string, address: string) =>
  isTlsOnly && protocol !== 'https:' && !reach.isOpened(host, address)
    ? `${host} is asked without TLS. Use https, or open it with --allow-private-http.`
    : reach.refusal(host, address);

/** The addresses that may be connected to. What is checked is what is connected to, so a name cannot change in between. */
const reachable = async (wire: Wire, url: URL, host: string): Promise<LookupAddress[]> => {
  const found = isIP(host) ? [{ address: host, family: isIP(host) }] : await (wire.resolve ?? bySystem)(host);
  const refusals = found.map(({ address }) => refusalOf(wire, url, host, address));
  const allowed = found.filter((_, at) => refusals[at] === undefined);
  if (allowed.length === 0) throw new Refused(refusals[0] ?? `${host} has no address.`);
  return allowed;
};

const answerHeaders = (raw: readonly string[]): Headers => {
  const byName = new Map<string, { name: string; values: string[] }>();
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? '';
    const entry = byName.get(name.toLowerCase()) ?? { name, values: [] };
    entry.values.push(raw[at + 1] ?? '');
    byName.set(name.toLowerCase(), entry);
  }
  return Object.fromEntries([...byName.values()].map(({ name, values }) => [name, values]));
};

const readAnswer = async (message: IncomingMessage, limitBytes: number): Promise<HttpAnswer> => {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of message) {
    const bytes = Buffer.from(chunk);
    sizeBytes += bytes.length;
    if (sizeBytes > limitBytes) throw new TooLarge(`The answer is larger than ${limitBytes} bytes.`);
    chunks.push(bytes);
  }
  return {
    status: message.statusCode ?? 0,
    statusText: message.statusMessage ?? '',
    headers: answerHeaders(message.rawHeaders),
    body: Buffer.concat(chunks),
  };
};

const exchange = (request: HttpRequest, addresses: LookupAddress[], wire: Wire, signal: AbortSignal) =>
  new Promise<HttpAnswer>((resolve, reject) => {
    const { url, method, headers, body = '' } = request;
    const [first] = addresses;
    // In a turn of its own, as a resolver's answer comes: a connection that fails at once would fail before anybody listens.
    const lookup: LookupFunction = (_host, { all }, found) =>
      setImmediate(() => (all ? found(null, addresses) : found(null, first?.address ?? '', first?.family)));
    const length = body === '' && ['GET', 'HEAD', 'OPTIONS', 'DELETE'].includes(method) ? {} : contentLength(body);
    const options = {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port,
      path: `${url.pathname}${url.search}`,
      method,
      headers: { ...headers, ...length },
      lookup,
      signal,
      // Never the global agent, which might ask a proxy of the environment.
      agent: wire.agent ?? false,
    };
    const call = url.protocol === 'https:' ? tlsRequest : plainRequest;
    const out = call(options, (message) => readAnswer(message, wire.limitBytes).then(resolve, reject));
    out.on('error', (error) => {
      // The server had closed a kept connection just then: it has seen nothing of this request.
      if (out.reusedSocket && hasCode(error, 'ECONNRESET'))
        exchange(request, addresses, wire, signal).then(resolve, reject);
      else reject(error);
    });
    out.end(body);
  });

const contentLength = (body: string) => ({ 'content-length': [String(Buffer.byteLength(body))] });

/**
 * Sends one request and reads its answer. Redirects are answers like others: nobody is followed.
 * @throws Refused, TimedOut, TooLarge, or what the socket says
 */
export const sendRequest = async (request: HttpRequest, wire: Wire, signal?: AbortSignal): Promise<HttpAnswer> => {
  const { clock, timeoutMs } = wire;
  const late = new AbortController();
  const cancel = clock.at(clock.nowMs() + timeoutMs, () => late.abort());
  try {
    const host = request.url.hostname.replace(/^\[|\]$/g, '');
    const addresses = await reachable(wire, request.url, host);
    return await exchange(request, addresses, wire, signal ? AbortSignal.any([late.signal, signal]) : late.signal);
  } catch (error) {
    if (late.signal.aborted) throw new TimedOut(`${request.url.host} gave no whole answer in ${timeoutMs / 1000} s.`);
    throw error;
  } finally {
    cancel();
  }
};
