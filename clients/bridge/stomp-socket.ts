import { readFileSync } from 'node:fs';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { IStompSocket } from '@stomp/stompjs';
import type { Broker } from './brokers.ts';

/** A socket as the STOMP library wants it, over TCP or TLS, which can be held. */
export type StompSocket = IStompSocket & {
  /** Reads nothing until it is let go: then the broker's own buffer fills. */
  readonly hold: () => void;
  readonly letGo: () => void;
  /** What broke it; undefined if it was closed. */
  readonly failure: () => string | undefined;
};

const states = { connecting: 0, open: 1, closing: 2, closed: 3 } as const;
const plainPort = 61_613;
const tlsPort = 61_612;

const open = ({ url, tls }: Broker): { readonly socket: Socket; readonly ready: 'connect' | 'secureConnect' } => {
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

/** Connects to a broker. What goes wrong closes the socket, and `failure` says what it was. */
export const openStompSocket = (broker: Broker): StompSocket => {
  let state: number = states.connecting;
  let failure: string | undefined;
  const { socket, ready } = open(broker);
  socket.setNoDelay(true);
  const end = (to: number): void => {
    state = to;
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
    close: () => {
      end(states.closing);
      socket.end();
    },
    terminate: () => {
      end(states.closing);
      socket.destroy();
    },
    send: (data) => {
      if (typeof data === 'string' || data instanceof Uint8Array) socket.write(data);
    },
    hold: () => socket.pause(),
    letGo: () => socket.resume(),
    failure: () => failure,
  };
  socket.on(ready, () => {
    state = states.open;
    stomp.onopen?.();
  });
  // The bytes of a view are not the whole of the buffer below it.
  socket.on('data', (bytes) => stomp.onmessage?.({ data: new Uint8Array(bytes) }));
  socket.on('error', (error) => {
    failure = error.message;
    stomp.onerror?.(error);
  });
  socket.on('close', () => {
    end(states.closed);
    stomp.onclose?.({ code: 1000, reason: failure ?? 'closed', wasClean: failure === undefined });
  });
  return stomp;
};
