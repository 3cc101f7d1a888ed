import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@stomp/stompjs';
import { type Broker, secretOf } from './brokers.ts';
import { openStompSocket, type StompSocket } from './stomp-socket.ts';

const firstRetryMs = 200;
const longestRetryMs = 10_000;
const connectWithinMs = 10_000;
const closeWithinMs = 2_000;

/** What a line needs besides the broker, and whom it tells. */
export type LineOptions = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Connected, and again after each break. */
  readonly onConnect: () => void;
  /** The line broke or could not be made, for so many times in a row; it is tried again. */
  readonly onBreak: (reason: string, tries: number) => void;
  /** Waits before the next try. */
  readonly pause?: ((tries: number, signal: AbortSignal) => Promise<void>) | undefined;
};

/** A line to a broker that is made again by itself whenever it breaks. */
export type Line = {
  readonly client: Client;
  /** The socket of now. */
  readonly socket: () => StompSocket | undefined;
  /** Says good-bye, so that what was acknowledged arrives; returns when the line is closed. */
  readonly close: () => Promise<void>;
};

/** 0.2 s, doubling to 10 s; half of it by chance, so that bridges that lost one broker together do not come back together. */
const pauseLonger = async (tries: number, signal: AbortSignal): Promise<void> => {
  const mostMs = Math.min(firstRetryMs * 2 ** Math.min(tries, 10), longestRetryMs);
  await sleep(mostMs * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => undefined);
};

/** The headers of CONNECT. Throws if the passcode cannot be read. */
const connectHeadersOf = (
  { url, login, passcode, vhost, clientId }: Broker,
  environment: LineOptions['environment'],
): Record<string, string> => ({
  host: vhost ?? new URL(url).hostname,
  ...(login === undefined ? {} : { login }),
  ...(passcode === undefined ? {} : { passcode: secretOf(passcode, environment) }),
  ...(clientId === undefined ? {} : { 'client-id': clientId }),
});

/** What a broker says when it refuses, on one line and without the secret that it may repeat. */
const refusalOf = (message: string | undefined, body: string, secret: string | undefined): string => {
  const said = [message ?? 'the broker refuses', body.slice(0, 200)].filter((text) => text.trim() !== '').join(': ');
  return (secret === undefined ? said : said.replaceAll(secret, '***')).replaceAll(/\s+/g, ' ').trim();
};

/** Opens a line: STOMP 1.2 or 1.1 with heart-beats, made again after a pause that grows while no line lasts. */
export const openLine = (
  broker: Broker,
  { environment, onConnect, onBreak, pause = pauseLonger }: LineOptions,
): Line => {
  const closing = new AbortController();
  let socket: StompSocket | undefined;
  let tries = 0;
  let lastsFromMs = Number.POSITIVE_INFINITY;
  let late: NodeJS.Timeout | undefined;
  const connect = (): StompSocket => {
    const opened = openStompSocket(broker);
    socket = opened;
    late = setTimeout(() => opened.fail(`no answer within ${connectWithinMs / 1000} s`), connectWithinMs);
    try {
      client.connectHeaders = connectHeadersOf(broker, environment);
    } catch (thrown) {
      opened.fail(thrown instanceof Error ? thrown.message : String(thrown));
    }
    return opened;
  };
  const client = new Client({
    beforeConnect: () => (tries === 0 ? Promise.resolve() : pause(tries, closing.signal)),
    webSocketFactory: connect,
    forceBinaryWSFrames: true,
    discardWebsocketOnCommFailure: true,
    heartbeatIncoming: broker.heartbeatMs,
    heartbeatOutgoing: broker.heartbeatMs,
    reconnectDelay: 1,
    onConnect: () => {
      clearTimeout(late);
      lastsFromMs = performance.now();
      onConnect();
    },
    onHeartbeatLost: () => socket?.fail('no heart-beat came in time'),
    // The protocol has the broker close the line now; not every one does.
    onStompError: ({ headers, body }) => socket?.fail(refusalOf(headers.message, body, client.connectHeaders.passcode)),
    onWebSocketClose: () => {
      clearTimeout(late);
      if (closing.signal.aborted) return;
      // A broker that accepts a line and breaks it at once is not asked again at once.
      tries = performance.now() - lastsFromMs >= longestRetryMs ? 1 : tries + 1;
      lastsFromMs = Number.POSITIVE_INFINITY;
      onBreak(socket?.failure() ?? 'the line was closed', tries);
    },
  });
  client.activate();
  const close = async (): Promise<void> => {
    closing.abort();
    const force = setTimeout(() => void client.deactivate({ force: true }), closeWithinMs);
    await client.deactivate();
    clearTimeout(force);
    clearTimeout(late);
  };
  return { client, socket: () => socket, close };
};
