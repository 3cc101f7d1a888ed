import { Client, ReconnectionTimeMode } from '@stomp/stompjs';
import { type Broker, secretOf } from './brokers.ts';
import { openStompSocket, type StompSocket } from './stomp-socket.ts';

const firstRetryMs = 200;
const longestRetryMs = 10_000;
const connectWithinMs = 10_000;

/** What happens to the line to a broker. */
export type LineEvents = {
  /** Connected, and again after each break. */
  readonly onConnect: () => void;
  /** The line broke or could not be made; it is tried again. */
  readonly onBreak: (reason: string) => void;
};

/** A line to a broker that is made again by itself whenever it breaks. */
export type Line = {
  readonly client: Client;
  /** The socket of now. */
  readonly socket: () => StompSocket | undefined;
  readonly close: () => Promise<void>;
};

/** Opens a line: STOMP 1.2 or 1.1 with heart-beats; it is made again after 0.2 s, doubling to 10 s, with some chance. */
export const openLine = (broker: Broker, environment: Environment, { onConnect, onBreak }: LineEvents): Line => {
  let socket: StompSocket | undefined;
  let refusal: string | undefined;
  const { login, passcode, vhost, clientId, heartbeatMs } = broker;
  const client = new Client({
    webSocketFactory: () => {
      socket = openStompSocket(broker);
      refusal = undefined;
      return socket;
    },
    connectHeaders: {
      host: vhost ?? new URL(broker.url).hostname,
      ...(login === undefined ? {} : { login }),
      ...(passcode === undefined ? {} : { passcode: secretOf(passcode, environment) }),
      ...(clientId === undefined ? {} : { 'client-id': clientId }),
    },
    forceBinaryWSFrames: true,
    discardWebsocketOnCommFailure: true,
    heartbeatIncoming: heartbeatMs,
    heartbeatOutgoing: heartbeatMs,
    connectionTimeout: connectWithinMs,
    // Some chance, so that bridges that lost one broker together do not come back together.
    reconnectDelay: firstRetryMs + Math.floor(Math.random() * firstRetryMs),
    reconnectTimeMode: ReconnectionTimeMode.EXPONENTIAL,
    maxReconnectDelay: longestRetryMs,
    onConnect,
    onStompError: ({ headers, body }) => {
      refusal = `${headers.message ?? 'the broker refuses'}${body === '' ? '' : `: ${body.slice(0, 200)}`}`;
    },
    onWebSocketClose: () => onBreak(refusal ?? socket?.failure() ?? 'the line was closed'),
  });
  client.activate();
  return { client, socket: () => socket, close: () => client.deactivate({ force: true }) };
};

type Environment = Readonly<Record<string, string | undefined>>;
