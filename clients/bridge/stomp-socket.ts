import { readFileSync } from 'node:fs';
import { connect as connectTcp, isIP, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { IStompSocket } from '@stomp/stompjs';
import type { Broker } from './brokers.ts';
import { createFramer } from './stomp-framing.ts';

/** A socket as the STOMP library wants it, over TCP or TLS, which can be held. */
export type StompSocket = IStompSocket & {
  /** Reads nothing until it is let go: then the broker's own buffer fills. */
  readonly hold: () => void;
  readonly letGo: () => void;
  /** Breaks it at once, for a reason. */
  readonly fail: (reason: string) => void;
  /** What broke it; undefined if it was closed. */
  readonly failure: () => string | undefined;
};

const states = { connecting: 0, open: 1, closing: 2, closed: 3 } as const;
const plainPort = 61_613;
const tlsPort = 61_612;
const probeAfterMs = 30_000;

type Opened = { readonly socket: Socket; readonly ready: 'connect' | 'secureConnect' };

const open = ({ url, tls }: Broker): Opened => {
  const { protocol, hostname, port } = new URL(url);
  const isTls = protocol === 'stomp+ssl:';
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const at = { host, port: port === '' ? (isTls ? tlsPort : plainPort) : Number(port) };
  if (!isTls) return { socket: connectTcp(at), ready: 'connect' };
  const { caFile, certFile, keyFile, serverName = isIP(host) ? undefined : host } = tls;
  const socket = connectTls({
    ...at,
    ...(serverName === undefined ? {} : { servername: serverName }),
    ...(caFile === undefined ? {} : { ca: readFileSync(caFile) }),
    ...(certFile === undefined ? {} : { cert: readFileSync(certFile) }),
    ...(keyFile === undefined ? {} : { key: readFileSync(keyFile) }),
  });
  return { socket, ready: 'secureConnect' };
};

/** A file that cannot be read breaks the line, as a broker that is away does: it is tried again, and holds up no other. */
const openOrBreak = (broker: Broker): Opened => {
  try {
    return open(broker);
  } catch (thrown) {
    const socket = new Socket();
    socket.destroy(thrown instanceof Error ? thrown : new Error(String(thrown)));
    return { socket, ready: 'connect' };
  }
};

/** Connects to a broker. What goes wrong closes the socket, and `failure` says what it was. */
export const openStompSocket = (broker: Broker): StompSocket => {
  let state: number = states.connecting;
  let failure: string | undefined;
  let held: NodeJS.Timeout | undefined;
  const { socket, ready } = openOrBreak(broker);
  const framer = createFramer();
  socket.setNoDelay(true);
  socket.setKeepAlive(true, probeAfterMs);
  const hear = (data: Uint8Array): void => stomp.onmessage?.({ data });
  const letGo = (): void => {
    clearInterval(held);
    held = undefined;
    socket.resume();
  };
  const end = (to: number, close: () => void): void => {
    state = to;
    clearInterval(held);
    close();
  };
  const stomp: StompSocket = {
    url: broker.url,
    onclose: null,
    onerror: null,
    onmessage: null,
    onopen: null,
    get readyState() {
      return state;
    },
    close: () => end(states.closing, () => socket.end()),
    terminate: () => end(states.closing, () => socket.destroy()),
    send: (data) => {
      if (typeof data === 'string' || data instanceof Uint8Array) socket.write(data);
    },
    hold: () => {
      socket.pause();
      // Nobody listens, so the broker's silence means nothing.
      if (broker.heartbeatMs > 0) held ??= setInterval(() => hear(new Uint8Array()), broker.heartbeatMs / 2);
    },
    letGo,
    fail: (reason) => {
      failure ??= reason;
      end(states.closing, () => socket.destroy());
    },
    failure: () => failure,
  };
  socket.on(ready, () => {
    state = states.open;
    stomp.onopen?.();
  });
  socket.on('data', (bytes) => {
    try {
      framer.push(bytes, hear);
    } catch (thrown) {
      stomp.fail(thrown instanceof Error ? thrown.message : String(thrown));
    }
  });
  socket.on('error', (error) => {
    failure ??= error.message;
    stomp.onerror?.(error);
  });
  socket.on('close', () => {
    end(states.closed, () => undefined);
    stomp.onclose?.({ code: 1000, reason: failure ?? 'closed', wasClean: failure === undefined });
  });
  return stomp;
};
